/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Counters of every kind of object that a script can make the kernel hold.
 * They must all read zero when no script runs; the tests look at them after
 * each test in debugfs (luadrv/live).
 */
#ifndef _LUADRV_LIVE_H
#define _LUADRV_LIVE_H

#define LUADRV_LIVE_KINDS(X)		\
	X(SESSIONS, sessions)		\
	X(STATES, states)		\
	X(LUA_BYTES, lua_bytes)		\
	X(SOCKETS, sockets)		\
	X(POLLS, polls)			\
	X(POLL_ITEMS, poll_items)	\
	X(DATA, data)			\
	X(DATA_BYTES, data_bytes)	\
	X(ACCOUNTS, accounts)

enum luadrv_live_kind {
#define X(kind, name) LUADRV_LIVE_##kind,
	LUADRV_LIVE_KINDS(X)
#undef X
	LUADRV_LIVE_COUNT
};

/**
 * luadrv_live_add() - note that objects of a kind came to life or went
 * @kind: what they are
 * @n: how many; negative when they went
 *
 * Context: Any.
 */
void luadrv_live_add(enum luadrv_live_kind kind, long n);

void luadrv_live_init(void);
void luadrv_live_exit(void);

#endif
