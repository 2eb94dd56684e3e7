// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* What a script holds against what it may hold. */
#include "driver/account.h"
#include "driver/live.h"
#include "driver/runtime.h"

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static LIST_HEAD(accounts);
static DEFINE_SPINLOCK(accounts_lock);
/* Protects what is left of the failures that tests ask for. */
static DEFINE_SPINLOCK(fail_lock);

/**
 * luadrv_account_new() - an account for a script that is about to run
 * @max_memory: bytes that it may hold
 * @max_sockets: sockets that it may hold
 *
 * Context: Process. The caller owns the reference that it gets.
 * Return: the account, or NULL when there is no memory.
 */
struct luadrv_account *luadrv_account_new(size_t max_memory, long max_sockets)
{
	struct luadrv_account *account;

	account = kzalloc(sizeof(*account), GFP_KERNEL_ACCOUNT);
	if (!account)
		return NULL;
	kref_init(&account->ref);
	INIT_LIST_HEAD(&account->channels);
	INIT_LIST_HEAD(&account->threads);
	spin_lock_init(&account->parts_lock);
	init_waitqueue_head(&account->idle);
	account->max_memory = min_t(size_t, max_memory, LONG_MAX);
	account->max_sockets = min_t(long, max_sockets, INT_MAX);
	account->fail_countdown = luadrv_fail_alloc;
	account->failures = luadrv_fail_alloc_times;
	spin_lock(&accounts_lock);
	list_add(&account->all, &accounts);
	spin_unlock(&accounts_lock);
	luadrv_live_add(LUADRV_LIVE_ACCOUNTS, 1);
	return account;
}

struct luadrv_account *luadrv_account_get(struct luadrv_account *account)
{
	kref_get(&account->ref);
	return account;
}

static void account_release(struct kref *ref)
{
	struct luadrv_account *account =
		container_of(ref, struct luadrv_account, ref);

	spin_lock(&accounts_lock);
	list_del(&account->all);
	spin_unlock(&accounts_lock);
	luadrv_live_add(LUADRV_LIVE_LEAKED_BYTES,
			atomic_long_read(&account->used) - atomic_long_read(&account->kept));
	luadrv_live_add(LUADRV_LIVE_ACCOUNTS, -1);
	kfree(account);
}

void luadrv_account_put(struct luadrv_account *account)
{
	kref_put(&account->ref, account_release);
}

/**
 * luadrv_account_totals() - what all scripts together hold now
 * @lua_bytes: takes the bytes of their Lua heaps
 * @charged_bytes: takes the bytes that are charged beside these
 *
 * Context: Process.
 */
void luadrv_account_totals(long *lua_bytes, long *charged_bytes)
{
	struct luadrv_account *account;

	*lua_bytes = 0;
	*charged_bytes = 0;
	spin_lock(&accounts_lock);
	list_for_each_entry(account, &accounts, all) {
		*lua_bytes += atomic_long_read(&account->lua_bytes);
		*charged_bytes += atomic_long_read(&account->charged_bytes);
	}
	spin_unlock(&accounts_lock);
}

/*
 * For tests: true when this allocation shall fail. What fails is tried again
 * after a collection, so a single failure leads to that, and two to an error
 * from which a script may recover.
 */
bool luadrv_account_fails(struct luadrv_account *account)
{
	unsigned long flags;
	bool fails = false;

	spin_lock_irqsave(&fail_lock, flags);
	if (account->fail_countdown > 1) {
		WRITE_ONCE(account->fail_countdown, account->fail_countdown - 1);
	} else if (account->fail_countdown == 1) {
		fails = true;
		if (account->failures && !--account->failures)
			WRITE_ONCE(account->fail_countdown, 0);
	}
	spin_unlock_irqrestore(&fail_lock, flags);
	return fails;
}

static void note_peak(struct luadrv_account *account, long used)
{
	long peak = READ_ONCE(account->peak), seen;

	while (used > peak) {
		seen = cmpxchg(&account->peak, peak, used);
		if (seen == peak)
			break;
		peak = seen;
	}
}

/* Looks and takes in one step: what several states take at once stays within the limit as well. */
static bool take(struct luadrv_account *account, size_t bytes)
{
	long used = atomic_long_read(&account->used);

	do {
		if (used > account->max_memory || bytes > (size_t)(account->max_memory - used))
			return false;
	} while (!atomic_long_try_cmpxchg(&account->used, &used, used + (long)bytes));
	note_peak(account, used + (long)bytes);
	return true;
}

/**
 * luadrv_account_take() - take memory of a Lua heap into account
 * @account: of the script that is to hold it
 * @bytes: how much
 *
 * Context: Any.
 * Return: false when the script's limit does not allow it.
 */
bool luadrv_account_take(struct luadrv_account *account, size_t bytes)
{
	if (!take(account, bytes))
		return false;
	atomic_long_add(bytes, &account->lua_bytes);
	return true;
}

void luadrv_account_give(struct luadrv_account *account, size_t bytes)
{
	atomic_long_sub(bytes, &account->lua_bytes);
	atomic_long_sub(bytes, &account->used);
}

/**
 * luadrv_account_charge() - take memory outside of the Lua heap into account
 * @account: of the script that is to hold it
 * @bytes: how much
 *
 * Context: Any.
 * Return: 0, or -ENOMEM when the script's limit does not allow it.
 */
int luadrv_account_charge(struct luadrv_account *account, size_t bytes)
{
	luadrv_note_allocation();
	if (luadrv_account_fail(account) || !take(account, bytes))
		return -ENOMEM;
	atomic_long_add(bytes, &account->charged_bytes);
	return 0;
}

void luadrv_account_uncharge(struct luadrv_account *account, size_t bytes)
{
	atomic_long_sub(bytes, &account->charged_bytes);
	atomic_long_sub(bytes, &account->used);
}

void luadrv_account_keep(struct luadrv_account *account, size_t bytes)
{
	atomic_long_add(bytes, &account->kept);
}

/**
 * luadrv_account_add_socket() - take one more socket into account
 * @account: of the script that is to hold it
 *
 * Context: Any.
 * Return: 0; -EMFILE when the script holds as many as it may.
 */
int luadrv_account_add_socket(struct luadrv_account *account)
{
	if (atomic_add_unless(&account->sockets, 1, account->max_sockets))
		return 0;
	return -EMFILE;
}

void luadrv_account_remove_socket(struct luadrv_account *account)
{
	atomic_dec(&account->sockets);
}

/**
 * luadrv_account_add() - take one more of something into account
 * @account: of the script that is to hold it
 * @thing: what it is
 * @most: how many of these a script may hold
 *
 * Context: Any.
 * Return: 0; -EMFILE when the script holds as many as it may.
 */
int luadrv_account_add(struct luadrv_account *account, enum luadrv_account_thing thing, int most)
{
	return atomic_add_unless(&account->things[thing], 1, most) ? 0 : -EMFILE;
}

void luadrv_account_remove(struct luadrv_account *account, enum luadrv_account_thing thing)
{
	atomic_dec(&account->things[thing]);
}

bool luadrv_account_gets_files(const struct luadrv_account *account)
{
	return READ_ONCE(account->gets_files);
}

void luadrv_account_set_gets_files(struct luadrv_account *account)
{
	WRITE_ONCE(account->gets_files, true);
}
