/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Counters of every kind of object that a script can make the kernel hold.
 * They must all read zero when no script runs; the tests look at them after
 * each test in debugfs (luadrv/live). And some that only go up: how often
 * memory was asked for on behalf of scripts (luadrv/allocations), since what is
 * given back at once leaves no other trace; and how relays have moved bytes
 * (luadrv/relayed), which nobody sees by what arrives.
 */
#ifndef _LUADRV_LIVE_H
#define _LUADRV_LIVE_H

#include <linux/irqflags.h>
#include <linux/percpu.h>

enum luadrv_live_kind {
	LUADRV_LIVE_SESSIONS,
	LUADRV_LIVE_STATES,
	LUADRV_LIVE_LEAKED_BYTES,
	LUADRV_LIVE_SOCKETS,
	LUADRV_LIVE_POLLS,
	LUADRV_LIVE_POLL_ITEMS,
	LUADRV_LIVE_TIMERS,
	LUADRV_LIVE_UPCALLS,
	LUADRV_LIVE_RELAYS,
	LUADRV_LIVE_DATA,
	LUADRV_LIVE_DATA_BYTES,
	LUADRV_LIVE_PARCELS,
	LUADRV_LIVE_CHANNELS,
	LUADRV_LIVE_THREADS,
	LUADRV_LIVE_ACCOUNTS,
	LUADRV_LIVE_NETNS,
	LUADRV_LIVE_ENGINES,
	LUADRV_LIVE_HISTOGRAMS,
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

DECLARE_PER_CPU(unsigned long, luadrv_allocations);

/* Notes that memory was asked for: one instruction, as Lua's allocator calls it. Context: Any. */
static inline void luadrv_note_allocation(void)
{
	this_cpu_inc(luadrv_allocations);
}

/* How relays have moved bytes. */
enum luadrv_relayed_kind {
	LUADRV_RELAYED_PAGES,	/* the pages that they lie in were handed on */
	LUADRV_RELAYED_COPIES,
	LUADRV_RELAYED_KINDS
};

DECLARE_PER_CPU(u64, luadrv_relayed[LUADRV_RELAYED_KINDS]);

/* Notes that bytes were moved. Context: Any. */
static inline void luadrv_note_relayed(enum luadrv_relayed_kind kind, size_t bytes)
{
	this_cpu_add(luadrv_relayed[kind], bytes);
}

void luadrv_live_init(void);
void luadrv_live_exit(void);

#endif
