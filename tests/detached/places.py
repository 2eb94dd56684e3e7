# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""Where kernel threads look for files: where the process would whose script they run."""
import os
import stat
import subprocess

from luadrv import DEVICE, Session, leave, logged, ready, same, spawn, stop

ASLEEP = " print('ready') kernel.sleep(1000000)"


def module(path, text):
    """A file with a module."""
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def in_child(function):
    """Call a function in a process of its own, which may go anywhere; it gives an exit status."""
    child = os.fork()
    if not child:
        leave(function())
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def make_jail():
    """A root for a process, with the device in it, and a module inside and one outside."""
    module("jail/mod/inside.lua", "return 'inside'")
    module("outside.lua", "return 'outside'")
    os.symlink("/mod/inside.lua", "jail/mod/absolute.lua")
    os.symlink("../../outside.lua", "jail/mod/above.lua")
    os.mkdir("jail/dev")
    os.mknod("jail" + DEVICE, 0o600 | stat.S_IFCHR, os.stat(DEVICE).st_rdev)


def in_jail(text):
    """What a detached script prints that a process spawned whose root is the jail."""
    def enter():
        os.chroot("jail")
        os.chdir("/mod")
        return spawn(text)

    number = in_child(enter)
    return logged(number, wait=True)


def test_working_directory():
    """a detached script finds modules from the working directory of who spawned it"""
    module("mod/here.lua", "return 'it is here'")
    same(logged(spawn("package.path = 'mod/?.lua' print(require 'here')"), wait=True), ("it is here\n", ""))


def test_working_directory_of_thread():
    """a thread of a script finds modules from the working directory of the script"""
    module("mod/here.lua", "return function() return 'it is here' end")
    with Session() as session:
        same(session.ran("package.path = 'mod/?.lua' print(require 'here'()) print(thread.spawn('here'):join())"),
             ("", "it is here\ntrue\tit is here\n", ""))


def test_moved():
    """a detached script stays in the directory from which the device was opened"""
    module("mod/here.lua", "return 'it is here'")
    with Session(os.O_WRONLY) as session:
        os.chdir("/")
        number = session.spawn("package.path = 'mod/?.lua' print(require 'here')")
    same(logged(number, wait=True), ("it is here\n", ""))


def test_root():
    """names of files begin at the root of who spawned a script, and so do symbolic links and the working directory"""
    make_jail()
    for path, name in ("/mod/?.lua", "inside"), ("?.lua", "inside"), ("/mod/?.lua", "absolute"), ("./?.lua", "absolute"):
        same(in_jail(f"package.path = '{path}' print(require '{name}')"), ("inside\n", ""), f"{path} {name}")


def test_no_way_out():
    """no name and no link leads a script out of the root of who spawned it"""
    make_jail()
    for path, name in (("/../?.lua", "outside"), ("../../?.lua", "outside"), ("/mod/?.lua", "above"),
                       (os.getcwd() + "/?.lua", "outside")):
        output, errors = in_jail(f"package.path = '{path}' print(require '{name}')")
        same(output, "", f"{path} {name}")
        assert "module 'outside' not found" in errors or "module 'above' not found" in errors, errors


def test_mount():
    """a script keeps the file system busy in which it was spawned, as long as it runs and no longer"""
    os.mkdir("disk")
    subprocess.run(["mount", "-t", "tmpfs", "none", "disk"], check=True)

    def enter():
        os.chdir("disk")
        return spawn("thread.spawn(function()" + ASLEEP + " end)" + ASLEEP)

    number = in_child(enter)
    ready(number)
    busy = subprocess.run(["umount", "disk"], check=False, stderr=subprocess.DEVNULL).returncode
    same(stop(number), 1)
    subprocess.run(["umount", "disk"], check=True)
    assert busy, "it was not busy"
