# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# kind=debian: a kernel as Debian ships it, unpacked from its packages.
# The table names two meta packages, image= and headers=, and the Debian suites= that have them if
# these are not the host's. With chroot=yes the headers' programs do not run on the host, so modules
# are built in a tree of that suite, with its compiler.
# shellcheck disable=SC2154 # set by the table

kernel_key() {
	local version
	version=$(remembered_version "$headers")
	echo "${version:+$version-$(checksum "$TOOLS/vm.d/kernel-debian.sh")}"
}

kernel_what() {
	echo "kernel $name: fetching ${key%-*} from Debian${suites:+, $suites} (up to a minute)"
}

# only WHAT TEXT: TEXT, which must be one line.
only() {
	[ "$(wc -w <<<"$2")" = 1 ] || die "kernel $name: not one $1 but: ${2:-none}"
	echo "$2"
}

# The headers, so that they can live anywhere: their Makefiles name /usr/src.
unpack_headers() {
	local out=$1 header=$2 parts
	mapfile -t parts < <(deb_depends "$header" 'linux-(headers-.*-common|kbuild-.*)')
	deb_extract "$out/headers" "$header" "${parts[@]}"
	sed -i 's#/usr/src/#../#g' "$out/headers/usr/src/$header/Makefile"
	ln -s "headers/usr/src/$header" "$out/build"
}

# The kernel's script that tells whether sparse is fit for use, which Debian's headers lack. Without it
# sparse never runs; what is in sid is fit, and make check sees to it that it ran.
add_checker_valid() {
	local script
	script=$(echo "$1"/usr/lib/linux-kbuild-*/scripts)/checker-valid.sh
	[ -e "$script" ] && return
	printf '#!/bin/sh\necho 1\n' | as_root tee "$script" >/dev/null
	as_root chmod 755 "$script"
}

# A tree with the headers, make, the compiler and sparse; Kbuild's path inside it is build's target.
make_chroot() {
	local out=$1 header=$2
	need vm
	apt-config dump Acquire >"$out/apt.conf"
	as_root mmdebstrap --mode=root --variant=essential --format=directory --quiet \
		--include="make,sparse,$header" --aptopt="$out/apt.conf" \
		--dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		"${suites##* }" "$out/chroot" - <"$APT_SOURCES"
	as_root mkdir -p "$out/chroot/src"
	add_checker_valid "$out/chroot"
	ln -s "chroot/usr/src/$header" "$out/build"
}

unpack_image() {
	local out=$1 image=$2 tree=$1/image parts file
	mapfile -t parts < <(deb_depends "$image" 'linux-(base|binary|modules)-.*')
	deb_extract "$tree" "$image" "${parts[@]}"
	[ -d "$tree/lib/modules" ] || mv "$tree/usr/lib" "$tree/lib"
	file=$(find "$tree" -name 'vmlinuz*' -type f)
	mv "$(only 'kernel image' "$file")" "$out/vmlinuz"
	basename "$tree"/lib/modules/* >"$out/release"
	pack_modules "$tree" "$out"
	rm -r "$tree"
}

kernel_build() {
	local out=$1 img hdr
	[ -z "$suites" ] || use_suites
	img=$(only package "$(deb_depends "$image" 'linux-image-.*')")
	hdr=$(only package "$(deb_depends "$headers" 'linux-headers-.*')")
	if [ -n "$chroot" ]; then make_chroot "$out" "$hdr"; else unpack_headers "$out" "$hdr"; fi
	unpack_image "$out" "$img"
}
