// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Arguments and results that only sockets have: flags, and words for the
 * kernel's numbers; addresses are in addr_lua.c. A conversion that fails leaves a message on the
 * stack and returns it; its caller knows whom to blame.
 */
#include <limits.h>
#include <string.h>

#include "luasocket.h"

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

/* Whether the @len characters at @s are @word, in upper or lower case. */
static bool is_word(const char *word, const char *s, size_t len)
{
	size_t i;

	if (strlen(word) != len)
		return false;
	for (i = 0; i < len; i++)
		if (lower(word[i]) != lower(s[i]))
			return false;
	return true;
}

static bool is_letter(const char *letter, const char *s, size_t len)
{
	return letter && strlen(letter) == len && !memcmp(letter, s, len);
}

static const struct lsock_name *find_word(const struct lsock_name *names,
					  const char *s, size_t len)
{
	for (; names->name; names++)
		if (is_word(names->name, s, len))
			return names;
	return NULL;
}

static const struct lsock_name *find_letter(const struct lsock_name *names,
					    const char *s, size_t len)
{
	for (; names->name; names++)
		if (is_letter(names->letter, s, len))
			return names;
	return NULL;
}

static const struct lsock_name *find_name(const struct lsock_name *names,
					  const char *s, size_t len)
{
	const struct lsock_name *found = find_letter(names, s, len);

	return found ? found : find_word(names, s, len);
}

int luasocket_check_name(lua_State *L, int arg, const struct lsock_name *names,
			 int max, const char *what)
{
	const struct lsock_name *found;
	const char *s;
	size_t len;

	if (lua_type(L, arg) == LUA_TNUMBER)
		return luadrv_check_int(L, arg, 0, max, what);

	s = luaL_checklstring(L, arg, &len);
	found = find_name(names, s, len);
	if (!found) {
		s = lua_pushfstring(L, "invalid %s name '%s'", what, s);
		luaL_argerror(L, arg, s);
		return 0;
	}
	return found->value;
}

int luasocket_field_name(lua_State *L, int idx, const struct lsock_name *names,
			 int max, const char *what)
{
	const struct lsock_name *found;
	const char *s;
	size_t len;

	if (lua_type(L, idx) != LUA_TSTRING)
		return (int)luadrv_field_range(L, idx, 0, max, what);

	s = lua_tolstring(L, idx, &len);
	found = find_name(names, s, len);
	if (!found) {
		luaL_error(L, "invalid %s name '%s'", what, s);
		return 0;
	}
	return found->value;
}

/* The mask that single letters stand for, or -1. */
static int mask_of_letters(const struct lsock_name *names, const char *s,
			   size_t len)
{
	const struct lsock_name *found;
	int mask = 0;

	for (; len; s++, len--) {
		found = find_letter(names, s, 1);
		if (!found)
			return -1;
		mask |= found->value;
	}
	return mask;
}

/* Longer than every name twice: what is longer says something again. */
#define MAX_MASK_TEXT	256

/* The mask that words, or letters, between separators stand for, or -1. */
static int mask_of_text(const struct lsock_name *names, const char *s, size_t len)
{
	const struct lsock_name *found;
	int mask = 0, part;
	size_t n;

	while (len) {
		for (n = 0; n < len && !memchr(" ,|", s[n], 3); n++)
			;
		found = find_word(names, s, n);
		part = found ? found->value : mask_of_letters(names, s, n);
		if (part < 0)
			return -1;
		mask |= part;
		if (n < len)
			n++;
		s += n;
		len -= n;
	}
	return mask;
}

static const char *to_mask(lua_State *L, int idx, const struct lsock_name *names,
			   int allowed, const char *what, int *mask)
{
	lua_Integer number;
	const char *s;
	size_t len;

	if (lua_isinteger(L, idx)) {
		number = lua_tointeger(L, idx);
		if (number < 0 || number > INT_MAX)
			return lua_pushfstring(L, "%s out of range", what);
		*mask = (int)number;
	} else if (lua_type(L, idx) == LUA_TSTRING) {
		s = lua_tolstring(L, idx, &len);
		if (len > MAX_MASK_TEXT)
			return lua_pushfstring(L, "%s of more than %d bytes", what,
					       MAX_MASK_TEXT);
		*mask = mask_of_text(names, s, len);
		if (*mask < 0)
			return lua_pushfstring(L, "invalid %s name '%s'", what, s);
	} else {
		return lua_pushfstring(L, "%s must be a string or an integer, not a %s",
				       what, luaL_typename(L, idx));
	}
	if (*mask & ~allowed)
		return lua_pushfstring(L, "%s %d cannot be used here", what,
				       *mask & ~allowed);
	return NULL;
}

int luasocket_check_mask(lua_State *L, int arg, const struct lsock_name *names,
			 int allowed, const char *what)
{
	const char *problem;
	int mask = 0;

	/* Most often there is none, or it is 0. */
	if (lua_isnoneornil(L, arg) || (lua_isinteger(L, arg) && !lua_tointeger(L, arg)))
		return 0;
	problem = to_mask(L, arg, names, allowed, what, &mask);
	if (problem)
		luaL_argerror(L, arg, problem);
	return mask;
}

int luasocket_field_mask(lua_State *L, int idx, const struct lsock_name *names,
			 int allowed, const char *what)
{
	const char *problem;
	int mask = 0;

	if (lua_isnoneornil(L, idx))
		return 0;
	problem = to_mask(L, idx, names, allowed, what, &mask);
	if (problem)
		luaL_error(L, "%s", problem);
	return mask;
}

int luasocket_check_wait(lua_State *L, int arg)
{
	if (lua_isinteger(L, arg) && lua_tointeger(L, arg) == -1)
		return -1;
	return luadrv_check_timeout(L, arg);
}

void luasocket_push_names(lua_State *L, const struct lsock_name *names)
{
	lua_newtable(L);
	for (; names->name; names++) {
		lua_pushinteger(L, names->value);
		lua_setfield(L, -2, names->name);
	}
}

void luasocket_raw_setfield(lua_State *L, int table, const char *key)
{
	lua_pushstring(L, key);
	lua_insert(L, -2);
	lua_rawset(L, table);
}
