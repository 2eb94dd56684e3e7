// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The library os, as far as the kernel has what it asks for. Dates are by arithmetic: all is UTC. */

/***
 * The library os, as far as the kernel has what it asks for: clocks, dates in
 * UTC, and the end of the script. (`kernel.time_ns` measures short times.)
 * @module os
 */
#include <limits.h>
#include <string.h>
#include <stdio.h>

#include "lua.h"
#include "lauxlib.h"
#include "lualib.h"

#define NSEC_PER_SEC 1000000000
#define DAY (24 * 60 * 60)
#define DAYS_IN_400_YEARS 146097
/* Days from the 1st of March of the year 0 to the 1st of January 1970. */
#define MARCH_0_TO_1970 719468
/* The C library counts years from 1900, in an int; fields of a table may be half as large. */
#define BASE_YEAR 1900
#define MAX_FIELD (INT_MAX / 2)

/* A moment, taken apart as C's struct tm has it, but for the year. */
struct date {
	lua_Integer year;
	int month;	/* 0..11 */
	int day;	/* 1..31 */
	int hour;
	int minute;
	int second;
	int weekday;	/* 0: Sunday */
	int yearday;	/* 0..365 */
};

static const char *const days[] = {
	"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"
};

static const char *const months[] = {
	"January", "February", "March", "April", "May", "June", "July",
	"August", "September", "October", "November", "December"
};

static lua_Integer floor_div(lua_Integer a, lua_Integer b)
{
	return a / b - (a % b < 0);
}

static int floor_mod(lua_Integer a, int b)
{
	return (int)(a - floor_div(a, b) * b);
}

/*
 * Days from 1970 to a day. Years are taken to begin in March, so that the day
 * that leap years have more is their last one. @month is 0..11.
 */
static lua_Integer days_from(lua_Integer year, int month, lua_Integer day)
{
	lua_Integer from_march = month >= 2 ? year : year - 1;
	lua_Integer cycle = floor_div(from_march, 400);
	lua_Integer in_cycle = from_march - cycle * 400;
	int months_since = (month + 10) % 12;

	return cycle * DAYS_IN_400_YEARS + in_cycle * 365 + in_cycle / 4 -
	       in_cycle / 100 + (153 * months_since + 2) / 5 + day - 1 -
	       MARCH_0_TO_1970;
}

/* The inverse of days_from(). */
static void set_day(struct date *date, lua_Integer day)
{
	lua_Integer cycle = floor_div(day + MARCH_0_TO_1970, DAYS_IN_400_YEARS);
	int rest = floor_mod(day + MARCH_0_TO_1970, DAYS_IN_400_YEARS);
	int year = (rest - rest / 1460 + rest / 36524 - rest / 146096) / 365;
	int yearday = rest - (365 * year + year / 4 - year / 100);
	int months_since = (5 * yearday + 2) / 153;

	date->day = yearday - (153 * months_since + 2) / 5 + 1;
	date->month = (months_since + 2) % 12;
	date->year = cycle * 400 + year + (date->month < 2);
	date->weekday = floor_mod(day + 4, 7);
	date->yearday = (int)(day - days_from(date->year, 0, 1));
}

static void unrepresentable(lua_State *L)
{
	luaL_error(L, "time result cannot be represented in this installation");
}

static void set_time(lua_State *L, struct date *date, lua_Integer time)
{
	int second = floor_mod(time, DAY);

	set_day(date, floor_div(time, DAY));
	if (date->year < (lua_Integer)INT_MIN + BASE_YEAR ||
	    date->year > (lua_Integer)INT_MAX + BASE_YEAR)
		unrepresentable(L);
	date->hour = second / 3600;
	date->minute = second / 60 % 60;
	date->second = second % 60;
}

static void set_field(lua_State *L, const char *name, lua_Integer value)
{
	lua_pushinteger(L, value);
	lua_setfield(L, -2, name);
}

/* Into the table on the top of the stack. */
static void set_fields(lua_State *L, const struct date *date)
{
	set_field(L, "sec", date->second);
	set_field(L, "min", date->minute);
	set_field(L, "hour", date->hour);
	set_field(L, "day", date->day);
	set_field(L, "month", date->month + 1);
	set_field(L, "year", date->year);
	set_field(L, "wday", date->weekday + 1);
	set_field(L, "yday", date->yearday + 1);
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "isdst");
}

/* A field of the table at index 1; @missing is its value if it is nil, -1: it must be there. */
static lua_Integer get_field(lua_State *L, const char *name, int missing)
{
	int type = lua_getfield(L, 1, name);
	int valid;
	lua_Integer value = lua_tointegerx(L, -1, &valid);

	if (!valid) {
		if (type != LUA_TNIL)
			luaL_error(L, "field '%s' is not an integer", name);
		if (missing < 0)
			luaL_error(L, "field '%s' missing in date table", name);
		value = missing;
	} else if (value < -MAX_FIELD || value > MAX_FIELD) {
		luaL_error(L, "field '%s' is out-of-bound", name);
	}
	lua_pop(L, 1);
	return value;
}

/* No field exceeds 31 bits, so that nothing here comes near to 63. */
static lua_Integer time_of_table(lua_State *L)
{
	lua_Integer second = get_field(L, "sec", 0);
	lua_Integer minute = get_field(L, "min", 0);
	lua_Integer hour = get_field(L, "hour", 12);
	lua_Integer day = get_field(L, "day", -1);
	lua_Integer month = get_field(L, "month", -1) - 1;
	lua_Integer year = get_field(L, "year", -1) + floor_div(month, 12);

	return days_from(year, floor_mod(month, 12), day) * DAY + hour * 3600 +
	       minute * 60 + second;
}

/***
 * The time, in seconds since 1970.
 * @function os.time
 * @tparam[opt] table when a date in UTC: `year`, `month`, `day`, and perhaps `hour` (12), `min` (0), `sec` (0). They
 * may exceed their ranges; then, as in Lua 5.3, all fields of the table are set to those of the date that this means.
 * @treturn integer of that date, or of now
 * @raise if a field is missing, no integer or beyond 2^30
 * @usage local in_an_hour = os.time() + 3600
 */
static int l_time(lua_State *L)
{
	struct date date;
	lua_Integer time;

	if (lua_isnoneornil(L, 1)) {
		lua_pushinteger(L, luaport_time());
		return 1;
	}
	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	time = time_of_table(L);
	set_time(L, &date, time);
	set_fields(L, &date);
	lua_pushinteger(L, time);
	return 1;
}

/* The year's number of weeks by ISO 8601 is 53 if it begins on a Thursday, or leaps and begins on a Wednesday. */
static int weeks_of(lua_Integer year)
{
	lua_Integer first = days_from(year, 0, 1);
	int weekday = floor_mod(first + 4, 7);
	int leap = days_from(year + 1, 0, 1) - first == 366;

	return 52 + (weekday == 4 || (leap && weekday == 3));
}

/* Week and year by ISO 8601: weeks begin on Monday and are of the year that has their Thursday. */
static int iso_week(const struct date *date, lua_Integer *year)
{
	int week = (date->yearday - (date->weekday + 6) % 7 + 10) / 7;

	*year = date->year;
	if (week < 1)
		return weeks_of(--*year);
	if (week > weeks_of(*year)) {
		++*year;
		return 1;
	}
	return week;
}

static const char *composed(char conversion)
{
	switch (conversion) {
	case 'c': return "%a %b %e %H:%M:%S %Y";
	case 'D':
	case 'x': return "%m/%d/%y";
	case 'F': return "%Y-%m-%d";
	case 'r': return "%I:%M:%S %p";
	case 'R': return "%H:%M";
	case 'T':
	case 'X': return "%H:%M:%S";
	default: return NULL;
	}
}

static const char *name_of(const struct date *date, char conversion)
{
	switch (conversion) {
	case 'A':
	case 'a': return days[date->weekday];
	case 'B':
	case 'b':
	case 'h': return months[date->month];
	case 'n': return "\n";
	case 'p':
		return date->hour < 12 ? "AM" : "PM";
	case 't': return "\t";
	case 'z': return "+0000";
	case 'Z': return "UTC";
	case '%': return "%";
	default: return NULL;
	}
}

/* The number that a conversion shows, and how. */
static lua_Integer number_of(const struct date *date, char conversion,
			     const char **format)
{
	int monday = (date->weekday + 6) % 7;
	lua_Integer iso_year;
	int week = iso_week(date, &iso_year);

	*format = "%02lld";
	switch (conversion) {
	case 'd': return date->day;
	case 'g': return floor_mod(iso_year, 100);
	case 'H': return date->hour;
	case 'I': return (date->hour + 11) % 12 + 1;
	case 'm': return date->month + 1;
	case 'M': return date->minute;
	case 'S': return date->second;
	case 'U': return (date->yearday + 7 - date->weekday) / 7;
	case 'V': return week;
	case 'W': return (date->yearday + 7 - monday) / 7;
	case 'y': return floor_mod(date->year, 100);
	}
	*format = "%lld";
	switch (conversion) {
	case 'C': return floor_div(date->year, 100);
	case 'G': return iso_year;
	case 'u': return monday + 1;
	case 'w': return date->weekday;
	case 'Y': return date->year;
	case 'e':
		*format = "%2lld";
		return date->day;
	default:
		*format = "%03lld";
		return date->yearday + 1;
	}
}

static void add_simple(luaL_Buffer *b, const struct date *date, char conversion)
{
	const char *text = name_of(date, conversion);
	char number[24];
	const char *format;
	lua_Integer n;

	if (text && strchr("abh", conversion)) {
		luaL_addlstring(b, text, 3);
	} else if (text) {
		luaL_addstring(b, text);
	} else {
		n = number_of(date, conversion, &format);
		snprintf(number, sizeof(number), format, (long long)n);
		luaL_addstring(b, number);
	}
}

static void add_conversion(luaL_Buffer *b, const struct date *date, char conversion)
{
	const char *parts = composed(conversion);

	if (!parts) {
		add_simple(b, date, conversion);
		return;
	}
	for (; *parts; parts++) {
		if (*parts == '%')
			add_simple(b, date, *++parts);
		else
			luaL_addchar(b, *parts);
	}
}

/* The conversion after a '%'; E and O ask for what the one locale, C, does not have. */
static char check_conversion(lua_State *L, const char **format, const char *end)
{
	const char *allowed = "aAbBcCdDeFgGhHIjmMnprRStTuUVwWxXyYzZ%";
	const char *at = *format;

	if (end - at > 1 && *at == 'E') {
		allowed = "cCxXyY";
		at++;
	} else if (end - at > 1 && *at == 'O') {
		allowed = "deHImMSuUVwWy";
		at++;
	}
	if (at == end || !*at || !strchr(allowed, *at))
		luaL_argerror(L, 1, lua_pushfstring(L, "invalid conversion specifier '%%%s'",
						    *format));
	*format = at + 1;
	return *at;
}

/***
 * A date as text or as a table, in UTC.
 * @function os.date
 * @tparam[opt="%c"] string format as in C's strftime() in the locale C; a leading `!` changes nothing. `"*t"` gives
 * a table with `year`, `month`, `day`, `hour`, `min`, `sec`, `wday` (1 is Sunday), `yday` and `isdst` (false).
 * @tparam[optchain] integer time in seconds since 1970; default: now
 * @treturn string|table
 * @raise if a conversion is none of C99, or if the year exceeds 31 bits
 * @usage print(os.date("%Y-%m-%d %H:%M:%S"))
 */
static int l_date(lua_State *L)
{
	size_t len;
	const char *format = luaL_optlstring(L, 1, "%c", &len);
	const char *end = format + len;
	struct date date;
	luaL_Buffer b;

	set_time(L, &date, lua_isnoneornil(L, 2) ? luaport_time() :
						   luaL_checkinteger(L, 2));
	if (*format == '!')
		format++;
	if (!strcmp(format, "*t")) {
		lua_createtable(L, 0, 9);
		set_fields(L, &date);
		return 1;
	}
	luaL_buffinit(L, &b);
	while (format < end) {
		luai_tick(L);
		if (*format != '%') {
			luaL_addchar(&b, *format++);
		} else {
			format++;
			add_conversion(&b, &date, check_conversion(L, &format, end));
		}
	}
	luaL_pushresult(&b);
	return 1;
}

/***
 * The time from one moment to another.
 * @function os.difftime
 * @tparam integer to seconds since 1970, as os.time() gives
 * @tparam integer from
 * @treturn integer seconds
 * @raise if 64 bits do not hold it
 * @usage local begun = os.time()
 * assert(os.difftime(os.time(), begun) >= 0)
 */
static int l_difftime(lua_State *L)
{
	lua_Integer to = luaL_checkinteger(L, 1);
	lua_Integer from = luaL_checkinteger(L, 2);
	lua_Integer difference;

	if (__builtin_sub_overflow(to, from, &difference))
		unrepresentable(L);
	lua_pushinteger(L, difference);
	return 1;
}

/***
 * CPU time that the script's process has used, in whole seconds.
 * @function os.clock
 * @treturn integer
 * @usage local begun = os.clock()
 */
static int l_clock(lua_State *L)
{
	lua_pushinteger(L, luaport_cputime() / NSEC_PER_SEC);
	return 1;
}

/***
 * The value of an environment variable: none, since scripts in the kernel have no environment.
 * @function os.getenv
 * @tparam string name
 * @treturn nil
 * @usage local home = os.getenv("HOME") or "/"
 */
static int l_getenv(lua_State *L)
{
	luaL_checkstring(L, 1);
	lua_pushnil(L);
	return 1;
}

/***
 * Ends the script, wherever it is: past `pcall`, coroutines and finalizers. What is left to do at the end of a script is
 * done: its threads are stopped, finalizers run. The status is what `luadrv run` exits with; a session ends its run and
 * tells who runs it. For a script that `cat` writes, or a detached one, it is an end like any other.
 * @function os.exit
 * @tparam[opt=true] boolean|integer code the status, 0..255; true is 0, false is 1
 * @return nothing
 * @raise if the status is no such number; in a thread
 * @usage if not pcall(main) then os.exit(1) end
 */
static int l_exit(lua_State *L)
{
	lua_Integer status;

	if (lua_isboolean(L, 1))
		status = !lua_toboolean(L, 1);
	else
		status = luaL_optinteger(L, 1, 0);
	luaL_argcheck(L, status >= 0 && status <= 255, 1, "a status of 0..255 expected");
	if (!luaport_may_exit(luaport_of(L)))
		return luaL_error(L, "only a script can exit, not one of its threads");
	luaport_exit(L, (int)status);
	return 0;
}

static const luaL_Reg functions[] = {
	{ "clock", l_clock },
	{ "date", l_date },
	{ "difftime", l_difftime },
	{ "exit", l_exit },
	{ "getenv", l_getenv },
	{ "time", l_time },
	{ NULL, NULL }
};

int luaopen_os(lua_State *L)
{
	luaL_newlib(L, functions);
	return 1;
}
