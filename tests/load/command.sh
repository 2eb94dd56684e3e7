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
	status=0
	luadrv run exit.lua >out 2>errors || status=$?
	same "$status" 7 status
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

# interrupt SIGNAL ARG...: runs what goes on for an hour, and sends it the signal when it has told of an interval
interrupt() {
	# A shell has what runs in its background ignore SIGINT.
	env --default-signal=INT "${@:2}" --iostat_ms 20 -l 3600 >out 2>errors &
	local pid=$!
	wait_for 'an interval' grep -q Mbit/s out
	kill "-$1" "$pid"
	reap "$pid"
}

# a signal ends a load early: what was measured until then is printed, and the status is that of the signal
test_interrupted() {
	interrupt INT luadrv load tcp_rr --role both
	same "$status" 130 status
	grep -q '^num_transactions=[1-9]' out || fail "no transactions: $(cat out)"
	grep -q '^interrupted=1$' out || fail "it does not say so: $(cat out)"
	awk -F = '/^time_start=/ { start = $2 } /^time_end=/ { end = $2 } END { exit !(end > start && end - start < 3000) }' out ||
		fail "it took an hour: $(cat out)"
	same "$(cat errors)" '' errors
	interrupt TERM luadrv load tcp_stream --role both -T 2 -F 4
	same "$status" 143 status
	same "$(alive)" '' 'what is left'
}

# files that were asked for have what was measured until a signal
test_interrupted_files() {
	interrupt INT luadrv load tcp_rr --role both --all_samples=samples.csv --log_rtt=rtts
	same "$status" 130 status
	same "$(head -c 3 samples.csv)" tid 'first column'
	[ -s rtts ] || fail 'no latencies'
}

# a script goes on behind a run that was interrupted, but begins no other one
test_interrupted_script() {
	cat >script.lua <<-'EOF'
		local words = { workload = "udp_rr", role = "both", table.unpack(arg) }
		local result = run(words)
		print(result.interrupted, result.ok, result.transactions > 0)
		print(pcall(run, words))
	EOF
	interrupt INT luadrv run script.lua --
	same "$status" 130 status
	same "$(tail -n 2 out)" $'true\ttrue\ttrue\nfalse\tload: interrupted'
}

# a server that serves until it is interrupted tells what it has received; its client ends when it likes
test_interrupted_server() {
	env --default-signal=INT luadrv load tcp_stream --control_port 0 -l 0 --iostat_ms 20 >out 2>errors &
	local server=$!
	wait_for 'the server' grep -q Mbit/s out
	luadrv load tcp_stream -c -H 127.0.0.1 --control_port 0 -l 0.2 >client || fail 'the client fails'
	kill -INT "$server"
	reap "$server"
	same "$status" 130 status
	grep -q '^throughput=[1-9]' out || fail "nothing was received: $(cat out errors)"
}

# the ends of a load that agree over a control connection both tell what they have when the client is interrupted
test_interrupted_client() {
	luadrv load tcp_rr >server 2>errors &
	local server=$!
	interrupt INT luadrv load tcp_rr -c -H 127.0.0.1
	same "$status" 130 status
	grep -q '^num_transactions=[1-9]' out || fail "no transactions: $(cat out)"
	reap "$server"
	same "$status" 0 "status of the server: $(cat errors)"
	grep -q '^remote_throughput=[1-9]' server || fail "the client's throughput is not known: $(cat server)"
}

# a second signal ends what does not come to its end
test_interrupted_twice() {
	env --default-signal=INT luadrv run -e 'client_recvmsg(function() print("here") while true do end end)' -- --workload tcp_rr --role both >out 2>errors &
	local pid=$!
	wait_for 'the hook' grep -q here out
	kill -INT "$pid"
	kill -TERM "$pid"
	reap "$pid"
	same "$status" 143 status
	grep -q 'stopped by a signal' errors || fail "the run has ended otherwise: $(cat errors)"
	same "$(alive)" '' 'what is left'
}

# what is wrong with a command line is told in a line, and so are thresholds that are not met
test_complaints() {
	! luadrv load tcp_rr --role both --rat 5 >out 2>errors || fail 'it succeeds'
	same "$(cat errors)" 'load: --rat: no such option; the nearest one is rate'
	local form
	for form in '' --json; do
		# shellcheck disable=SC2086
		! luadrv load $form tcp_rr --role both -l -5 --thresholds 'transactions<5' >out 2>errors || fail 'it succeeds'
		same "$(cat errors)" 'load: thresholds not met: transactions<5: 5'
	done
}

# --help lists the options of any workload, or of one
test_help() {
	luadrv load --help >out || fail 'it fails'
	grep -q -- '-l, --test-length ' out || fail "no options: $(cat out)"
	grep -q -- '--nolog .*(without effect)$' out || fail "what is without effect looks as if it was not: $(cat out)"
	luadrv load -h udp_stream >stream || fail 'it fails'
	luadrv load udp_stream --help | cmp - stream || fail 'it differs by where the option stands'
	! grep -q request-size stream || fail 'udp_stream has requests'
}
