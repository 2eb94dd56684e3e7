/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Histograms of 64-bit values, for both halves. */
#ifndef _LUADRV_LOAD_HISTOGRAM_H
#define _LUADRV_LOAD_HISTOGRAM_H

#include <linux/types.h>

struct lhist;
struct luadrv_account;

/*
 * Log-linear: values below 2 * LHIST_STEPS have a bucket each; from there on each power of two has LHIST_STEPS
 * of them, so that a value is known to less than one part in LHIST_STEPS (1.6 %).
 */
#define LHIST_STEPS	64
#define LHIST_BUCKETS	(LHIST_STEPS * (64 - 6 + 1))

/* histogram.c */
int lhist_new(struct luadrv_account *account, struct lhist **res);
/* A copy of what @hist holds now, charged to @account. */
int lhist_copy(struct luadrv_account *account, const struct lhist *hist, struct lhist **res);
void lhist_get(struct lhist *hist);
void lhist_put(struct lhist *hist);
void lhist_record(struct lhist *hist, u64 value, u64 times);
void lhist_reset(struct lhist *hist);
void lhist_merge(struct lhist *to, const struct lhist *from);
/* Takes away from @to what @from holds, an earlier copy of it. */
void lhist_subtract(struct lhist *to, const struct lhist *from);
u64 lhist_count(const struct lhist *hist);
u64 lhist_min(const struct lhist *hist);
u64 lhist_max(const struct lhist *hist);
u64 lhist_mean(const struct lhist *hist);
u64 lhist_stddev(const struct lhist *hist);
/* The value that @num of @den of all values do not exceed (its bucket's upper end, at most the greatest value); 0 if there is none. */
u64 lhist_percentile(const struct lhist *hist, u64 num, u64 den);
/* The first bucket from *@bucket on that is not empty: its number, range and count; false if there is none. */
bool lhist_next(const struct lhist *hist, unsigned int *bucket, u64 *from, u64 *to, u64 *count);

#endif
