// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* What the Lua core asks of the kernel: randomness, hashes, clocks. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "driver/runtime.h"

#include <linux/delay.h>
#include <linux/init.h>
#include <linux/ktime.h>
#include <linux/random.h>
#include <linux/sched/cputime.h>
#include <linux/siphash.h>
#include <linux/timekeeping.h>

static siphash_key_t pointer_key __ro_after_init;
static hsiphash_key_t bytes_key __ro_after_init;
u64 luaport_hash_keys[4] __ro_after_init;

/**
 * luadrv_port_init() - draw the keys of all hashes
 */
void __init luadrv_port_init(void)
{
	get_random_bytes(&pointer_key, sizeof(pointer_key));
	get_random_bytes(&bytes_key, sizeof(bytes_key));
	get_random_bytes(luaport_hash_keys, sizeof(luaport_hash_keys));
	/* Odd, so that multiplying by them loses nothing. */
	luaport_hash_keys[1] |= 1;
	luaport_hash_keys[2] |= 1;
}

u64 luaport_pointer_id(const void *ptr)
{
	return siphash_1u64((unsigned long)ptr, &pointer_key) >> 16;
}

u32 luaport_hash_bytes(const void *bytes, size_t len, u32 seed)
{
	hsiphash_key_t key = bytes_key;

	key.key[0] ^= seed;
	return hsiphash(bytes, len, &key);
}

u32 luaport_random32(void)
{
	return get_random_u32();
}

u64 luaport_random64(void)
{
	return get_random_u64();
}

s64 luaport_time(void)
{
	return ktime_get_real_seconds();
}

u64 luaport_cputime(void)
{
	u64 user, system;

	task_cputime_adjusted(current, &user, &system);
	return user + system;
}

void luaport_abort(void)
{
	panic(KBUILD_MODNAME ": Lua error outside of a protected call");
}

u64 luadrv_time_ns(void)
{
	return ktime_get_ns();
}

void luadrv_sleep(unsigned int ms)
{
	msleep_interruptible(ms);
}
