# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""A thousand flows on both sides that are ended from outside of the run: nothing is left of them."""
import os
import signal

from luadrv import (SLOW, Session, kernel_log, leave, live_objects, nothing_alive, ready, row, same, spawn, stop,
                    until, within_a_second)

WORKLOADS = ("tcp_rr", "tcp_crr", "tcp_stream", "udp_rr")


def endless(workload, ready_how="print 'ready'"):
    """A script with many flows, which does not end by itself; when they are at work it says so."""
    return f"""
        local said = false
        require("load").run{{
            role = "both", workload = "{workload}", num_flows = {1000 // SLOW}, num_threads = 2,
            test_length = "1h", interval = "10ms", on_interval = function(_, delta)
                if delta.sent > 0 and not said then
                    said = true
                    {ready_how}
                end
            end }}
        """


def each(end):
    """Run all workloads, detached, and end them like that."""
    for workload in WORKLOADS:
        number = spawn(endless(workload), name=b"many")
        ready(number)
        with within_a_second("the end"):
            end(number)
            until("everything to be gone", nothing_alive)


def test_stop():
    """a thousand flows are ended by `luadrv stop`"""
    each(lambda number: same(stop(number), 1))


def test_kill():
    """a thousand flows are ended by SIGKILL to the script's thread"""
    each(lambda _: os.kill(int(row("many")["PID"]), signal.SIGKILL))


def test_interrupted():
    """a thousand flows are ended when a signal ends the text of a session that runs them, and the session goes on"""
    down, done = os.pipe()
    child = os.fork()
    if not child:
        signal.signal(signal.SIGUSR1, lambda *_: None)
        with Session() as session:
            code = session.run(endless("tcp_rr", "kernel.log('notice', 'ready')"))
            os.read(down, 1)
            leave(code != "EINTR")
    until("the flows to be at work", lambda: "ready" in kernel_log())
    os.kill(child, signal.SIGUSR1)
    until("all flows to be gone", lambda: "engines" not in live_objects())
    os.write(done, b"x")
    same(os.waitpid(child, 0)[1], 0, "status")


def test_thread():
    """a thousand flows are ended when the thread that runs them is stopped, and the script goes on"""
    for workload in WORKLOADS:
        number = spawn(f"""
            local up = thread.channel()
            local t = thread.spawn(function(up) {endless(workload, "up:send(true)")} end, up)
            up:receive()
            t:stop()
            print "ready"
            kernel.sleep(1 << 30)""")
        ready(number)
        until("all flows to be gone", lambda: "engines" not in live_objects())
        same(stop(number), 1)
        until("everything to be gone", nothing_alive)
