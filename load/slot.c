// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * When requests begin: as soon as a flow is free (closed loop), or at moments
 * that do not depend on how fast responses come (open loop). A moment that is
 * past when a flow becomes free counts from when it was due, so that what had
 * to wait shows.
 */
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/time64.h>

#include "lload.h"

/* A rate times nanoseconds that makes one request. */
#define LLOAD_ONE	(1000ULL * NSEC_PER_SEC)
/* A slot that begins later than that is counted as late. */
#define LLOAD_LATE	NSEC_PER_MSEC
/* So many slots are left out one by one. */
#define LLOAD_SKIPS	64

/* The rate of a stage, so many ns into it. */
static u64 lload_rate(const struct lload_stage *stage, u64 into)
{
	if (stage->from <= stage->to)
		return stage->from +
		       mul_u64_u64_div_u64(stage->to - stage->from, into, stage->length);
	return stage->from - mul_u64_u64_div_u64(stage->from - stage->to, into, stage->length);
}

/* While it changes, the rate is taken as even for so long. */
static u64 lload_step_of(const struct lload_stage *stage)
{
	return stage->from == stage->to ? U64_MAX : max_t(u64, NSEC_PER_MSEC, stage->length >> 10);
}

/* Moves the next slot on to when the rates since the last one make one request. */
static void lload_slot_next(struct lload *e)
{
	u64 left = LLOAD_ONE, into, rate, step, need;
	const struct lload_stage *stage;

	for (;;) {
		stage = &e->stages[e->stage];
		into = e->slot_due - e->stage_begin;
		if (into >= stage->length && e->stage < e->stage_count) {
			e->stage_begin += stage->length;
			e->stage++;
			continue;
		}
		rate = lload_rate(stage, into);
		step = min(stage->length - into, lload_step_of(stage));
		if (!rate && e->stage == e->stage_count) {
			e->slot_due = U64_MAX;
			return;
		}
		need = rate ? DIV64_U64_ROUND_UP(left, rate) : U64_MAX;
		if (need <= step) {
			e->slot_due = min(need, U64_MAX - e->slot_due) + e->slot_due;
			return;
		}
		if (step > U64_MAX - e->slot_due) {
			e->slot_due = U64_MAX;
			return;
		}
		left -= rate * step;
		e->slot_due += step;
	}
}

/**
 * lload_slot_start() - the first slot is when the run begins
 * @e: the engine, with its times
 *
 * Context: Process context.
 */
void lload_slot_start(struct lload *e)
{
	e->slot_due = e->times.begin;
	e->stage_begin = e->times.begin;
	e->stage = 0;
	if (e->stage_count && !e->stages[0].from)
		lload_slot_next(e);
}

/* Leaves out the slots before the last one that is due; gives that one. */
static u64 lload_slot_skip(struct lload *e, u64 due)
{
	u64 rate, period, missed;
	int i;

	for (i = 0; i < LLOAD_SKIPS && e->slot_due <= e->now; i++) {
		e->counts.skipped++;
		due = e->slot_due;
		lload_slot_next(e);
	}
	if (e->slot_due > e->now)
		return due;
	/* So many that they are taken for evenly spread. */
	rate = lload_rate(&e->stages[e->stage],
			  min(e->slot_due - e->stage_begin, e->stages[e->stage].length));
	period = max_t(u64, div64_u64(LLOAD_ONE, max_t(u64, rate, 1)), 1);
	missed = div64_u64(e->now - e->slot_due, period) + 1;
	e->counts.skipped += missed;
	e->slot_due += missed * period;
	return e->slot_due - period;
}

static bool lload_spent(const struct lload *e)
{
	return e->config.limited && e->warm && e->begun >= e->config.transactions;
}

/**
 * lload_slot_take() - may a request begin, or a stream write?
 * @e: the engine
 * @due: where it goes when it should have begun
 *
 * Context: Process context.
 */
bool lload_slot_take(struct lload *e, u64 *due)
{
	if (e->phase != LLOAD_RUNNING || lload_spent(e))
		return false;
	*due = e->now;
	if (e->stage_count) {
		if (e->slot_due > e->now)
			return false;
		*due = e->slot_due;
		lload_slot_next(e);
		if (e->config.skip_late)
			*due = lload_slot_skip(e, *due);
		if (e->now - *due > LLOAD_LATE)
			e->counts.late++;
	}
	e->begun++;
	return true;
}

/**
 * lload_slot_wait() - a flow waits for a slot, if there will be one
 * @e: the engine
 * @f: the flow, in no list
 *
 * Context: Process context.
 */
void lload_slot_wait(struct lload *e, struct lload_flow *f)
{
	if (e->stage_count && e->phase == LLOAD_RUNNING && !lload_spent(e))
		list_move_tail(&f->link, &e->idle);
}

/**
 * lload_slot_serve() - if a slot is due, the flow that has waited longest begins
 * @e: the engine
 *
 * Context: Process context.
 */
void lload_slot_serve(struct lload *e)
{
	if (!list_empty(&e->idle) && e->slot_due <= e->now)
		lload_flow_hurry(e, list_first_entry(&e->idle, struct lload_flow, link));
}
