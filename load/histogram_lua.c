// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Histograms for scripts. */

/***
 * Histograms.
 * @submodule load
 */
#include <limits.h>

#include "load/histogram.h"
#include "load/load_lua.h"
#include "socket/luasocket.h"

/* Digits of a percentile. */
#define MOST_DIGITS	12

const char lhistogram_type[] = "lhistogram";

/* A share of all values. */
struct share {
	u64 num;
	u64 den;
};

static struct lhist *check_histogram(lua_State *L, int arg)
{
	return luadrv_box_check(L, arg, lhistogram_type);
}

void lhistogram_release(void *object)
{
	lhist_put(object);
}

/* Of @hist, or an empty one for NULL. */
static int push_new(lua_State *L, const struct lhist *hist)
{
	struct luadrv_account *account = luadrv_account_of(L);
	void **box = lhistogram_push(L);
	struct lhist *res;
	int err;

	err = hist ? lhist_copy(account, hist, &res) : lhist_new(account, &res);
	if (luasocket_collect(L, err))
		err = hist ? lhist_copy(account, hist, &res) : lhist_new(account, &res);
	if (err)
		return luasocket_raise_new(L, err, "histogram", NULL);
	*box = res;
	return 1;
}

/***
 * Notes a value.
 *
 * Source: an addition to the seed.
 *
 * @function lhistogram:record
 * @tparam integer value 0 or more
 * @tparam[opt=1] integer n how often it came
 * @return nothing
 * @raise an error when the value is negative
 * @usage h:record(1500)
 */
static int l_record(lua_State *L)
{
	struct lhist *hist = check_histogram(L, 1);
	lua_Integer value = luadrv_check_range(L, 2, 0, LLONG_MAX, "value"), n = 1;

	if (!lua_isnoneornil(L, 3))
		n = luadrv_check_range(L, 3, 0, LLONG_MAX, "number of times");
	lhist_record(hist, (u64)value, (u64)n);
	return 0;
}

static int push_number(lua_State *L, u64 (*get)(const struct lhist *hist))
{
	lua_pushinteger(L, (lua_Integer)get(check_histogram(L, 1)));
	return 1;
}

/***
 * How many values there are. So does the operator `#` tell.
 *
 * Source: an addition to the seed.
 *
 * @function lhistogram:count
 * @treturn integer at most `math.maxinteger`: others are left out
 * @raise an error when called on anything but a histogram
 * @usage print(h:count(), #h)
 */
static int l_count(lua_State *L)
{
	return push_number(L, lhist_count);
}

/***
 * The least value. It is exact, but for that of a difference.
 *
 * Source: an addition to the seed.
 *
 * @function lhistogram:min
 * @treturn integer 0 if there is none
 * @raise an error when called on anything but a histogram
 * @usage print(h:min())
 */
static int l_min(lua_State *L)
{
	return push_number(L, lhist_min);
}

/***
 * The greatest value. It is exact, but for that of a difference.
 *
 * Source: an addition to the seed.
 *
 * @function lhistogram:max
 * @treturn integer 0 if there is none
 * @raise an error when called on anything but a histogram
 * @usage print(h:max())
 */
static int l_max(lua_State *L)
{
	return push_number(L, lhist_max);
}

/***
 * The mean of all values, of the values themselves and not of their buckets.
 *
 * Source: an addition to the seed.
 *
 * @function lhistogram:mean
 * @treturn integer rounded down; 0 if there is no value
 * @raise an error when called on anything but a histogram
 * @usage print(h:mean())
 */
static int l_mean(lua_State *L)
{
	return push_number(L, lhist_mean);
}

/***
 * The standard deviation, as of all the values that there are, not of a sample:
 * the deviation of the values themselves from @{lhistogram:mean}.
 *
 * Source: an addition to the seed.
 *
 * @function lhistogram:stddev
 * @treturn integer rounded down; 0 if there is no value
 * @raise an error when called on anything but a histogram
 * @usage print(h:mean(), h:stddev())
 */
static int l_stddev(lua_State *L)
{
	return push_number(L, lhist_stddev);
}

/* "99.9": 999 of 1000. */
static bool read_share(const char *text, size_t len, struct share *share)
{
	bool point = false;
	size_t i;

	*share = (struct share){ .den = 100 };
	if (!len || len > MOST_DIGITS + 1)
		return false;
	for (i = 0; i < len; i++) {
		if (text[i] == '.' && !point && i && i + 1 < len) {
			point = true;
			continue;
		}
		if (text[i] < '0' || text[i] > '9')
			return false;
		share->num = 10 * share->num + (u64)(text[i] - '0');
		if (point)
			share->den *= 10;
	}
	return share->num <= share->den;
}

/***
 * The value that so many percent of all values do not exceed. It is at most one
 * part in 64 too much, and at most the greatest value.
 *
 * Source: an addition to the seed.
 *
 * @function lhistogram:percentile
 * @tparam integer|string p 0 to 100; as a text also between integers, as `"99.9"`,
 *  which is taken as exactly that
 * @treturn integer 0 if there is no value
 * @raise an error when it is no such number
 * @usage print(h:percentile(50), h:percentile("99.9"), h:percentile(100))
 */
static int l_percentile(lua_State *L)
{
	struct lhist *hist = check_histogram(L, 1);
	struct share share = { .den = 100 };
	const char *text;
	size_t len;

	if (lua_type(L, 2) == LUA_TSTRING) {
		text = lua_tolstring(L, 2, &len);
		if (!read_share(text, len, &share))
			return luaL_argerror(L, 2,
				"percentile must be 0 to 100, with at most 12 digits (such as \"99.9\")");
	} else {
		share.num = (u64)luadrv_check_range(L, 2, 0, 100, "percentile");
	}
	lua_pushinteger(L, (lua_Integer)lhist_percentile(hist, share.num, share.den));
	return 1;
}

/***
 * Adds the values of another histogram, which keeps them: as if all had been
 * recorded in one.
 *
 * Source: an addition to the seed.
 *
 * @function lhistogram:merge
 * @tparam lhistogram other
 * @treturn lhistogram the histogram itself
 * @raise an error when called with anything but histograms
 * @usage local all = h:copy():merge(h)
 */
static int l_merge(lua_State *L)
{
	struct lhist *hist = check_histogram(L, 1);

	lhist_merge(hist, check_histogram(L, 2));
	lua_settop(L, 1);
	return 1;
}

/***
 * Takes the values away that an earlier copy of the histogram has: those are left
 * that came since then. Their least and greatest are then known to one part in 64.
 * Of another histogram, the values that are not in this one are ignored; the mean
 * and the deviation are of no use then.
 *
 * Source: an addition to the seed.
 *
 * @function lhistogram:subtract
 * @tparam lhistogram other
 * @treturn lhistogram the histogram itself
 * @raise an error when called with anything but histograms
 * @usage local before = h:copy()
 * h:record(1500)
 * local since = h:copy():subtract(before)
 * assert(#since == 1)
 */
static int l_subtract(lua_State *L)
{
	struct lhist *hist = check_histogram(L, 1);

	lhist_subtract(hist, check_histogram(L, 2));
	lua_settop(L, 1);
	return 1;
}

/***
 * Makes another histogram of the same values.
 *
 * Source: an addition to the seed.
 *
 * @function lhistogram:copy
 * @treturn lhistogram
 * @raise error object: `ENOMEM`
 * @usage local before = h:copy()
 */
static int l_copy(lua_State *L)
{
	return push_new(L, check_histogram(L, 1));
}

/***
 * Forgets all values.
 *
 * Source: an addition to the seed.
 *
 * @function lhistogram:reset
 * @return nothing
 * @raise an error when called on anything but a histogram
 * @usage h:reset()
 */
static int l_reset(lua_State *L)
{
	lhist_reset(check_histogram(L, 1));
	return 0;
}

static void add_field(lua_State *L, const char *name, u64 value)
{
	lua_pushinteger(L, (lua_Integer)value);
	lua_setfield(L, -2, name);
}

/***
 * How often values of each size came. Values below 128 have a bucket each; from
 * there on each power of two has 64 of the same width.
 *
 * Source: an addition to the seed.
 *
 * @function lhistogram:buckets
 * @treturn table an array of those that have values, in their order: tables with
 *  `from` and `to`, the least and the greatest value that the bucket is for, and
 *  `count`, how many came
 * @raise an error when called on anything but a histogram
 * @usage for _, b in ipairs(h:buckets()) do print(b.from, b.to, b.count) end
 */
static int l_buckets(lua_State *L)
{
	struct lhist *hist = check_histogram(L, 1);
	u64 from, to, count;
	unsigned int bucket;
	lua_Integer n = 0;

	lua_newtable(L);
	for (bucket = 0; lhist_next(hist, &bucket, &from, &to, &count); bucket++) {
		lua_createtable(L, 0, 3);
		add_field(L, "from", from);
		add_field(L, "to", to);
		add_field(L, "count", count);
		lua_rawseti(L, -2, ++n);
	}
	return 1;
}

/***
 * The histogram as text.
 * @function lhistogram:__tostring
 * @treturn string such as `lhistogram (12 values, 1500 to 20071)`; or `empty`
 * @usage print(h)
 */
static int l_tostring(lua_State *L)
{
	struct lhist *hist = check_histogram(L, 1);
	u64 count = lhist_count(hist);

	if (count)
		lua_pushfstring(L, "lhistogram (%I value%s, %I to %I)", (LUAI_UACINT)count,
				count == 1 ? "" : "s", (LUAI_UACINT)lhist_min(hist),
				(LUAI_UACINT)lhist_max(hist));
	else
		lua_pushliteral(L, "lhistogram (empty)");
	return 1;
}

/***
 * Makes an empty histogram: of integers of 0 and more, of which it knows how many
 * there are, the least and the greatest, mean and deviation exactly, and
 * percentiles to one part in 64. It takes 32 KiB, however many values come. To
 * another thread it goes as a copy.
 *
 * Source: an addition to the seed.
 *
 * @function load.histogram
 * @treturn lhistogram
 * @raise error object: `ENOMEM`
 * @usage local h = require("load").histogram()
 */
int lhistogram_create(lua_State *L)
{
	return push_new(L, NULL);
}

static const luaL_Reg methods[] = {
	{ "buckets", l_buckets },
	{ "copy", l_copy },
	{ "count", l_count },
	{ "max", l_max },
	{ "mean", l_mean },
	{ "merge", l_merge },
	{ "min", l_min },
	{ "percentile", l_percentile },
	{ "record", l_record },
	{ "reset", l_reset },
	{ "stddev", l_stddev },
	{ "subtract", l_subtract },
	{ NULL, NULL }
};

static const luaL_Reg meta[] = {
	{ "__len", l_count },
	{ "__tostring", l_tostring },
	{ NULL, NULL }
};

void lhistogram_open(lua_State *L)
{
	int top = lua_gettop(L);

	/* The last field: where there was no memory, a part of the type may be there. */
	if (luaL_getmetatable(L, lhistogram_type) == LUA_TNIL ||
	    lua_getfield(L, -1, "__metatable") == LUA_TNIL)
		luadrv_box_type(L, lhistogram_type, methods, meta);
	lua_settop(L, top);
}

void **lhistogram_push(lua_State *L)
{
	lhistogram_open(L);
	return luadrv_box_new(L, lhistogram_type, lhistogram_release);
}
