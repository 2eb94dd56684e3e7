# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# Kernels of other Debian suites than the host's, named by suites= in the kernel's table: apt gets
# a view of its own, with its own sources, lists and settings, so the host's stay as they are.
# Sourced after lib.sh.
# shellcheck disable=SC2154,SC2034 # name, suites: the program and the table; the rest: lib.sh

# suite_sources: lines for sources.list, from the mirrors that the host's apt uses for Debian.
suite_sources() {
	local suite security uri
	local key=/usr/share/keyrings/debian-archive-keyring.gpg
	[ -n "$(debian_sources)" ] || apt_update
	for suite in $suites; do
		security='!/-security /'
		[[ $suite != *-security ]] || security='/-security /'
		uri=$(debian_sources | awk "$security"' { print $2; exit }')
		[ -z "$uri" ] || echo "deb [signed-by=$key] $uri $suite main"
	done
}

# use_suites: from here on, APT_OPTIONS makes apt see the table's suites instead of the host's;
# APT_SOURCES is its list of sources.
use_suites() {
	local view=$CACHE/apt-$name
	mkdir -p "$view"/{lists/partial,cache,sources,preferences}
	APT_SOURCES=$view/sources/suites.list
	suite_sources >"$APT_SOURCES"
	[ -s "$APT_SOURCES" ] || die "apt knows no mirror of Debian on this host"
	APT_OPTIONS=(-o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$view/sources"
		-o Dir::Etc::Preferences=/dev/null -o "Dir::Etc::PreferencesParts=$view/preferences"
		-o "Dir::State::Lists=$view/lists" -o Dir::State::Status=/dev/null
		-o "Dir::Cache=$view/cache" -o APT::Sandbox::User=root)
}
