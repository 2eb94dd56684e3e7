# shellcheck shell=bash
# shellcheck disable=SC2034 # what functions tell is for the tests
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# Helpers of the tests of the command.
export HOME=$TEST_TMP TERM=xterm
unset NO_COLOR

[ -e /usr/sbin/luadrv ] || skip "the command is not there: tools/vm puts it into its guests"

# run COMMAND...: $status, and $out and $err with what it wrote.
run() {
	status=0
	"$@" >out 2>err </dev/null || status=$?
	out=$(<out) err=$(<err)
}

# has TEXT PART: fails unless the text has the part.
has() { [[ $1 = *"$2"* ]] || fail "no '$2' in: $1"; }
lacks() { [[ $1 != *"$2"* ]] || fail "there is '$2' in: $1"; }

# column NAME [ID]: a field of the table, of the script of this number or of all.
column() {
	luadrv ps | awk -v name="$1" -v id="${2-}" '
		NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i }
		NR > 1 && (id == "" || $column["ID"] == id) { print $column[name] }'
}

nothing_runs() { [ -z "$(column ID)" ]; }
in_state() { [ "$(column STATE "$1")" = "$2" ]; }
logged() { [[ $(luadrv log "$1" 2>&1) = *"$2"* ]]; }

# spawn ARG...: $id is then the number of a detached script.
spawn() { id=$(luadrv spawn "$@"); }

# in_terminal [-s ROWSxCOLUMNS] COMMAND... <<<STEPS: runs a command in a terminal. A step is a line:
# "? TEXT" waits for the text, after what was seen before; "! TEXT" types it, with the escapes of
# printf. What the terminal showed is $shown, the exit status $status.
in_terminal() {
	status=0
	shown=$(python3 -B "$TESTS/command/terminal.py" "$@") || status=$?
}

# What a test leaves running would keep the module.
trap 'luadrv stop --all >/dev/null 2>&1 || true' EXIT
