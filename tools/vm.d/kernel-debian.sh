# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# kind=debian: a kernel as Debian ships it, unpacked from its packages.
# The table names two meta packages, image= and headers=.
# shellcheck disable=SC2154 # set by the table

kernel_key() { remembered_version "$headers"; }

kernel_what() { echo "kernel $name: fetching $key from Debian (about 15 s)"; }

kernel_build() {
	local out=$1 img hdr common kbuild dir
	img=$(deb_depends "$image" 'linux-image-.*')
	hdr=$(deb_depends "$headers" 'linux-headers-.*')
	common=$(deb_depends "$hdr" 'linux-headers-.*-common')
	kbuild=$(deb_depends "$hdr" 'linux-kbuild-.*')
	deb_extract "$out/headers" "$hdr" "$common" "$kbuild"
	deb_extract "$out/image" "$img-unsigned"
	mv "$out"/image/boot/vmlinuz-* "$out/vmlinuz"
	dir=$(echo "$out"/image/lib/modules/*)
	basename "$dir" >"$out/release"
	pack_modules "$out/image" "$out"
	rm -r "$out/image"
	# The headers' Makefile names /usr/src; make it relative, so that the tree can live anywhere.
	sed -i 's#/usr/src/#../#g' "$out/headers/usr/src/$hdr/Makefile"
	ln -s "headers/usr/src/$hdr" "$out/build"
}
