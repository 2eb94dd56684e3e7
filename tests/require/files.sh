# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# Modules in files: who may read them, from where, and what else they may be.

# module NAME: makes mod/NAME.lua of standard input, where the scripts below look for it.
module() {
	mkdir -p mod
	cat >"mod/$1.lua"
}

# script TEXT: makes script.lua, which finds these modules.
script() {
	printf 'package.path = "%s/mod/?.lua"\n%s\n' "$PWD" "$1" >script.lua
}

# close_after CODE SCRIPT: a process runs the Python code and then closes the device, into which it wrote the script before.
close_after() {
	python3 - "$@" <<'END'
import os, sys
device = os.open("/dev/luadrv", os.O_WRONLY)
os.write(device, open(sys.argv[2], "rb").read())
exec(sys.argv[1])
os.close(device)
END
}

# without a word modules come from /usr/share/luadrv
test_default_path() {
	mkdir -p share/luadrv
	echo 'print("from the default place", ...)' >share/luadrv/there.lua
	# shellcheck disable=SC2016
	unshare --mount bash -c 'mount --bind share /usr/share && echo "require \"there\"" >script.lua &&
		LC_ALL=C cat script.lua >/dev/luadrv'
	said | grep -qx $'from the default place\tthere\t/usr/share/luadrv/there.lua' || fail "it was not found: $(said)"
}

# names of files may be relative to the working directory of the process
test_working_directory() {
	module here <<<'return "here it is"'
	expect_run '' <<<'package.path = "mod/?.lua" print(require "here")'
	expect_said 'here it is'
}

# what the process that runs the script may not read is not read
test_credentials() {
	module secret <<<'print("a secret")'
	script 'require "secret"'
	chmod 700 mod
	! close_after 'os.setresgid(65534, 65534, 65534); os.setresuid(65534, 65534, 65534)' script.lua 2>/dev/null ||
		fail "the module was there"
	expect_said "cannot open '$PWD/mod/secret.lua': permission denied (EACCES)"
	expect_unsaid 'a secret'
	# The same process with its rights.
	close_after '' script.lua
	expect_said 'a secret'
}

# a file itself that may not be read is not read
test_mode() {
	module secret <<<'print("a secret")'
	script 'require "secret"'
	chmod 755 . mod
	chmod 600 mod/secret.lua
	! close_after 'os.setresgid(65534, 65534, 65534); os.setresuid(65534, 65534, 65534)' script.lua 2>/dev/null ||
		fail "the module was there"
	expect_said "cannot open '$PWD/mod/secret.lua': permission denied (EACCES)"
	expect_unsaid 'a secret'
}

# names begin at the root of the process
test_root() {
	module inside <<<'print("in the new root")'
	echo 'package.path = "/mod/?.lua" require "inside"' >script.lua
	close_after 'os.chroot("."); os.chdir("/")' script.lua
	expect_said 'in the new root'
}

# a pipe is not waited for, and no writer of it sees a reader
test_pipe() {
	mkdir mod
	mkfifo mod/pipe.lua
	script 'require "pipe"'
	expect_run ECANCELED script.lua
	expect_said "'$PWD/mod/pipe.lua' is not a regular file"
}

# a module as long as max_script is read, a longer one is refused
test_longest() {
	param max_script 5000
	printf 'return 1%4992s' '' | module fits
	printf 'return 1%4993s' '' | module exceeds
	script 'print(require "fits") require "exceeds"'
	expect_run ECANCELED script.lua
	expect_said 1
	expect_said "error loading module 'exceeds' from file '$PWD/mod/exceeds.lua':"
	expect_said 'it is longer than 5000 bytes (limit: module parameter max_script, --max-script)'
}

# a file without an end is refused
test_endless() {
	param max_script 100000
	# All of it is a hole: nothing is on the disk.
	mkdir mod && truncate -s 1T mod/endless.lua
	script 'require "endless"'
	expect_run ECANCELED script.lua
	expect_said 'it is longer than 100000 bytes'
}

# a module that does not fit into the script's memory ends in the memory error
test_memory() {
	param memory 1M
	{ printf 'return 1 --' && head -c 800000 /dev/zero | tr '\0' x; } | module large
	script 'require "large"'
	expect_run ENOMEM script.lua
	expect_said 'not enough memory'
}

# what a module read is given back
test_given_back() {
	param memory 4M
	{ printf 'return 1 --' && head -c 500000 /dev/zero | tr '\0' x; } | module large
	script 'for i = 1, 100 do package.loaded.large = nil assert(require "large" == 1) end print("done")'
	expect_run '' script.lua
	expect_said 'done'
}

# errors in a module's file name the file and the line, with a traceback
test_errors() {
	printf '\nlocal function f()\n\terror("aua")\nend\nf()\n' | module raises
	script 'require "raises"'
	expect_run ECANCELED script.lua
	expect_said "$PWD/mod/raises.lua:3: aua"
	expect_said "mod/raises.lua:5: in main chunk"
	expect_said "in function 'require'"
	expect_said 'script:2: in main chunk'
	printf '\n\nx y\n' | module wrong
	script 'require "wrong"'
	expect_run ECANCELED script.lua
	expect_said "mod/wrong.lua:3: syntax error near 'y'"
}

# a module is text, never bytecode
test_bytecode() {
	printf '\033Lua S\0' | module binary
	script 'require "binary"'
	expect_run ECANCELED script.lua
	expect_said 'attempt to load a binary chunk'
}

# modules nest a few levels deep, and one that requires itself overflows the C stack
test_nested() {
	local i
	for i in 1 2 3 4 5; do
		module "m$i" <<<"return '$i' .. require 'm$((i + 1))'"
	done
	module m6 <<<'return "6"'
	module loop <<<'depth = (depth or 0) + 1 return require "loop"'
	script 'print(require "m1")
		local ok, e = pcall(require, "loop")
		print(not ok and e:find("overflow", 1, true) and "overflow at last")
		print("# levels:", depth)
		package.loaded.m6 = nil
		print("still " .. require "m6")'
	expect_run '' script.lua
	expect_said 123456
	expect_said 'overflow at last'
	expect_said 'still 6'
	said | grep '^# '
}

# a file is closed while the script runs on: its file system can go
test_closed() {
	mkdir mod
	mount -t tmpfs none mod
	module one <<<'return 1'
	module wrong <<<'x y'
	script 'require "one" pcall(require, "wrong") package.searchpath("one", package.path) print("ready") kernel.sleep(1000000)'
	start_ready script.lua
	wait_for 'the file system to be free' umount mod
	stop_script
}

# open_files: how many there are in the system.
open_files() { cut -f 1 /proc/sys/fs/file-nr; }

few_files() { [ "$(open_files)" -lt $(($1 + 300)) ]; }

# a script that requires again and again holds no file open
test_again() {
	local before
	module one <<<'return 1'
	script 'for i = 1, 2000 do package.loaded.one = nil require "one" end print("ready") kernel.sleep(1000000)'
	before=$(open_files)
	start_ready script.lua
	wait_for 'the files to be closed' few_files "$before"
	stop_script
}

# a signal ends a script in the main chunk of a module
test_stop_inside() {
	module spins <<<'print("ready") while true do end'
	module sleeps <<<'print("ready") kernel.sleep(1000000)'
	script 'pcall(require, "spins")'
	start_ready script.lua
	stop_script
	script 'pcall(require, "sleeps")'
	start_ready script.lua
	stop_script INT
}

# a signal ends a script that reads a large module again and again
test_stop_reading() {
	param max_script 20000000
	{ printf 'return 1 --' && head -c 15000000 /dev/zero | tr '\0' x; } | module large
	script 'print("ready") while true do pcall(require, "large") package.loaded.large = nil end'
	start_ready script.lua
	stop_script
	start_ready script.lua
	stop_script KILL
}

# the failure of a read is an error object that names the file
test_read_error() {
	script 'package.path = "/proc/self/mem" local ok, e = pcall(require, "x") print(type(e), tostring(e))'
	expect_run '' script.lua
	said | grep -q '/proc/self/mem' || fail "no word of the file: $(said)"
}
