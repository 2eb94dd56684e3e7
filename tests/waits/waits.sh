# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# Every call that waits (calls.py) comes to an end in every way.

end_all() { "$TESTS/waits/end" "$1"; }

# SIGINT ends every wait within a second
# timeout: 240
test_int() { end_all INT; }

# SIGTERM ends every wait within a second
# timeout: 240
test_term() { end_all TERM; }

# SIGKILL ends every wait within a second
# timeout: 240
test_kill() { end_all KILL; }

# a stop and a continuation leave every wait as it was
# timeout: 240
test_stop() { end_all stop; }

# the module cannot be unloaded while a script waits in any call, and can right after
# timeout: 240
test_unload() { end_all unload; }

# every wait goes on in a network namespace that is deleted, and the namespace goes with the last script
# timeout: 240
test_netns() { end_all netns; }

# what a wait is for ends it
# timeout: 240
test_data() { end_all data; }

# a connection ends accept
# timeout: 240
test_connection() { end_all connection; }

# a datagram ends what waits for one
# timeout: 240
test_datagram() { end_all datagram; }

# the end of the peer's stream ends every wait for it
# timeout: 240
test_end() { end_all end; }

# a reset by the peer ends every wait of a connection
# timeout: 240
test_reset() { end_all reset; }

# time-outs end every wait that can have one
# timeout: 240
test_timeout() { end_all timeout; }
