# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# How scripts reach the device: in pieces of any size, by every way of writing.

# big SIZE FILE: a script of exactly SIZE bytes that prints "begin" first and "end" last.
big() {
	local head=$'print("begin")\n' tail='print("end")'
	{
		printf '%s' "$head"
		head -c $(($1 - ${#head} - ${#tail} - 1)) /dev/zero | tr '\0' '-'
		printf '\n%s' "$tail"
	} >"$2"
	same "$(stat -c %s "$2")" "$1" size
}

# checked FILE: a script of 400 kB with a text that repeats a piece of random bytes. Of no chunk
# that is lost, doubled or moved is the piece's length, a prime, a multiple.
checked() {
	python3 - >"$1" <<'END'
import random
SIZE, TIMES = 9973, 40
piece = random.Random(1).randbytes(SIZE // 2 + 1).hex()[:SIZE]
print(f"""local s = [==[\n{piece * TIMES}]==]
assert(#s == {SIZE * TIMES} and s == s:sub(1, {SIZE}):rep({TIMES}))
print("intact")""", end="")
END
}

# a script of exactly 1 MiB runs
test_exact_limit() {
	big 1048576 script.lua
	expect_run '' script.lua
	expect_said begin
	expect_said end
}

# a script of 1 MiB and 4 bytes gives EFBIG, names the limit and does not run
test_over_limit() {
	big 1048580 script.lua
	expect_run EFBIG script.lua
	expect_said 'longer than 1048576 bytes (limit: module parameter max_script, --max-script)'
	expect_unsaid begin
}

# a script that a write too many cut off never runs, even if the writer goes on
test_cut() {
	python3 - <<'END'
import errno, os
fd = os.open("/dev/luadrv", os.O_WRONLY)
os.write(fd, b'print("begin")\n' + b"-" * ((1 << 20) - 100))
for part in (b"x" * (1 << 20), b'print("more")\n', b"y"):
    try:
        os.write(fd, part)
        raise SystemExit("written after EFBIG")
    except OSError as e:
        assert e.errno == errno.EFBIG, e
try:
    os.close(fd)
    raise SystemExit("close succeeded")
except OSError as e:
    assert e.errno == errno.EFBIG, e
END
	expect_unsaid begin
}

# max_script is the limit
test_max_script() {
	param max_script 100
	big 100 script.lua
	expect_run '' script.lua
	expect_said end
	big 101 script.lua
	expect_run EFBIG script.lua
	expect_said 'longer than 100 bytes'
}

# a script without a final line end loses no byte
test_no_final_newline() {
	printf 'print("last byte "..12)' >script.lua
	expect_run '' script.lua
	expect_said 'last byte 12'
}

# an empty script, or none, is fine
test_empty() {
	expect_run '' /dev/null
	: >/dev/luadrv
	expect_run '' <<<''
	expect_run '' <<<'-- nothing'
}

# writes of no bytes change nothing
test_zero_bytes() {
	python3 - <<'END'
import os
fd = os.open("/dev/luadrv", os.O_WRONLY)
for c in b'print("zero bytes")':
    assert os.write(fd, b"") == 0
    assert os.write(fd, bytes([c])) == 1
    assert os.writev(fd, []) == 0
    assert os.writev(fd, [b"", b""]) == 0
os.close(fd)
END
	expect_said 'zero bytes'
}

# writes of one byte arrive
test_single_bytes() {
	big 3000 script.lua
	dd if=script.lua of=/dev/luadrv bs=1 status=none
	expect_said begin
	expect_said end
}

# a script of 400 kB arrives intact through GNU cat, dd, cp and tee
test_gnu_tools() {
	checked script.lua
	expect_run '' script.lua
	dd if=script.lua of=/dev/luadrv bs=4099 status=none
	cp script.lua /dev/luadrv
	tee /dev/luadrv <script.lua >/dev/null
	same "$(said_times intact)" 4 'scripts that ran'
}

# a script of 400 kB arrives intact through BusyBox cp and dd
test_busybox_tools() {
	checked script.lua
	busybox cp script.lua /dev/luadrv
	busybox dd if=script.lua of=/dev/luadrv bs=1000 2>/dev/null
	same "$(said_times intact)" 2 'scripts that ran'
}

# sendfile, splice and writev deliver a script intact
test_system_calls() {
	checked script.lua
	python3 - <<'END'
import os
source = os.open("script.lua", os.O_RDONLY)
size = os.fstat(source).st_size

def session():
    return os.open("/dev/luadrv", os.O_WRONLY)

fd, done = session(), 0
while done < size:
    done += os.sendfile(fd, source, done, size - done)
os.close(fd)

fd, done = session(), 0
r, w = os.pipe()
while done < size:
    n = os.splice(source, w, 5000, offset_src=done)
    done += n
    while n:
        n -= os.splice(r, fd, n)
os.close(fd)

fd = session()
text = open("script.lua", "rb").read()
parts = [text[i:i + 777] for i in range(0, size, 777)]
while parts:
    n = os.writev(fd, parts[:500])
    assert n == sum(map(len, parts[:500]))
    parts = parts[500:]
os.close(fd)
END
	same "$(said_times intact)" 3 'scripts that ran'
}

# a shell's echo and redirections run scripts
test_shell() {
	echo 'print("by echo")' >/dev/luadrv
	expect_said 'by echo'
	{
		echo 'for i = 1, 2 do'
		echo '  print("by group " .. i)'
		printf 'end'
	} >/dev/luadrv
	expect_said 'by group 2'
	exec 7>/dev/luadrv
	echo 'print("by descriptor")' >&7
	expect_unsaid 'by descriptor'
	exec 7>&-
	expect_said 'by descriptor'
}

# NUL bytes arrive: inside a string they are part of it
test_nul_inside() {
	printf 'local s = "a\0b" assert(#s == 3 and s:byte(2) == 0) print("three bytes")' >script.lua
	expect_run '' script.lua
	expect_said 'three bytes'
}

# NUL bytes arrive: after the script they are an error, and nothing runs
test_nul_outside() {
	printf 'print("begin")\n\0' >script.lua
	expect_run EINVAL script.lua
	expect_said 'script:2: unexpected symbol'
	expect_unsaid begin
}

# bytes of every value arrive unchanged
test_all_bytes() {
	python3 - >script.lua <<'END'
import sys
bytes_ = bytes(b for b in range(256) if b not in b'\n\r"\\')
sys.stdout.buffer.write(b'local s = "' + bytes_ + b'"\nlocal n = 0\nfor i = 1, #s do n = n * 7 + s:byte(i) & 0xffffff end\n')
total = 0
for b in bytes_:
    total = total * 7 + b & 0xFFFFFF
sys.stdout.buffer.write(b'assert(#s == %d and n == %d) print("unchanged")' % (len(bytes_), total))
END
	expect_run '' script.lua
	expect_said unchanged
}

# a first line that begins with number sign and exclamation mark is skipped, and counted
test_shebang() {
	printf '#!/usr/sbin/luadrv run\nprint("after")\nerror("here")' >script.lua
	expect_run ECANCELED script.lua
	expect_said after
	expect_said 'script:3: here'
}

# a script that is only such a line is fine
test_only_shebang() {
	printf '#!/usr/sbin/luadrv run' >script.lua
	expect_run '' script.lua
	printf '#!' >script.lua
	expect_run '' script.lua
}

# such a line anywhere else is a syntax error
test_late_shebang() {
	printf '\n#!/usr/sbin/luadrv run\n' >script.lua
	expect_run EINVAL script.lua
	expect_said "script:2: unexpected symbol near '#'"
}

# bytecode is refused with EINVAL
test_bytecode() {
	printf '\033Lua\123\0' >script.lua
	expect_run EINVAL script.lua
	lua5.3 -e 'io.write(string.dump(function() print("ran") end))' >script.lua
	expect_run EINVAL script.lua
	expect_unsaid ran
}

# a writer's bad address gives EFAULT, and the script does not run
test_bad_address() {
	python3 - <<'END'
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
fd = os.open("/dev/luadrv", os.O_WRONLY)
os.write(fd, b'print("begin")\n')
assert libc.write(fd, ctypes.c_void_p(8), ctypes.c_size_t(100)) == -1
assert ctypes.get_errno() == errno.EFAULT
assert libc.close(fd) == -1
assert ctypes.get_errno() == errno.EFAULT
END
	expect_unsaid begin
}

# two processes that write to one session lose nothing
test_two_writers() {
	python3 - <<'END'
import os
fd = os.open("/dev/luadrv", os.O_WRONLY)
os.write(fd, b"n = 0\n")
children = []
for _ in range(2):
    pid = os.fork()
    if pid == 0:
        for _ in range(3000):
            os.write(fd, b"n = n + 1\n")
        os._exit(0)
    children.append(pid)
for pid in children:
    os.waitpid(pid, 0)
os.write(fd, b'print("sum " .. n)')
os.close(fd)
END
	expect_said 'sum 6000'
	expect_unsaid 'exited without closing'
}
