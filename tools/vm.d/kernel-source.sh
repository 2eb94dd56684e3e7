# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# kind=source: a kernel built from Debian's source package (source=), configured as `tinyconfig`
# plus the fragment tools/kernels/$config.
# shellcheck disable=SC2154 # set by the table

kernel_key() {
	local version recipe
	version=$(remembered_version "$source")
	recipe=$(checksum "$TOOLS/kernels/$config" "$TOOLS/vm.d/kernel-source.sh")
	echo "${version:+$version-$recipe}"
}

kernel_what() {
	echo "kernel $name: building from Debian's $source (4 to 12 minutes, once)"
}

# Keep what modules are built against, as scripts/package/builddeb does, and drop the rest.
keep_headers() {
	local keep=$1
	mkdir "$keep"
	{
		find . arch/x86 -maxdepth 1 -name 'Makefile*'
		find include scripts arch/x86/include -type f -o -type l
		find arch/x86 -name Kbuild.platforms -o -name Platform
		[ ! -d tools/objtool ] || find tools/objtool -maxdepth 1 -type f -perm -100
		echo .config
		echo Module.symvers
	} | cpio --quiet -pd "$keep"
}

kernel_build() {
	local out=$1 tree make
	need kernel
	deb_extract "$out/src" "$source"
	tar -C "$out/src" -xf "$out/src/usr/src/$source.tar.xz"
	tree=$out/src/$source
	make=(nice -n 19 make -s -j"$(nproc)" CC="$cc" HOSTCC="$cc")
	(
		cd "$tree" || exit
		"${make[@]}" tinyconfig
		./scripts/kconfig/merge_config.sh -m .config "$TOOLS/kernels/$config"
		"${make[@]}" olddefconfig
		check_config .config
		"${make[@]}" bzImage modules
		"${make[@]}" INSTALL_MOD_PATH="$out/image" modules_install
		"${make[@]}" kernelrelease >"$out/release"
		cp arch/x86/boot/bzImage "$out/vmlinuz"
		keep_headers "$out/build"
	)
	pack_modules "$out/image" "$out"
	rm -r "$out/image" "$out/src"
}

# An option that Kconfig silently dropped would make this kernel find less than it promises.
check_config() {
	local line lost=0
	while read -r line; do
		grep -qxF "$line" "$1" || { echo "not in the configuration: $line"; lost=1; }
	done < <(grep '=y$' "$TOOLS/kernels/$config")
	[ "$lost" = 0 ] || die "kernel $name: options of tools/kernels/$config were dropped"
}
