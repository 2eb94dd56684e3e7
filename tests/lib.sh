# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# What every test in bash may use; the harness sources it first, under set -euo pipefail.
#
# TESTS is the folder tests/. From the harness: TEST_TMP, an empty folder that is also the working directory;
# SLOW, by how much every time limit is multiplied (an integer).

# shellcheck disable=SC2034
TESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$TEST_TMP" || exit

# Says why a test failed and ends it.
fail() {
	printf '%s\n' "$*" >&2
	exit 1
}

# Says why a test cannot run here and ends it.
skip() {
	printf '%s\n' "$*"
	exit 4
}

# Says what took longer than it must; the harness runs the test again, but not for ever.
late() {
	printf '%s\n' "$*"
	exit 5
}

# same GOT WANT [WHAT]: fails unless both are equal.
same() {
	[ "$1" = "$2" ] || fail "${3:-value}: got '$1', want '$2'"
}

exec {never}<> <(:)
printf -v short '%d.%02d' $((SLOW / 100)) $((SLOW % 100))
# A hundredth of a second (more on a slow kernel: who looks takes time from who is looked at), without a process.
nap() { read -rt "$short" -u "$never" || true; }

# wait_for WHAT COMMAND...: runs the command again and again until it succeeds,
# or fails the test after LIMIT (20) seconds.
wait_for() {
	local what=$1 deadline=$((SECONDS + ${LIMIT:-20} * SLOW))
	shift
	until "$@"; do
		[ $SECONDS -le $deadline ] || fail "waited in vain for $what"
		nap
	done
}

# now: milliseconds.
now() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

# ---- the kernel log

dmesg --clear

# Everything in the log since the test began, or what the ring still has of it.
klog() { dmesg -t; }

# said: what scripts wrote into the log.
said() { klog | sed -nE 's/^luadrv: .{0,63}\[[0-9]+\]: //p'; }

# says TEXT [PID]: whether a record has the text.
says() {
	local log
	log=$(klog)
	# Mostly it is not there yet, which needs no further process.
	[[ $log = *"$1"* ]] &&
		TEXT=$1 awk -v script="^luadrv: [^[]*\\\\[${2:-[0-9]+}\\\\]: " '
			match($0, script) && index(substr($0, RLENGTH + 1), ENVIRON["TEXT"]) { found = 1 }
			END { exit !found }' <<<"$log"
}

# expect_said TEXT [PID], expect_unsaid TEXT [PID]: fail unless a record, or none, has the text.
expect_said() { says "$@" || fail "the log lacks '$1'"; }
expect_unsaid() { ! says "$@" || fail "the log has '$1'"; }

# said_times TEXT: how many records are exactly this.
said_times() { said | grep -cxF -- "$1" || true; }

# ---- the module

# live NAME: a counter of live objects.
live() { awk -v name="$1" '$1 == name { print $2 }' /sys/kernel/debug/luadrv/live; }

# The counters that are not zero.
alive() { awk '$2 != 0' /sys/kernel/debug/luadrv/live; }
nothing_alive() { [ -z "$(alive)" ]; }

# param NAME [VALUE]: a module parameter.
param() {
	if [ $# = 1 ]; then
		cat "/sys/module/luadrv/parameters/$1"
	else
		echo "$2" >"/sys/module/luadrv/parameters/$1"
	fi
}

# ---- scripts

# What the functions below tell; see there.
errno='' script='' status=''

# errno_name TEXT: the name of the error whose text ends a program's complaint.
errno_name() {
	case ${1##*: } in
	'Invalid argument') echo EINVAL ;;
	'Operation canceled') echo ECANCELED ;;
	'Cannot allocate memory') echo ENOMEM ;;
	'Interrupted system call') echo EINTR ;;
	'File too large') echo EFBIG ;;
	'Operation not permitted') echo EPERM ;;
	'Permission denied') echo EACCES ;;
	'Bad address') echo EFAULT ;;
	*) echo "unknown: $1" ;;
	esac
}

# run_script [FILE...]: cat to the device; $errno then names what it failed with, or is empty.
run_script() {
	local complaint
	errno=
	complaint=$(LC_ALL=C cat -- "$@" 2>&1 >/dev/luadrv) || errno=$(errno_name "$complaint")
}

# expect_run ERRNO [FILE...]: run_script must end with this errno ('' is success).
expect_run() {
	local want=$1
	shift
	run_script "$@"
	same "$errno" "$want" 'errno of close'
}

# start_script [FILE...]: the same in the background; $script is then the process.
# Job control keeps the shell from having it ignore SIGINT.
start_script() {
	set -m
	LC_ALL=C cat -- "$@" >/dev/luadrv 2>"$TEST_TMP/complaint" &
	script=$!
	set +m
}

# start_ready [FILE...]: starts a script and waits until it has printed "ready".
start_ready() {
	start_script "$@"
	wait_for "the script to say ready" says ready "$script"
}

# ---- processes

# proc_stat PID: the fields of /proc/PID/stat from the state on; fails if there is no such process.
proc_stat() {
	local line
	read -r line 2>/dev/null <"/proc/$1/stat" || return
	echo "${line##*) }"
}

ended() {
	local stat
	stat=$(proc_stat "$1" 2>/dev/null) || return 0
	[[ $stat = [ZX]* ]]
}

asleep() {
	local stat
	stat=$(proc_stat "$1" 2>/dev/null) && [[ $stat = S* ]]
}

# waits_in PID FUNCTION: sleeps in the kernel in a function of this name.
waits_in() { grep -q "$2" "/proc/$1/stack"; }

# reap PID: waits for a child's end; $status is then its exit status.
reap() {
	wait_for "process $1 to end" ended "$1"
	wait "$1" && status=0 || status=$?
}

# stop_script [SIGNAL]: ends $script by a signal; it must go within a second.
stop_script() {
	local start end signal=${1:-TERM}
	start=$(now)
	kill "-$signal" "$script"
	reap "$script"
	end=$(now)
	same "$status" $((128 + $(kill -l "$signal"))) "exit status after SIG$signal"
	[ $((end - start)) -le $((1000 * SLOW)) ] || late "ended $((end - start)) ms after SIG$signal"
}
