# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# machine=uml: a kernel that is a program of the host, User Mode Linux. The interface is that of
# vm.d/machine-qemu.sh.
# shellcheck disable=SC2154,SC2034 # set by tools/vm and by the kernel's table

machine_check() {
	[ -z "$icount" ] || die "--icount: User Mode Linux does not count instructions"
	[ -z "$root" ] || die "--root: User Mode Linux boots the guest's usual root"
	[ -z "$kvm" ] || die "--kvm: User Mode Linux runs at native speed anyway"
	[ -z "$cpus" ] || [ "$cpus" = 1 ] || die "--cpus: User Mode Linux has one processor"
	[ ${#forwards[@]} = 0 ] || die "--forward: the guest of User Mode Linux has no network outside"
}

machine_disk() {
	local letters=abcdefghijklmnop # MAX_DEV in its driver
	[ "$1" -lt ${#letters} ] || die "too many shares"
	echo "ubd${letters:$1:1}"
}

machine_settings() {
	echo port=/dev/ttyS terminal=/dev/ttyS5 off=poweroff
	printf 'host=%q\n' "${forward_stdin:+$run/host}"
}

# Channels are file descriptors: con0 is the console, ssl1 to ssl3 the ports in the order that
# vm.d/guest-main expects, ssl5 the terminal. Its standard input is a file (copy_stdin).
machine_arguments() {
	local i=1 file words
	uml=("$kernel_dir/vmlinuz" "mem=${memory_mb:-$memory}M" "uml_dir=$run" umid=uml
		"initrd=$run/initramfs" "ubd0c=$run/root.cow,$root_dir/root.img"
		con=null ssl=null "con0=null,fd:1" "ssl1=null,fd:$status")
	for file in "${disks[@]}"; do
		uml+=("ubd${i}rc=$file")
		i=$((i + 1))
	done
	if [ -n "$shell" ]; then
		uml+=("ssl5=fd:$in,fd:$tty_out")
	else
		uml+=("ssl2=null,fd:$out" "ssl3=null,fd:$err")
	fi
	read -ra words <<<"console=tty0 $(common_arguments) $append $append_more"
	uml+=("${words[@]}")
}

# A serial line that ends loses what was not read from it yet. So standard input goes into a file
# that the guest reads while it grows.
copy_stdin() {
	exec {out}>&- {err}>&-
	cat >"$run/host/stdin"
	: >"$run/host/stdin.end"
}

machine_start() {
	local in tty_out status terminal_file uml=()
	exec {in}</dev/null {tty_out}>/dev/null {status}>"$run/status"
	if [ -n "$shell" ] && [ -t 0 ]; then
		# Opened anew, since it becomes non-blocking.
		terminal_file=$(tty)
		exec {in}<"$terminal_file"
		exec {tty_out}>"$terminal_file"
	elif [ -n "$shell" ]; then
		exec {in}<&0 {tty_out}>&1
	elif [ -n "$forward_stdin" ]; then
		mkdir "$run/host"
		: >"$run/host/stdin"
		copy_stdin <&0 &
		stdin_pid=$!
	fi
	machine_arguments
	# Its memory is best in a tmpfs, which it looks for unless it is told where to go.
	"${launch[@]}" env -u TMPDIR -u TMP -u TEMP "$TOOLS/vm.d/uml-run" "${uml[@]}" \
		</dev/null >>"$run/console" 2>"$run/machine.log" &
	exec {in}<&- {tty_out}>&- {status}>&-
}
