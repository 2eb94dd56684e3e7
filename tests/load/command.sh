# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# luadrv load: what it prints, and its status.

[ -e /usr/sbin/luadrv ] || skip "the command is not there: tools/vm puts it into its guests"

# what is a result of one form has no lines of progress in it
test_forms() {
	luadrv load --json tcp_rr --role both -l -2000 --iostat_ms 1 >out || fail 'it fails'
	same "$(wc -l <out)" 1 'lines of JSON'
	luadrv load --csv tcp_rr --role both -l -2000 --iostat_ms=1 >out || fail 'it fails'
	same "$(grep -vcE '^(tid|[0-9]+),' out)" 0 'other lines'
	luadrv load tcp_rr --role both -l -2000 --iostat_ms=1 >out || fail 'it fails'
	grep -q ' Mbit/s ' out || fail "no progress: $(cat out)"
}

# samples as CSV, and latencies one by one, go to files, and the lines of the result to standard output
test_files() {
	luadrv load tcp_rr --role both -l -50 -F 2 -A --log-rtt >out || fail 'it fails'
	same "$(grep '^num_transactions=' out)" num_transactions=50
	same "$(grep '^rtt_transactions_logged=' out)" rtt_transactions_logged=50
	same "$(grep -cE '^[0-9]+,-1,' out)" 0 'lines of CSV among those of the result'
	same "$(head -1 samples.csv | cut -d, -f1-4)" tid,flow_id,time,transactions
	same "$(tail -1 samples.csv | cut -d, -f4)" 50 'transactions of the last sample'
	same "$(grep -cE '^[0-9]+\.[0-9]{9} 0 [01] 0\.[0-9]{9}$' rtt_samples.txt)" 50 'latencies'
	luadrv load --json tcp_rr --role=both -l -50 --all_samples=s --log_rtt=r.csv --logrtt_entries_per_flow 7 >out ||
		fail 'it fails'
	same "$(wc -l <out)" 1 'lines of JSON'
	same "$(tail -1 s | cut -d, -f4)" 50 'transactions of the last sample'
	same "$(grep -cE '^[0-9.]+,0,0,0\.[0-9]+$' r.csv)" 7 'latencies'
}

# the files of a run that fails because of its thresholds are there nevertheless
test_files_of_failed() {
	! luadrv load tcp_rr --role both -l -50 --all-samples=s.csv --thresholds 'transactions>50' >out 2>errors ||
		fail 'it succeeds'
	grep -q 'thresholds not met' errors || fail "$(cat errors)"
	same "$(tail -1 s.csv | cut -d, -f4)" 50 'transactions of the last sample'
}

# what asks for no run makes no files, and a file that cannot be made is told before the run
test_no_files() {
	luadrv load tcp_rr --role both -A --dry-run >out || fail 'it fails'
	luadrv load tcp_rr -A --help >out || fail 'it fails'
	! luadrv load tcp_rr --role both -A --no-such-option >out 2>errors || fail 'it succeeds'
	grep -q 'no such option' errors || fail "$(cat errors)"
	[ ! -e samples.csv ] || fail 'there is a file'
	! luadrv load tcp_rr --role both -l 1h -A/no/such/file >out 2>errors || fail 'it succeeds'
	same "$(cat errors)" 'luadrv: /no/such/file: No such file or directory'
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
