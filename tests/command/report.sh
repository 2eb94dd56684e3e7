# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# luadrv report.
# shellcheck source=tests/command/lib.bash
. "$TESTS/command/lib.bash"

RESULT='{"options": {"host": "192.0.2.1"}, "throughput": 1.00, "workload": "tcp_rr", "snapshots": []}'
HEAD='tid,flow_id,time,transactions,transactions/s'

# the page has the result, and all that it needs
test_page() {
	echo "$RESULT" >result.json
	run luadrv report result.json
	same "$status$err" 0
	has "$out" '<!DOCTYPE html>'
	has "$out" "type=\"text/plain\">$RESULT"
	has "$out" '</html>'
	lacks "$out" 'src='
	lacks "$out" 'href='
	lacks "$out" '//'
}

# CSV is taken, too, and standard input
test_csv() {
	printf '%s\n' "$HEAD" 0,0,1.000000001,5000,4999.99 0,0,2.000000002,10000,5000.00 >result.csv
	run luadrv report result.csv
	same "$status$err" 0
	has "$out" "$(<result.csv)"
	same "$(luadrv report - <result.csv)" "$out"
}

# nothing in a result ends the element that it stands in
test_escapes() {
	echo "${RESULT/tcp_rr/<\/script><script>x()<!--}" >result.json
	run luadrv report result.json
	same "$status$err" 0
	has "$out" '"\u003c/script>\u003cscript>x()\u003c!--"'
	same "$(grep -c '</script>' out)" 2 'ends of scripts'
}

# refused TEXT: it is neither JSON nor CSV of a result.
refused() {
	printf '%b' "$1" >file
	run luadrv report file
	same "$status $err$out" "1 luadrv: file: this is neither JSON nor CSV of a load's result" "$1"
}

# with LIST: a result that has this list.
with() { printf '%s' "${RESULT%]*}$1]}"; }

# what is no result is refused, and nothing is printed
test_rubbish() {
	local text
	for text in '' '\n' '\0' 'num_flows=1\n' '[]' '{}' "${RESULT/snap/}" "${RESULT%?}" "$RESULT x" "$RESULT$RESULT" \
		"$RESULT\\0" "{\"x\": $RESULT}"; do
		refused "$text"
	done
	for text in 01 '1 2' ',' '1,' '"\\x"' '"a\nb"' '"a' nul 1. 1e '<' '"\\u12g4"' '{1: 2}' '{"a" 1}' '{"a": 1' \
		"$(printf '[%.0s' {1..99})$(printf ']%.0s' {1..99})"; do
		refused "$(with "$text")"
	done
	for text in '' '\n' '\n1,2,3\n' '\n1,2,3,4,x\n' '\n1,2,3,4,5,6\n' '\n1,2,3,4,5\n\n' ',</script>\n1,2,3,4,5,6\n'; do
		refused "$HEAD$text"
	done
}

# all of JSON is understood
test_json() {
	local text
	for text in 'true, false, null' '-1.5e+3, 0, 0.1, 1E9' '"\\u00e4\\"\\\\\\n"' '{"a": {}, "": [[]]}' '\n\t1\r , 2'; do
		printf '%b' "$(with "$text")" >file
		run luadrv report file
		same "$status$err" 0 "$text"
	done
}

# a file that cannot be read is told
test_unreadable() {
	run luadrv report nowhere
	same "$status $err" '1 luadrv: nowhere: No such file or directory'
	run luadrv report /
	same "$status $err" '1 luadrv: /: Is a directory'
	run luadrv report result.json extra
	same "$status" 2
}
