# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# Completion of the command luadrv in bash.

# Numbers and names of what runs; names with spaces are left out.
_luadrv_scripts() {
	luadrv ps 2>/dev/null | awk '
		NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; last = NF }
		NR > 1 { print $column["ID"]; if (NF == last) print $last }'
}

# _luadrv_words WORD...: those that begin like the word at the cursor.
_luadrv_words() {
	local word
	for word; do
		[[ $word != "$current"* ]] || COMPREPLY+=("$word")
	done
}

_luadrv_files() {
	local file
	compopt -o filenames 2>/dev/null
	while IFS= read -r file; do
		COMPREPLY+=("$file")
	done < <(compgen -f -- "$current")
}

# What run, spawn, repl and load take before the script or the workload, and what may be one.
_luadrv_script() {
	local i limits=(--memory --instructions --sockets --output --stack --max-script --name)
	case $1 in
	run | spawn) limits+=(-e) ;;
	load) limits+=(--json --csv --help) ;;
	esac
	case ${COMP_WORDS[COMP_CWORD - 1]} in
	--memory | --instructions | --sockets | --output | --stack | --max-script | --name | -e) return ;;
	esac
	for ((i = 2; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--*=* | --json | --csv | --help) ;;
		-*) i=$((i + 1)) ;;
		*) break ;;
		esac
	done
	if [ "$i" -ge "$COMP_CWORD" ] && [[ $current = -* ]]; then
		_luadrv_words "${limits[@]}"
	elif [ "$i" -ge "$COMP_CWORD" ] && [ "$1" = load ]; then
		_luadrv_words tcp_rr tcp_crr tcp_stream udp_rr udp_stream
	else
		_luadrv_files
	fi
}

_luadrv() {
	local current=${COMP_WORDS[COMP_CWORD]} scripts
	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		_luadrv_words run spawn ps top log stop repl check load report --help
		return
	fi
	case ${COMP_WORDS[1]} in
	run | spawn | repl | load) _luadrv_script "${COMP_WORDS[1]}" ;;
	check | report) _luadrv_files ;;
	ps) _luadrv_words --json ;;
	top) _luadrv_words -d -n ;;
	stop | log)
		mapfile -t scripts < <(_luadrv_scripts)
		if [ "${COMP_WORDS[1]}" = stop ]; then scripts+=(--all); else scripts+=(-f); fi
		_luadrv_words "${scripts[@]}"
		;;
	esac
}

complete -F _luadrv luadrv
