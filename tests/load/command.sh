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
