# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# kind=uml: like kind=source, but for ARCH=um: `vmlinuz` is a program of the host.
# shellcheck disable=SC2154,SC2034 # set by the table; used by tools/vm.d/kernel
# shellcheck source=tools/vm.d/kernel-source.sh
. "$TOOLS/vm.d/kernel-source.sh"

BOOT_MODULES=() # all is built in

kernel_key() {
	local version recipe
	version=$(remembered_version "$source")
	recipe=$(checksum "$TOOLS/kernels/$config" "$TOOLS"/vm.d/kernel-{source,uml}.sh)
	echo "${version:+$version-$recipe}"
}

kernel_what() {
	echo "kernel $name: building User Mode Linux from Debian's $source (3 to 10 minutes, once)"
}

# The processor's headers come from the host's architecture, arch/x86.
keep_headers() {
	local keep=$1
	mkdir "$keep"
	{
		find . arch/um arch/x86 -maxdepth 1 -name 'Makefile*'
		find include scripts arch/um/include arch/x86/include arch/x86/um -type f -o -type l
		echo .config
		echo Module.symvers
	} | grep -v '\.[oc]$' | cpio --quiet -pd "$keep"
}

# Since AMX, the registers of a processor take 11008 bytes, and ptrace() demands to get all of them;
# the kernel has room for 2696. Too much does no harm.
widen_registers() {
	grep -q 'HOST_FP_SIZE, 2696' "$1" || die "kernel $name: $1 has changed"
	sed -i 's/HOST_FP_SIZE, 2696/HOST_FP_SIZE, 12288/' "$1"
}

kernel_build() {
	local out=$1 tree make
	need kernel
	deb_extract "$out/src" "$source"
	tar -C "$out/src" -xf "$out/src/usr/src/$source.tar.xz"
	tree=$out/src/$source
	make=(nice -n 19 make -s -j"$(nproc)" ARCH=um CC="$cc" HOSTCC="$cc")
	(
		cd "$tree" || exit
		widen_registers arch/x86/um/user-offsets.c
		"${make[@]}" tinyconfig
		./scripts/kconfig/merge_config.sh -m .config "$TOOLS/kernels/$config"
		"${make[@]}" olddefconfig
		check_config .config
		"${make[@]}" linux modules
		"${make[@]}" INSTALL_MOD_PATH="$out/image" modules_install
		"${make[@]}" kernelrelease >"$out/release"
		strip -o "$out/vmlinuz" linux
		keep_headers "$out/build"
	)
	pack_modules "$out/image" "$out"
	rm -r "$out/image" "$out/src"
}
