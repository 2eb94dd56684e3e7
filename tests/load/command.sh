# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# luadrv load: what it prints, and its status.

[ -e /usr/sbin/luadrv ] || skip "the command is not there: tools/vm puts it into its guests"

# what is a result of one form has no lines of progress in it
test_forms() {
	luadrv load --json tcp_rr --role both -l 0.2 --iostat_ms 50 >out || fail 'it fails'
	same "$(wc -l <out)" 1 'lines of JSON'
	luadrv load --csv tcp_rr --role both -l 0.2 --iostat_ms=50 >out || fail 'it fails'
	same "$(grep -vcE '^(tid|[0-9]+),' out)" 0 'other lines'
	luadrv load tcp_rr --role both -l 0.2 --iostat_ms=50 >out || fail 'it fails'
	grep -q ' Mbit/s ' out || fail "no progress: $(cat out)"
}

# a client that gets nothing done fails, in every form
test_nothing() {
	local form
	for form in '' --json --csv; do
		# shellcheck disable=SC2086
		! luadrv load $form tcp_rr --role both --stages 100ms:0 -l 0.1 >out 2>errors || fail "$form: it succeeds"
		grep -q 'no transaction was completed' errors || fail "$form: $(cat errors)"
	done
}

# a hook that exits ends the script with its status, and nothing is said of it
test_exit() {
	cat >exit.lua <<-'EOF'
		server_recvmsg(function()
			io.write("that ", "is ", "it")
			os.exit(7)
		end)
		run{ role = "both", workload = "tcp_rr" }
		print("not reached")
	EOF
	luadrv run exit.lua >out 2>errors && fail 'it succeeds' || same "$?" 7 status
	same "$(cat out)" 'that is it'
	same "$(cat errors)" '' errors
	same "$(live sockets)" 0
}

# what is run with a workload may write by io from its first line on
test_io() {
	local code="io.stderr:write('one\n') run() io.write('two', '\n')"
	luadrv run -e "$code" -- --workload tcp_rr --role both -l -1 >out || fail 'it fails'
	same "$(grep -v = out)" $'one\ntwo'
}
