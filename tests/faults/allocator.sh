# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# shellcheck disable=SC2154 # errno: lib.sh
# The state's own allocator fails, in every library function and in the compiler.

sweep() { "$TESTS/faults/sweep" "$@"; }

# every public function is in the table of what is swept
test_table() {
	local functions claims code name missing=''
	claims=$(grep -h '^--= ' "$TESTS"/faults/snippets*.lua)
	code=$(grep -hv '^--' "$TESTS"/faults/snippets*.lua)
	expect_run '' <<'END'
local seen = {}
local function walk(t, prefix)
	for k, v in pairs(t) do
		if type(v) == "function" then
			print("public " .. prefix .. k)
		elseif type(v) == "table" and not seen[v] then
			seen[v] = true
			walk(v, prefix .. k .. ".")
		end
	end
end
seen[_G], seen[package.loaded] = true, true
walk(_G, "")
END
	# Scripts cannot list methods, nor libraries that they did not ask for: those that the reference tells of.
	functions=$(said | sed -n 's/^public //p'
		grep -rhoE '@function ((\w+:|async\.|load\.)\w+|\w+$)' "$TESTS"/../{socket,luadata,thread,async,load} | cut -d' ' -f2)
	[ "$(wc -l <<<"$functions")" -ge 100 ] || fail "only $(wc -l <<<"$functions") functions were found"
	for name in $functions; do
		[[ $claims =~ (' '|$'\n')"$name"(' '|$'\n'|$) ]] || missing+=" $name"
		[[ $name = *__* || $code =~ [^[:alnum:]_]"${name##*[.:]}"[^[:alnum:]_] ]] || missing+=" (a call of $name)"
	done
	same "$missing" '' 'functions that the table lacks'
}

# every method that is registered is documented, and so in the table
test_methods() {
	local name names documented
	documented=$(grep -rhoE '@function \w+[.:]\w+' "$TESTS"/../{socket,luadata}
		grep -h '^--= ' "$TESTS"/faults/snippets*.lua)
	names=$(sed -nE 's/^\t\{ "(\w+)", \w+ \},$/\1/p' "$TESTS"/../{socket,luadata}/*_lua.c)
	[ "$(wc -l <<<"$names")" -ge 30 ] || fail "only $(wc -l <<<"$names") methods were found"
	while read -r name; do
		[[ $documented =~ [.:]$name($|[^[:alnum:]_]) ]] || fail "$name is nowhere"
	done <<<"$names"
}

# a script whose Nth allocation and all later ones fail ends with ENOMEM, for every N, and leaves nothing
# timeout: 600
test_all() { sweep own 0; }

# a script whose Nth allocation fails alone collects its garbage and goes on, for every N
# timeout: 600
test_once() { sweep own 1; }

# a script that catches the failure of its Nth allocation can go on using everything, for every N
# timeout: 600
test_recover() { sweep recover; }

# a script with any limit of memory ends well or for want of it
# timeout: 300
test_memory() { sweep limit memory 1000 $((2500 * SLOW)); }

# a script with any limit of sockets ends well or for want of them
test_sockets() { sweep limit sockets 0 1 sockets poll; }

# fail_alloc 0 lets no allocation fail
test_off() {
	param fail_alloc 3
	expect_run ENOMEM <<<'print("first")'
	param fail_alloc 0
	expect_run '' <<<'print("second")'
	expect_said second
}

# fail_alloc_times tells how many allocations fail
test_times() {
	local times
	for times in 2 5; do
		param fail_alloc_times $times
		param fail_alloc 2000
		expect_run '' <<<'
local n = 0
for i = 1, 3000 do if not pcall(function() return { {} } end) then n = n + 1 end end
print("failures: " .. n)'
	done
	expect_said 'failures: 1'
	expect_said 'failures: 2'
}
