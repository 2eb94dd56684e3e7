# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# Shared by the programs under tools/: messages, the cache, packages of the host.
# Sourced after `set -euo pipefail`.

REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck disable=SC2034
TOOLS=$REPO/tools
PATH=$PATH:/usr/sbin:/sbin # depmod and mke2fs, for users that are not root
CACHE=${LUADRV_CACHE:-${HOME:?}/.cache/luadrv}

say() { printf '%s\n' "$*" >&2; }

die() {
	say "${0##*/}: $*"
	exit 125
}

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo -- "$@"
	else
		die "needs root or sudo for: $*"
	fi
}

# lock FILE WHAT: hold FILE until this process ends; WHAT is named when another one has it for long.
lock() {
	local fd
	mkdir -p "$(dirname "$1")"
	exec {fd}>"$1"
	flock -w 5 "$fd" && return
	say "${2%%:*}: waiting for another run that builds it"
	flock "$fd"
}

# checksum FILE...: one short key for the contents of all of them.
checksum() { cat -- "$@" | sha256sum | cut -c1-16; }

remove_tree() { rm -rf --one-file-system "$@" 2>/dev/null || as_root rm -rf --one-file-system "$@"; }

# What nobody has used for a month goes when something new is built.
prune_cache() {
	local old
	find "$CACHE" -maxdepth 1 -type d \( -name 'kernel-*' -o -name 'root-*' \) -mtime +30 |
		while read -r old; do
			remove_tree "$old"
		done
}

# A builder failed: show why, leave nothing half-made behind.
cache_failed() {
	local status=$1 tmp=$2 log=$3
	[ "$status" = 0 ] && return
	remove_tree "$tmp"
	[ -s "$log" ] && tail -n 30 "$log" >&2
	say "failed; the whole log is $log"
}

# cached PATH WHAT BUILDER [ARG...]: unless PATH exists, run BUILDER ARG... DIR on a fresh directory
# DIR and rename it to PATH. Interrupted or concurrent runs never see a half-made PATH.
cached() {
	local path=$1 what=$2 tmp log start=$SECONDS
	shift 2
	[ -d "$path" ] && touch "$path" && return
	(
		log=$path.log
		lock "$path.lock" "$what"
		[ -d "$path" ] && exit
		remove_tree "$path".tmp.*
		prune_cache
		tmp=$(mktemp -d "$path.tmp.XXXXXX")
		chmod 755 "$tmp"
		trap 'cache_failed $? "$tmp" "$log"' EXIT
		trap 'exit 130' INT
		trap 'exit 143' TERM HUP
		say "$what ..."
		("$@" "$tmp") </dev/null >"$log" 2>&1
		mv "$tmp" "$path"
	)
	say "${what%% (*} ... done in $((SECONDS - start)) s"
}

# What the module is made of, and what its build leaves there.
# shellcheck disable=SC2034
MODULE_SOURCES=(Kbuild lua driver socket luadata thread async load)
# shellcheck disable=SC2034
ARTEFACTS=('*.o' '*.ko' '*.cmd' '*.mod' '*.mod.c' '*.d' '*.gcno' modules.order Module.symvers /lua/upstream)

# The one list of what the host needs, by purpose.
host_packages() {
	case $1 in
	vm) echo qemu-system-x86 mmdebstrap squashfs-tools cpio kmod e2fsprogs xz-utils ;;
	lua) echo patch ca-certificates ;;
	module) echo make rsync gcc-12 libc6-dev libelf1 patch xz-utils ca-certificates ;;
	command) echo make gcc libc6-dev libedit-dev ;;
	kernel) echo make gcc-12 libc6-dev flex bison bc libelf-dev libssl-dev xz-utils kmod cpio ;;
	bench) echo make gcc libc6-dev python3 python3-matplotlib ;;
	flame) echo npm ;;
	fuzz) echo python3 ;;
	demo) echo curl python3 ;;
	fuzz-bytes) echo make clang-14 libclang-rt-14-dev llvm-14 liblua5.3-dev libc6-dev binutils patch python3 ;;
	ci) echo make python3 ;;
	docs) echo lua-ldoc lua-discount python3 ;;
	deb) echo make rsync patch xz-utils ca-certificates build-essential dpkg-dev debhelper dh-dkms libedit-dev ;;
	coverage) echo gcovr gcc-12 python3 ;;
	check) echo git perl pylint python3 shellcheck sparse lua-check lua-discount lua-ldoc mandoc ;;
	*) die "no package list named '$1'" ;;
	esac
}

packages_missing() {
	local p
	for p in "$@"; do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || echo "$p"
	done
}

# apt_get ARG...: apt-get with its output in a log, which is shown if it fails twice.
apt_get() {
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 \
		-o DPkg::Lock::Timeout=300 "$@" \
		</dev/null >>"$CACHE/apt.log" 2>&1
}

# What makes apt see other suites than the host's; see suites.sh.
APT_OPTIONS=()

apt_update() {
	mkdir -p "$CACHE"
	say "apt: updating the package lists"
	if [ ${#APT_OPTIONS[@]} = 0 ]; then
		apt_get update
	else
		apt-get -q "${APT_OPTIONS[@]}" update </dev/null >>"$CACHE/apt.log" 2>&1
	fi || say "apt: the update failed, see $CACHE/apt.log"
}

# debian_sources: the host's own Debian sources, a line "deb URI SUITE COMPONENT" each.
debian_sources() {
	# shellcheck disable=SC2016 # apt's own $(...)
	apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' 'Origin: Debian' | sort -u
}

# need PURPOSE...: install the missing packages of these lists.
need() {
	local purpose want=() missing start=$SECONDS
	for purpose in "$@"; do
		read -ra missing <<<"$(host_packages "$purpose")"
		want+=("${missing[@]}")
	done
	command -v apt-get >/dev/null || die "only Debian is supported: apt-get is missing"
	mapfile -t missing < <(packages_missing "${want[@]}")
	[ ${#missing[@]} = 0 ] && return
	(
		lock "$CACHE/apt.lock" "apt"
		say "apt: installing ${missing[*]} ..."
		: >"$CACHE/apt.log"
		apt_get install --no-install-recommends "${missing[@]}" && exit
		apt_update
		apt_get install --no-install-recommends "${missing[@]}" && exit
		tail -n 20 "$CACHE/apt.log" >&2
		die "cannot install ${missing[*]}"
	)
	say "apt: ... done in $((SECONDS - start)) s"
}

# deb_depends PACKAGE REGEX: the dependencies of PACKAGE that match.
deb_depends() {
	LC_ALL=C apt-cache "${APT_OPTIONS[@]}" depends "$1" 2>/dev/null |
		sed -nE "s/^ *\|?Depends: ($2)\$/\1/p" | sort -u
}

# deb_version PACKAGE: the version that apt would fetch.
deb_version() {
	LC_ALL=C apt-cache "${APT_OPTIONS[@]}" policy "$1" 2>/dev/null | sed -nE 's/^ *Candidate: ([^(].*)$/\1/p'
}

# deb_extract DIR PACKAGE...: download packages and unpack them under DIR. Nothing is installed.
deb_extract() {
	local dir=$1 debs=$1/debs deb
	local download=(apt-get -q "${APT_OPTIONS[@]}" -o APT::Sandbox::User=root download)
	shift
	mkdir -p "$debs"
	(
		cd "$debs" || exit
		"${download[@]}" "$@" || {
			apt_update
			"${download[@]}" "$@"
		}
	)
	for deb in "$debs"/*.deb; do
		dpkg -x "$deb" "$dir"
	done
	rm -r "$debs"
}
