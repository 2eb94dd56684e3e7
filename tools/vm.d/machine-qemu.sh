# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# machine=qemu: a kernel in QEMU. What tools/vm asks of a machine:
#   machine_check        end with a message if it cannot do what the options want
#   machine_disk N       print the guest's name of the Nth disk; the first is its root
#   machine_settings     print NAME=VALUE lines for vm.d/guest-main: where its ports are and how it ends
#   machine_start        start it in the background; $! is the process to wait for
# shellcheck disable=SC2054 # QEMU's options have commas
# shellcheck disable=SC2154,SC2034 # set by tools/vm and by the kernel's table; used by tools/vm

machine_check() {
	if [ -n "$kvm" ] && ! grep -qE '^flags.* (vmx|svm)( |$)' /proc/cpuinfo; then
		die "--kvm: this processor cannot virtualise"
	fi
}

machine_disk() {
	local letters=abcdefghijklmnopqrstuvwxyz
	[ "$1" -lt ${#letters} ] || die "too many shares"
	echo "vd${letters:$1:1}"
}

machine_settings() { echo port=/dev/vport0p terminal=/dev/ttyS1 off=reboot; }

# No mitigations: they guard nothing in a guest for tests, and take a twelfth of an emulated processor.
# No random addresses in user space: QEMU translates code again at each new address, which makes the
# start of a program four times as slow.
kernel_arguments() {
	echo "console=ttyS0 $(common_arguments) sysctl.kernel.panic_on_rcu_stall=1" \
		"rcupdate.rcu_cpu_stall_timeout=60 sysctl.kernel.sysrq=1" \
		"tsc=reliable no_timer_check net.ifnames=0 mitigations=off norandmaps $append $append_more"
}

# Without CX16: QEMU 7.2 computes the flags after cmpxchg16b from stale values, now and then with the
# trap flag set. Debian's 6.12, whose allocator uses the instruction everywhere, then dies. With --cx16 only
# the kernel is told not to use it (bit 13 of word 4).
emulated_cpu=qemu64,-cx16
if [ -n "$cx16" ]; then
	emulated_cpu=qemu64
	append_more+=" clearcpuid=141"
fi

# q35 and not pc: the interrupt routing of pc's ACPI tables takes a debug kernel 25 s per device.
machine_arguments() {
	local i=0 file forward net root_drive
	qemu=(qemu-system-x86_64 -nodefaults -no-user-config -display none -no-reboot -M q35
		-m "${memory_mb:-$memory}" -kernel "$kernel_dir/vmlinuz" -initrd "$run/initramfs"
		-append "$(kernel_arguments)" -serial "file:$run/console")
	if [ -n "$icount" ]; then
		qemu+=(-accel tcg,thread=single -icount 'shift=0,sleep=off' -smp 1 -cpu "$emulated_cpu")
	elif [ -n "$kvm" ]; then
		qemu+=(-accel kvm -smp "${cpus:-2}" -cpu host)
	else
		qemu+=(-accel tcg -smp "${cpus:-2}" -cpu "$emulated_cpu")
	fi
	# The first virtio device, so that its ports are /dev/vport0p*.
	# No lock on the image, which nobody writes: QEMU would refuse one that another program locks.
	root_drive=file=$root_dir/root.img,snapshot=on,file.locking=off
	[ -z "$root" ] || root_drive=file=$root
	qemu+=(-device virtio-serial-pci -drive "$root_drive,format=raw,if=none,id=root"
		-device virtio-blk-pci,drive=root)
	for file in "${disks[@]}"; do
		qemu+=(-drive "file=$file,format=raw,if=none,id=disk$i,read-only=on"
			-device "virtio-blk-pci,drive=disk$i")
		i=$((i + 1))
	done
	net=user,id=net
	for forward in "${forwards[@]}"; do
		[[ $forward =~ ^[0-9]+:[0-9]+$ ]] || die "--forward $forward: not HOSTPORT:GUESTPORT"
		net+=",hostfwd=tcp:127.0.0.1:${forward%:*}-:${forward#*:}"
	done
	qemu+=(-nic none)
	[ ${#forwards[@]} = 0 ] ||
		qemu+=(-netdev "$net" -device virtio-net-pci,netdev=net,romfile=)
}

# Ports in the order that vm.d/guest-main expects: status, stdout, stderr, stdin.
port_arguments() {
	qemu+=(-chardev "file,id=status,path=$run/status" -device virtserialport,nr=1,chardev=status)
	if [ -n "$shell" ]; then
		qemu+=(-chardev stdio,id=tty,signal=off -serial chardev:tty)
		return
	fi
	qemu+=(-add-fd "fd=$out,set=1" -chardev file,id=out,path=/dev/fdset/1,append=on
		-device virtserialport,nr=2,chardev=out
		-add-fd "fd=$err,set=2" -chardev file,id=err,path=/dev/fdset/2,append=on
		-device virtserialport,nr=3,chardev=err)
	[ -z "$forward_stdin" ] ||
		qemu+=(-chardev stdio,id=in,signal=off -device virtserialport,nr=4,chardev=in)
}

machine_start() {
	local in qemu=()
	exec {in}</dev/null
	[ -z "$shell" ] || exec {in}<&0
	if [ -n "$forward_stdin" ]; then
		# It may live longer than the machine: the copiers of the output must not wait for it.
		exec {in}< <(exec {out}>&- {err}>&- cat <&0)
		stdin_pid=$!
	fi
	machine_arguments
	port_arguments
	if [ -n "$shell" ]; then
		"${launch[@]}" "${qemu[@]}" <&"$in" 2>"$run/machine.log" &
	else
		"${launch[@]}" "${qemu[@]}" <&"$in" >/dev/null 2>"$run/machine.log" &
	fi
	exec {in}<&-
}
