// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Error objects: what a failed kernel call raises. */

/***
 * What a failed call of the kernel raises. Mistakes of the script itself, as an
 * argument of the wrong type or a call on a closed socket, raise strings, as
 * all of Lua does.
 * @classmod error
 */
#include <stdarg.h>
#include <string.h>

#include "driver/binding.h"

#define ERROR_TYPE "luadrv.error"

/* Where a kernel asks to have a call made again after a signal. */
#define FIRST_RESTART 512
#define LAST_RESTART 516

struct errno_text {
	int code;
	const char *name;
	const char *text;
};

static const struct errno_text errnos[] = {
#define E(name, text) { name, #name, text },
#include "driver/errno.inc"
#undef E
	{ 0, NULL, NULL }
};

static const struct errno_text *find_errno(int code)
{
	const struct errno_text *e;

	for (e = errnos; e->name; e++)
		if (e->code == code)
			return e;
	return NULL;
}

void luadrv_push_errno_table(lua_State *L)
{
	const struct errno_text *e;

	lua_newtable(L);
	for (e = errnos; e->name; e++) {
		lua_pushinteger(L, e->code);
		lua_setfield(L, -2, e->name);
	}
}

void luadrv_push_error_text(lua_State *L, int err)
{
	int code = err < 0 ? -err : err;
	const struct errno_text *known = find_errno(code);

	if (known)
		lua_pushfstring(L, "%s (%s)", known->text, known->name);
	else
		lua_pushfstring(L, "error (E%d)", code);
}

void luadrv_push_error_name(lua_State *L, int err)
{
	int code = err < 0 ? -err : err;
	const struct errno_text *known = find_errno(code);

	if (known)
		lua_pushstring(L, known->name);
	else
		lua_pushfstring(L, "E%d", code);
}

/* The field @name of the error object at @idx as text, "" if it has none. Pushes it. */
static const char *text_field(lua_State *L, int idx, const char *name)
{
	idx = lua_absindex(L, idx);
	lua_pushstring(L, name);
	lua_rawget(L, idx);
	if (!lua_isstring(L, -1)) {
		lua_pop(L, 1);
		lua_pushliteral(L, "");
	}
	return lua_tostring(L, -1);
}

/* "script:3: connect 127.0.0.1:80: connection refused (ECONNREFUSED)" */
static int error_tostring(lua_State *L)
{
	const char *where, *call, *target, *name;
	const struct errno_text *known;
	int code;

	luaL_checktype(L, 1, LUA_TTABLE);
	where = text_field(L, 1, "where");
	call = text_field(L, 1, "call");
	target = text_field(L, 1, "target");
	name = text_field(L, 1, "name");
	lua_pushliteral(L, "code");
	lua_rawget(L, 1);
	code = (int)lua_tointeger(L, -1);
	known = find_errno(code);
	lua_pushfstring(L, "%s%s%s%s%s: %s (%s)", where, *where ? " " : "",
			call, *target ? " " : "", target,
			known ? known->text : "error", name);
	return 1;
}

/* What an error object has besides its fields: those of the C library's callers. */
static int error_index(lua_State *L)
{
	const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
	const char *name;

	luaL_checktype(L, 1, LUA_TTABLE);
	if (!strcmp(key, "errno")) {
		lua_pushliteral(L, "code");
		lua_rawget(L, 1);
		return 1;
	}
	name = text_field(L, 1, "name");
	if (*name != 'E' || (strcmp(name, key) && strcmp(name + 1, key)))
		return 0;
	lua_pushboolean(L, true);
	return 1;
}

static int error_concat(lua_State *L)
{
	luaL_tolstring(L, 1, NULL);
	luaL_tolstring(L, 2, NULL);
	lua_concat(L, 2);
	return 1;
}

/***
 * An error object: a table with these fields, which a script may read and
 * change. It goes through threads and channels as a copy with the same fields.
 *
 * `tostring(e)`, `print(e)` and `"text " .. e` give a line with all that is
 * there of them, and the reason in words:
 * `script:3: connect 127.0.0.1:80: connection refused (ECONNREFUSED)`.
 *
 * An error may also be asked which one it is: `e.AGAIN` and `e.EAGAIN` are true if its
 * name is `"EAGAIN"`, and nil otherwise.
 *
 * An error object that nobody catches ends the script; close(2) of the device
 * gives ECANCELED then, for `ENOMEM` and `EMFILE` these.
 * @table error
 * @tfield integer code the errno, positive, as in `socket.errno`
 * @tfield integer errno the same
 * @tfield string name its name, `"ECONNREFUSED"`
 * @tfield string call the call that failed, `"connect"`
 * @tfield ?string target what it was done to: of a socket the peer's address or
 *  else its own, `"127.0.0.1:80"`; a name, a file, an option; then, in
 *  parentheses, what else there is to say, as a limit's name
 * @tfield string where the position in the script, `"script:3:"`, or `""`
 * @tfield ?integer sent of @{socket:write} and @{socket:sendfile}: how many bytes
 *  have gone before it failed
 * @tfield ?string partial of @{socket:read}: what was taken of a line or a text
 *  that did not come to its end
 * @tfield ?string side of @{socket.relay} and @{socket.splice}: whose failure it was
 * @tfield ?integer thread of `lthread:join`: the number of the thread that
 *  raised it
 * @tfield ?string traceback of `lthread:join`: that thread's; of `async.run`: that of
 *  the task that raised it
 */
static const luaL_Reg error_meta[] = {
	{ "__tostring", error_tostring },
	{ "__concat", error_concat },
	{ "__index", error_index },
	{ NULL, NULL }
};

void luadrv_error_open(lua_State *L)
{
	luadrv_box_type(L, ERROR_TYPE, NULL, error_meta);
}

void luadrv_error_mark(lua_State *L)
{
	luaL_setmetatable(L, ERROR_TYPE);
}

int luadrv_error_code(lua_State *L, int idx)
{
	int code = 0;

	idx = lua_absindex(L, idx);
	if (!lua_istable(L, idx) || !lua_getmetatable(L, idx))
		return 0;
	luaL_getmetatable(L, ERROR_TYPE);
	if (lua_rawequal(L, -1, -2)) {
		lua_pushliteral(L, "code");
		lua_rawget(L, idx);
		code = (int)lua_tointeger(L, -1);
		lua_pop(L, 1);
	}
	lua_pop(L, 2);
	return code;
}

int luadrv_error_result(lua_State *L, int idx)
{
	int code = luadrv_error_code(L, idx);

	return code == ENOMEM || code == EMFILE ? -code : -ECANCELED;
}

/* Position without the trailing blank that luaL_where() ends in. */
static void push_where(lua_State *L)
{
	size_t len;
	const char *text;

	luaL_where(L, 1);
	text = lua_tolstring(L, -1, &len);
	if (len)
		lua_pushlstring(L, text, len - 1);
	else
		lua_pushliteral(L, "");
	lua_remove(L, -2);
}

static void push_error(lua_State *L, int err, const char *call, const char *fmt,
		       va_list args)
{
	int code = err < 0 ? -err : err;

	if (code >= FIRST_RESTART && code <= LAST_RESTART)
		code = EINTR;
	if (code == EINTR)
		luadrv_check_stop(L);
	lua_createtable(L, 0, 5);
	if (fmt) {
		lua_pushvfstring(L, fmt, args);
		lua_setfield(L, -2, "target");
	}
	lua_pushinteger(L, code);
	lua_setfield(L, -2, "code");
	luadrv_push_error_name(L, code);
	lua_setfield(L, -2, "name");
	lua_pushstring(L, call);
	lua_setfield(L, -2, "call");
	push_where(L);
	lua_setfield(L, -2, "where");
	luaL_setmetatable(L, ERROR_TYPE);
}

void luadrv_push_error(lua_State *L, int err, const char *call, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	push_error(L, err, call, fmt, args);
	va_end(args);
}

int luadrv_raise(lua_State *L, int err, const char *call, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	push_error(L, err, call, fmt, args);
	va_end(args);
	return lua_error(L);
}
