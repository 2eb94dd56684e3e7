# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# The completion of the command in bash.
# shellcheck source=tests/command/lib.bash
. "$TESTS/command/lib.bash"
# shellcheck source=command/luadrv.bash
. "$TESTS/../command/luadrv.bash"

# completed WORD...: what the last word may become, sorted.
completed() {
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
	_luadrv
	printf '%s\n' "${COMPREPLY[@]}" | sort | paste -sd' '
}

# commands are completed
test_commands() {
	same "$(completed luadrv s)" 'spawn stop'
	same "$(completed luadrv '')" '--help check load log ps repl report run spawn stop top'
}

# options are completed, and files where a script may stand
test_script() {
	touch good.lua gone.lua
	same "$(completed luadrv run --mem)" --memory
	same "$(completed luadrv run --memory 1M --n)" --name
	same "$(completed luadrv run --memory 1M go)" 'gone.lua good.lua'
	same "$(completed luadrv check go)" 'gone.lua good.lua'
	same "$(completed luadrv run good.lua --m)" ''
	same "$(completed luadrv repl -e)" ''
	same "$(completed luadrv report go)" 'gone.lua good.lua'
}

# the workloads of load are completed, after its options
test_workloads() {
	same "$(completed luadrv load tcp_)" 'tcp_crr tcp_rr tcp_stream'
	same "$(completed luadrv load --memory 16M udp_r)" udp_rr
	same "$(completed luadrv load --json udp_s)" udp_stream
	same "$(completed luadrv load --so)" --sockets
	same "$(completed luadrv load --j)" --json
	same "$(completed luadrv load -e)" ''
}

# numbers and names of what runs are completed
test_scripts() {
	local id
	id=$(luadrv spawn --name waiting -e 'socket.new("inet", "udp"):recv(1)')
	same "$(completed luadrv stop wai)" waiting
	same "$(completed luadrv stop "$id")" "$id"
	same "$(completed luadrv log -f wai)" waiting
	same "$(completed luadrv stop --)" --all
}
