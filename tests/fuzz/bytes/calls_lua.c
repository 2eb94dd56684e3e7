// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Calls of library functions. Compiled twice: against the module's Lua, and
 * with ORACLE against Debian's Lua 5.3. Both must do the same.
 *
 * An input is text: the function's name and its arguments, with 0x1e between.
 * An argument begins with its kind:
 *
 *	#	an integer in decimal, as "#-1"
 *	t	a table of the bytes that follow: {[first] = second, ...} and {1st, 2nd, ...}
 *	f	a function that gives back its last argument
 *	n y	nil, true
 *	=	a string; so does any other text, as a whole
 */
#include <string.h>

#ifdef ORACLE
#include <stdlib.h>
#else
#include <linux/errno.h>
#endif

#include "lua.h"
#include "lauxlib.h"
#include "lualib.h"
#include "fuzz.h"

#define SEPARATOR	0x1e
#define MAX_ARGUMENTS	8
#define MAX_ROUNDS	64
#define MAX_DEPTH	3

struct call {
	const struct fuzz_function *function;
	struct fuzz_input args;
	struct fuzz_result *result;
};

/* What comes up to the next separator. */
static struct fuzz_input next_part(struct fuzz_input *in)
{
	struct fuzz_input part = *in;
	const u8 *end = in->left ? memchr(in->data, SEPARATOR, in->left) : NULL;

	if (end) {
		part.left = end - in->data;
		in->left -= part.left + 1;
		in->data = end + 1;
	} else {
		in->left = 0;
	}
	return part;
}

static lua_Integer to_integer(struct fuzz_input in)
{
	lua_Unsigned n = 0;
	bool negative = in.left && *in.data == '-';

	for (; in.left; in.left--, in.data++)
		if (*in.data >= '0' && *in.data <= '9')
			n = n * 10 + (*in.data - '0');
	return (lua_Integer)(negative ? 0 - n : n);
}

static int last_argument(lua_State *L)
{
	return lua_gettop(L) ? 1 : 0;
}

static void push_table(lua_State *L, struct fuzz_input in)
{
	lua_Integer i = 0;

	lua_newtable(L);
	for (; in.left; in.data++, in.left--) {
		lua_pushlstring(L, (const char *)in.data, 1);
		lua_rawseti(L, -2, ++i);
		if (in.left > 1) {
			lua_pushlstring(L, (const char *)in.data, 1);
			lua_pushlstring(L, (const char *)in.data + 1, 1);
			lua_rawset(L, -3);
		}
	}
}

static void push_argument(lua_State *L, struct fuzz_input in)
{
	struct fuzz_input rest = { in.data + 1, in.left - 1 };

	switch (in.left ? *in.data : 0) {
	case '#':
		lua_pushinteger(L, to_integer(rest));
		break;
	case 't':
		push_table(L, rest);
		break;
	case 'f':
		lua_pushcfunction(L, last_argument);
		break;
	case 'n':
		lua_pushnil(L);
		break;
	case 'y':
		lua_pushboolean(L, 1);
		break;
	case '=':
		in = rest;
		/* fall through */
	default:
		lua_pushlstring(L, (const char *)in.data, in.left);
	}
}

/* A string that is a float for Lua outside the kernel. */
static void note_float(lua_State *L, int idx, struct fuzz_result *result)
{
#ifdef ORACLE
	lua_pushvalue(L, idx);
	if (lua_type(L, -1) == LUA_TSTRING && lua_stringtonumber(L, lua_tostring(L, -1)))
		lua_remove(L, -2);
	if (lua_type(L, -1) == LUA_TNUMBER && !lua_isinteger(L, -1))
		result->floats = true;
	lua_pop(L, 1);
#endif
}

static void add(struct fuzz_result *result, const char *text, size_t len)
{
	if (len > sizeof(result->text) - result->len)
		len = sizeof(result->text) - result->len;
	memcpy(result->text + result->len, text, len);
	result->len += len;
}

static void add_value(lua_State *L, int idx, struct fuzz_result *result, int depth)
{
	size_t len;
	const char *text;
	lua_Integer i;

	note_float(L, idx, result);
	text = luaL_typename(L, idx);
	add(result, " ", 1);
	add(result, text, 3);
	add(result, ":", 1);
	switch (lua_type(L, idx)) {
	case LUA_TNUMBER:
	case LUA_TSTRING:
		lua_pushvalue(L, idx);
		text = lua_tolstring(L, -1, &len);
		add(result, text, len);
		lua_pop(L, 1);
		break;
	case LUA_TBOOLEAN:
		add(result, lua_toboolean(L, idx) ? "true" : "false", 4);
		break;
	case LUA_TTABLE:
		for (i = 1; depth < MAX_DEPTH && i <= MAX_ROUNDS; i++) {
			if (lua_rawgeti(L, idx, i) == LUA_TNIL)
				break;
			add_value(L, lua_gettop(L), result, depth + 1);
			lua_pop(L, 1);
		}
		lua_settop(L, lua_gettop(L) - (i <= MAX_ROUNDS && depth < MAX_DEPTH));
		break;
	default:
		break;
	}
}

/* The results are an iterator: what a generic for sees. */
static void add_rounds(lua_State *L, struct fuzz_result *result)
{
	int i, j;

	lua_settop(L, 3);
	for (i = 0; i < MAX_ROUNDS; i++) {
		lua_pushvalue(L, 1);
		lua_pushvalue(L, 2);
		lua_pushvalue(L, 3);
		lua_call(L, 2, LUA_MULTRET);
		if (lua_isnoneornil(L, 4))
			return;
		for (j = 4; j <= lua_gettop(L); j++)
			add_value(L, j, result, 0);
		lua_pushvalue(L, 4);
		lua_replace(L, 3);
		lua_settop(L, 3);
	}
}

static int operator_of(const char *name)
{
	static const char *const names[] = {
		"+", "-", "*", "%", "^", "/", "//", "&", "|", "~", "<<", ">>", "neg", "not"
	};
	int i;

	for (i = 0; i < (int)(sizeof(names) / sizeof(*names)); i++)
		if (!strcmp(names[i], name))
			return LUA_OPADD + i;
	return -1;
}

static void operate(lua_State *L, const char *name)
{
	int op = operator_of(name);

	lua_settop(L, op == LUA_OPUNM || op == LUA_OPBNOT ? 1 : 2);
	if (op >= 0)
		lua_arith(L, op);
	else if (!strcmp(name, ".."))
		lua_concat(L, 2);
	else
		lua_pushboolean(L, lua_compare(L, 1, 2, *name == '<' ? LUA_OPLT :
					       *name == '=' ? LUA_OPEQ : LUA_OPLE));
	lua_insert(L, 1);
	lua_settop(L, 1);
}

static int body(lua_State *L)
{
	struct call *call = lua_touserdata(L, 1);
	int i, n;

#ifndef ORACLE
	/* Strings have methods. */
	fuzz_open(L, "string");
	fuzz_open(L, call->function->library ? call->function->library : "_G");
#endif
	lua_settop(L, 0);
	for (n = 0; n < MAX_ARGUMENTS && call->args.left; n++) {
		push_argument(L, next_part(&call->args));
		note_float(L, -1, call->result);
	}
	if (call->function->library && !*call->function->library) {
		operate(L, call->function->name);
	} else {
		if (call->function->library)
			lua_getglobal(L, call->function->library);
		else
			lua_pushglobaltable(L);
		lua_getfield(L, -1, call->function->name);
		lua_remove(L, -2);
		lua_insert(L, 1);
		lua_call(L, n, LUA_MULTRET);
	}
	n = lua_gettop(L);
	luaL_checkstack(L, 20, NULL);
	for (i = 1; i <= n; i++)
		add_value(L, i, call->result, 0);
	if (n && lua_iscfunction(L, 1))
		add_rounds(L, call->result);
	return 0;
}

#ifdef ORACLE

static size_t oracle_used;

static void *oracle_alloc(void *ud, void *ptr, size_t osize, size_t nsize)
{
	void *p = NULL;

	osize = ptr ? osize : 0;
	if (nsize > osize && oracle_used + nsize - osize > (64UL << 20))
		return NULL;
	if (nsize)
		p = realloc(ptr, nsize);
	else
		free(ptr);
	oracle_used += nsize - osize;
	return p;
}

/* One state for all calls: none of them changes what others see. */
static void oracle_run(lua_CFunction function, struct call *call)
{
	static lua_State *L;
	struct fuzz_result *result = call->result;
	const char *text;
	size_t len;

	if (!L) {
		L = lua_newstate(oracle_alloc, NULL);
		luaL_openlibs(L);
	}
	result->len = 0;
	lua_pushcfunction(L, function);
	lua_pushlightuserdata(L, call);
	result->status = lua_pcall(L, 1, 0, 0);
	result->exhausted = result->status == LUA_ERRMEM;
	if (result->status) {
		result->len = 0;
		text = lua_tolstring(L, -1, &len);
		add(result, text ? text : "", text ? len : 0);
	}
	lua_settop(L, 0);
}

void oracle_call(const struct fuzz_function *function, struct fuzz_input args,
		 struct fuzz_result *result)
{
	struct call call = { function, args, result };

	result->floats = false;
	oracle_run(body, &call);
}

static int compile(lua_State *L)
{
	struct call *call = lua_touserdata(L, 1);

	if (luaL_loadbufferx(L, (const char *)call->args.data, call->args.left,
			     "=script", "t"))
		return lua_error(L);
	return 0;
}

void oracle_load(struct fuzz_input text, struct fuzz_result *result)
{
	struct call call = { NULL, text, result };

	oracle_run(compile, &call);
}

#else

void fuzz_call(const struct fuzz_function *function, struct fuzz_input args,
	       struct fuzz_result *result)
{
	struct call call = { function, args, result };

	result->len = 0;
	result->floats = false;
	result->status = fuzz_run_body(body, &call);
	result->exhausted = result->status && result->status != -ECANCELED;
	if (result->status == -ECANCELED) {
		result->len = 0;
		add(result, fuzz_error, strlen(fuzz_error));
	}
}

static const struct fuzz_function *find(const struct fuzz_function *functions,
					struct fuzz_input name)
{
	const struct fuzz_function *f;
	unsigned int n = 0;
	size_t i;

	for (f = functions; f->name; f++)
		if (strlen(f->name) == name.left && !memcmp(f->name, name.data, name.left))
			return f;
	for (i = 0; i < name.left; i++)
		n += name.data[i];
	return functions + n % (unsigned int)(f - functions);
}

/* Errors that only the kernel's Lua has: it has no floats, and less stack. */
static bool is_known(const struct fuzz_result *ours)
{
	return ours->status && (strstr(fuzz_error, "float") ||
				strstr(fuzz_error, "C stack overflow"));
}

static bool agree(const struct fuzz_function *function, const struct fuzz_result *ours,
		  const struct fuzz_result *theirs)
{
	bool math = function->library && !strcmp(function->library, "math");

	/* That library is not upstream's: its messages differ, and numerals are numbers to it. */
	if (math && !strncmp(theirs->text, " str:", 5))
		return true;
	if (!ours->status != !theirs->status)
		return false;
	if (math && ours->status)
		return true;
	return ours->len == theirs->len && !memcmp(ours->text, theirs->text, ours->len);
}

/* An address is in it. */
static bool is_private(const struct fuzz_result *result)
{
	size_t i;

	for (i = 0; i + 4 < result->len; i++)
		if (!memcmp(result->text + i, ": 0x", 4))
			return true;
	return false;
}

void fuzz_compare_calls(struct fuzz_input *in, const struct fuzz_function *functions)
{
	static struct fuzz_result ours, theirs;
	const struct fuzz_function *function = find(functions, next_part(in));

	fuzz_call(function, *in, &ours);
	if (ours.exhausted || !fuzz_calm())
		return;
	oracle_call(function, *in, &theirs);
	if (theirs.exhausted || theirs.floats || is_private(&ours) || is_known(&ours))
		return;
	if (!agree(function, &ours, &theirs))
		world_fail("%s:\nours   (%d): %.*s\ntheirs (%d): %.*s", function->name,
			   ours.status, (int)ours.len, ours.text,
			   theirs.status, (int)theirs.len, theirs.text);
}

#endif
