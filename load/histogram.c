// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Histograms: how often values of each size came, and their mean and deviation
 * to the last digit. They have no lock: one thread at a time works with each,
 * that of the Lua state that has it. States hand copies to each other.
 */
#include "load/histogram.h"

#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/refcount.h>
#include <linux/string.h>

#include "driver/account.h"
#include "driver/live.h"
#include "driver/memory.h"
#include "load/wide.h"

/* LHIST_STEPS is this power of two. */
#define STEP_BITS	6
/* So many values there can be, as many as Lua can count. Others are left out. So all sums fit. */
#define MOST_VALUES	((u64)S64_MAX)

/**
 * struct lhist - a histogram
 * @refs: how many references there are
 * @account: what it is charged to
 * @values: what is in it
 * @values.count: how many values; the sum of @values.counts
 * @values.min: the least of them; U64_MAX if there is none
 * @values.max: the greatest one; 0 if there is none
 * @values.sum: their sum
 * @values.squares: the sum of their squares
 * @values.counts: how many of them each bucket has
 */
struct lhist {
	refcount_t refs;
	struct luadrv_account *account;
	struct {
		u64 count;
		u64 min;
		u64 max;
		struct wide sum;
		struct wide squares;
		u64 counts[LHIST_BUCKETS];
	} values;
};

static unsigned int bucket_of(u64 value)
{
	unsigned int shift = max_t(unsigned int, fls64(value), STEP_BITS + 1) - (STEP_BITS + 1);

	return shift * LHIST_STEPS + (unsigned int)(value >> shift);
}

static void bucket_range(unsigned int bucket, u64 *from, u64 *to)
{
	unsigned int shift = max_t(unsigned int, bucket / LHIST_STEPS, 1) - 1;

	*from = (u64)(bucket - shift * LHIST_STEPS) << shift;
	*to = *from + (BIT_ULL(shift) - 1);
}

static int lhist_alloc(struct luadrv_account *account, struct lhist **res)
{
	struct lhist *hist;
	int err;

	BUILD_BUG_ON(LHIST_STEPS != 1 << STEP_BITS);
	err = luadrv_account_charge(account, luadrv_kvsize(sizeof(*hist)));
	if (err)
		return err;
	hist = luadrv_kvmalloc(sizeof(*hist), 0);
	if (!hist) {
		luadrv_account_uncharge(account, luadrv_kvsize(sizeof(*hist)));
		return -ENOMEM;
	}
	refcount_set(&hist->refs, 1);
	hist->account = luadrv_account_get(account);
	luadrv_live_add(LUADRV_LIVE_HISTOGRAMS, 1);
	*res = hist;
	return 0;
}

/**
 * lhist_new() - make an empty histogram
 * @account: what it is charged to
 * @res: where it goes; the caller ends it with lhist_put()
 *
 * Context: Process context. May sleep.
 * Return: 0; -ENOMEM.
 */
int lhist_new(struct luadrv_account *account, struct lhist **res)
{
	int err = lhist_alloc(account, res);

	if (!err)
		lhist_reset(*res);
	return err;
}

/**
 * lhist_copy() - make a histogram of the same values
 * @account: what it is charged to
 * @hist: what is copied; nobody writes to it meanwhile
 * @res: where it goes; the caller ends it with lhist_put()
 *
 * Context: Process context. May sleep.
 * Return: 0; -ENOMEM.
 */
int lhist_copy(struct luadrv_account *account, const struct lhist *hist, struct lhist **res)
{
	int err = lhist_alloc(account, res);

	if (!err)
		(*res)->values = hist->values;
	return err;
}

/**
 * lhist_get() - take a reference to a histogram
 * @hist: the histogram; the caller has one
 *
 * Context: Any.
 */
void lhist_get(struct lhist *hist)
{
	refcount_inc(&hist->refs);
}

/**
 * lhist_put() - give a reference to a histogram back
 * @hist: the histogram; freed if the reference is the last one
 *
 * Context: Process context.
 */
void lhist_put(struct lhist *hist)
{
	if (!refcount_dec_and_test(&hist->refs))
		return;
	luadrv_account_uncharge(hist->account, luadrv_kvsize(sizeof(*hist)));
	luadrv_account_put(hist->account);
	kvfree(hist);
	luadrv_live_add(LUADRV_LIVE_HISTOGRAMS, -1);
}

/**
 * lhist_record() - note that a value came
 * @hist: the histogram; one thread at a time has it
 * @value: the value
 * @times: how often it came
 *
 * From 2^63 - 1 values on, all others are left out.
 *
 * Context: Any.
 */
void lhist_record(struct lhist *hist, u64 value, u64 times)
{
	struct wide sum;

	times = min(times, MOST_VALUES - hist->values.count);
	if (!times)
		return;
	if (times == 1 && value <= U32_MAX) {
		wide_add(&hist->values.sum, value);
		wide_add(&hist->values.squares, value * value);
	} else {
		sum = wide_times(wide_from(value), times);
		hist->values.sum = wide_plus(hist->values.sum, sum);
		hist->values.squares = wide_plus(hist->values.squares, wide_times(sum, value));
	}
	hist->values.count += times;
	hist->values.counts[bucket_of(value)] += times;
	hist->values.min = min(hist->values.min, value);
	hist->values.max = max(hist->values.max, value);
}

/**
 * lhist_reset() - forget all values
 * @hist: the histogram; one thread at a time has it
 *
 * Context: Any.
 */
void lhist_reset(struct lhist *hist)
{
	memset(&hist->values, 0, sizeof(hist->values));
	hist->values.min = U64_MAX;
}

/* As many of the values as there is room for, the least ones; as exact as buckets are. */
static void merge_some(struct lhist *to, const struct lhist *from)
{
	unsigned int bucket;
	u64 low, high, count;

	for (bucket = 0; lhist_next(from, &bucket, &low, &high, &count); bucket++)
		lhist_record(to, min(high, from->values.max), count);
}

/**
 * lhist_merge() - add the values of another histogram
 * @to: what they are added to; one thread at a time has it
 * @from: the other one, or the same
 *
 * From 2^63 - 1 values on, all others are left out.
 *
 * Context: Any.
 */
void lhist_merge(struct lhist *to, const struct lhist *from)
{
	unsigned int i;

	if (from->values.count > MOST_VALUES - to->values.count) {
		merge_some(to, from);
		return;
	}
	to->values.count += from->values.count;
	to->values.min = min(to->values.min, from->values.min);
	to->values.max = max(to->values.max, from->values.max);
	to->values.sum = wide_plus(to->values.sum, from->values.sum);
	to->values.squares = wide_plus(to->values.squares, from->values.squares);
	for (i = 0; i < LHIST_BUCKETS; i++)
		to->values.counts[i] += from->values.counts[i];
}

/* The least and the greatest value may be gone: those that are left are known by their buckets. */
static void narrow(struct lhist *hist)
{
	u64 first = U64_MAX, low, high = 0, count;
	unsigned int bucket;

	for (bucket = 0; lhist_next(hist, &bucket, &low, &high, &count); bucket++)
		first = min(first, low);
	hist->values.min = max(hist->values.min, first);
	hist->values.max = min(hist->values.max, high);
}

/**
 * lhist_subtract() - take the values of another histogram away
 * @to: what they are taken away from; one thread at a time has it
 * @from: an earlier copy of it, or the same; of what else is there, what @to does
 *	not have is ignored, and the mean and the deviation are as good as that
 *
 * The least and the greatest value are then known as well as buckets are.
 *
 * Context: Any.
 */
void lhist_subtract(struct lhist *to, const struct lhist *from)
{
	unsigned int i;

	to->values.sum = wide_minus(to->values.sum, from->values.sum);
	to->values.squares = wide_minus(to->values.squares, from->values.squares);
	for (i = 0; i < LHIST_BUCKETS; i++) {
		u64 less = min(to->values.counts[i], from->values.counts[i]);

		to->values.counts[i] -= less;
		to->values.count -= less;
	}
	if (to->values.count)
		narrow(to);
	else
		lhist_reset(to);
}

/**
 * lhist_count() - how many values there are
 * @hist: the histogram; nobody writes to it meanwhile
 *
 * Context: Any.
 * Return: 2^63 - 1 or less.
 */
u64 lhist_count(const struct lhist *hist)
{
	return hist->values.count;
}

/**
 * lhist_min() - the least value
 * @hist: the histogram; nobody writes to it meanwhile
 *
 * Context: Any.
 * Return: the value; 0 if there is none.
 */
u64 lhist_min(const struct lhist *hist)
{
	return hist->values.count ? hist->values.min : 0;
}

/**
 * lhist_max() - the greatest value
 * @hist: the histogram; nobody writes to it meanwhile
 *
 * Context: Any.
 * Return: the value; 0 if there is none.
 */
u64 lhist_max(const struct lhist *hist)
{
	return hist->values.max;
}

/**
 * lhist_mean() - the mean of all values
 * @hist: the histogram; nobody writes to it meanwhile
 *
 * Context: Any.
 * Return: the mean, rounded down; 0 if there is no value.
 */
u64 lhist_mean(const struct lhist *hist)
{
	struct wide mean = hist->values.sum;

	if (!hist->values.count)
		return 0;
	wide_divide(&mean, hist->values.count);
	/* What was taken away may not have been in it. */
	return clamp_t(u64, wide_low(&mean), hist->values.min, hist->values.max);
}

/**
 * lhist_stddev() - the standard deviation of the values, as of all that there are
 * @hist: the histogram; nobody writes to it meanwhile
 *
 * Context: Any.
 * Return: the deviation from the mean, rounded down, as that is; 0 if there is
 *	no value.
 */
u64 lhist_stddev(const struct lhist *hist)
{
	u64 mean = lhist_mean(hist);
	struct wide sum;

	if (!hist->values.count)
		return 0;
	/* Of all (value - mean)^2. */
	sum = wide_times(wide_times(wide_from(hist->values.count), mean), mean);
	sum = wide_plus(sum, hist->values.squares);
	sum = wide_minus(sum, wide_times(wide_times(hist->values.sum, 2), mean));
	wide_divide(&sum, hist->values.count);
	return min(wide_root(&sum), hist->values.max - hist->values.min);
}

/**
 * lhist_percentile() - the value that a share of all values does not exceed
 * @hist: the histogram; nobody writes to it meanwhile
 * @num: the share, as a fraction
 * @den: of which this is the denominator, 1 or more
 *
 * Context: Any.
 * Return: the upper end of its bucket, at most the greatest value; 0 if there is
 *	no value.
 */
u64 lhist_percentile(const struct lhist *hist, u64 num, u64 den)
{
	struct wide wide = wide_times(wide_from(hist->values.count), num);
	u64 rank, low, high, count, before = 0;
	unsigned int bucket;
	bool rest;

	rest = wide_divide(&wide, den);
	rank = wide_low(&wide);
	rank += rest && rank < U64_MAX;
	rank = clamp_t(u64, rank, 1, max_t(u64, hist->values.count, 1));
	for (bucket = 0; lhist_next(hist, &bucket, &low, &high, &count); bucket++) {
		before += count;
		if (before >= rank)
			return min(high, hist->values.max);
	}
	return 0;
}

/**
 * lhist_next() - find a bucket that has values
 * @hist: the histogram; nobody writes to it meanwhile
 * @bucket: the first one that counts, 0 and up; takes the number of the one that
 *	was found
 * @from: takes the least value that the bucket is for
 * @to: takes the greatest one
 * @count: takes how many there are
 *
 * Context: Any.
 * Return: false if there is none; then all but @bucket are left as they were.
 */
bool lhist_next(const struct lhist *hist, unsigned int *bucket, u64 *from, u64 *to, u64 *count)
{
	while (*bucket < LHIST_BUCKETS && !hist->values.counts[*bucket])
		++*bucket;
	if (*bucket >= LHIST_BUCKETS)
		return false;
	bucket_range(*bucket, from, to);
	*count = hist->values.counts[*bucket];
	return true;
}
