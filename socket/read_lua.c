// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Receiving strings: pieces, lines, everything. There is no buffer between the
 * kernel's and the script: a line is looked for without taking it, and taken
 * up to its end, so that what follows it is there for recv() and poll sets. What
 * has been taken of a line that does not come to its end is in the error object.
 */

/***
 * Methods that receive strings.
 * @submodule socket
 */
#include <string.h>

#include "luasocket.h"

/* What read() asks for when it is not told. */
#define READ_SIZE	4096
/* The longest line, unless it is told, and the longest that can be told. */
#define LINE_SIZE	65536
#define MAX_LINE	(1 << 30)
/* How much is looked at, or taken, at once. */
#define MAX_PIECE	16384

/* What a script asks for. */
struct wish {
	char format;		/* 'l', 'L', 'a', or 'n' for a number of bytes */
	size_t size;		/* how many these are, or the longest line */
	int flags;
	int timeout;
};

/**
 * struct reading - a line, or everything, that is being received
 * @L: the state
 * @ls: the socket
 * @wish: what is asked for
 * @t: how far the call is
 * @deadline: when to give up
 * @text: what has been taken since the call waited last
 * @got: how much has been taken
 * @kept: how much of it was kept before
 */
struct reading {
	lua_State *L;
	struct lsock *ls;
	const struct wish *wish;
	struct luasocket_try *t;
	struct luasocket_deadline deadline;
	luaL_Buffer text;
	size_t got;
	size_t kept;
};

/* Where what has been taken is kept while a task waits, behind the arguments. */
#define ROOM	6

static struct lsock *check_socket(lua_State *L)
{
	return luadrv_box_check(L, 1, luasocket_type);
}

static char check_format(lua_State *L)
{
	size_t len;
	const char *format = lua_tolstring(L, 2, &len);

	if (*format == '*') {
		format++;
		len--;
	}
	luaL_argcheck(L, len == 1 && memchr("lLa", *format, 3), 2,
		      "invalid format: an integer, 'l', 'L' or 'a' expected");
	luasocket_check_stream(L, check_socket(L), 2, "read",
			       "a socket of messages has neither lines nor an end");
	return *format;
}

/* The arguments of read() and lines(), from the second on. */
static void check_wish(lua_State *L, struct wish *wish)
{
	bool number = lua_type(L, 2) != LUA_TSTRING || lua_isnumber(L, 2);

	wish->format = number ? 'n' : check_format(L);
	wish->flags = luasocket_check_mask(L, 3, lsock_flags,
					   number ? lsock_recv_flags : lsock_line_flags, "flags");
	wish->timeout = luasocket_check_timeout(L, 4);
	if (!number) {
		wish->size = wish->format == 'a' ? MAX_LINE : LINE_SIZE;
		if (!lua_isnil(L, 5))
			wish->size = luadrv_check_size(L, 5, 1, MAX_LINE, "longest");
		return;
	}
	wish->size = READ_SIZE;
	if (!lua_isnil(L, 2))
		wish->size = luadrv_check_size(L, 2, 1, LSOCK_MAX_TABLE, "size");
	luaL_argcheck(L, lua_isnil(L, 5), 5, "a longest size is for lines and 'a'");
}

static int push_bytes(lua_State *L, struct lsock *ls, const struct luasocket_try *t, const void *bytes)
{
	if (!t->got && lsock_has_end(ls))
		lua_pushnil(L);
	else
		lua_pushlstring(L, bytes, t->done);
	return 1;
}

/* What is in memory that stays where it is while the task waits. */
static int read_kept(lua_State *L, struct lsock *ls, const struct wish *wish,
		     struct luasocket_try *t, struct lsock_msg *m)
{
	struct lsock_vec vec = { luasocket_keep_room(L, t, ROOM, wish->size), wish->size };
	ssize_t n;

	m->vec = &vec;
	n = luasocket_recv_try(L, ls, t, m, "read");
	if (luasocket_must_wait(t, n)) {
		/* Who waits for the first byte keeps no room. */
		lua_settop(L, t->got ? ROOM : ROOM - 1);
		return LUASOCKET_AGAIN;
	}
	if (n < 0)
		return luasocket_raise(L, ls, (int)n, "read", NULL);
	return push_bytes(L, ls, t, vec.base);
}

static int read_bytes(lua_State *L, struct lsock *ls, const struct wish *wish, struct luasocket_try *t)
{
	struct lsock_vec vec = { .len = wish->size };
	struct lsock_msg m = { .vec = &vec, .count = 1, .len = wish->size, .flags = wish->flags };
	luaL_Buffer b;
	ssize_t n;

	luasocket_begin(t, &m, wish->timeout);
	/* A long piece takes memory: only for what is there. */
	if (t->task && !t->instant && t->timeout && !t->got &&
	    (wish->size > LUAL_BUFFERSIZE || lsock_recv_slow(ls)) && !lsock_readable(ls))
		return LUASOCKET_AGAIN;
	if (t->task && wish->flags & lsock_waitall_flag)
		return read_kept(L, ls, wish, t, &m);
	vec.base = luaL_buffinitsize(L, &b, wish->size);
	n = luasocket_recv(L, ls, &m, "read");
	if (luasocket_must_wait(t, n)) {
		lua_settop(L, ROOM - 1);
		return LUASOCKET_AGAIN;
	}
	if (n < 0)
		return luasocket_raise(L, ls, (int)n, "read", NULL);
	if (!n && lsock_has_end(ls))
		lua_pushnil(L);
	else
		luaL_pushresultsize(&b, m.copied);
	return 1;
}

static ssize_t receive(struct reading *r, void *buf, size_t size, int flags)
{
	struct lsock_vec vec = { buf, size };
	struct lsock_msg m = { .vec = &vec, .count = 1, .len = size, .flags = flags };

	if (!luasocket_left(&r->deadline, &m.timeout))
		return -ETIMEDOUT;
	return luasocket_recv(r->L, r->ls, &m, "read");
}

/*
 * Takes what has arrived of a line into @r->text. Gives 1 when that was its end,
 * 0 when it was not, -ENODATA at the end of the stream.
 */
static int take_part(struct reading *r, size_t size)
{
	char *text = luaL_prepbuffsize(&r->text, size);
	ssize_t n = receive(r, text, size, r->wish->flags | lsock_peek_flag);
	const char *end;

	if (n <= 0)
		return n ? (int)n : -ENODATA;
	end = memchr(text, '\n', n);
	if (end)
		n = end + 1 - text;
	n = receive(r, text, n, lsock_dontwait_flag);
	/* Another task of this script was faster. */
	if (n == -EAGAIN)
		return 0;
	if (n <= 0)
		return n ? (int)n : -ENODATA;
	r->got += n;
	end = text + n - 1;
	if (*end == '\n' && r->wish->format == 'l')
		n--;
	luaL_addsize(&r->text, n);
	return *end == '\n';
}

static int take_line(struct reading *r)
{
	/* So much fits into the buffer without memory of its own. */
	size_t size = LUAL_BUFFERSIZE;
	int res;

	do {
		luadrv_check_stop(r->L);
		/* Beside the longest line there may be its end. */
		if (r->got > r->wish->size)
			return -EMSGSIZE;
		if (size > r->wish->size + 1 - r->got)
			size = r->wish->size + 1 - r->got;
		res = take_part(r, size);
		size = size < MAX_PIECE / 4 ? size * 4 : MAX_PIECE;
		if (!res && luasocket_spent(r->L, r->t))
			return -EAGAIN;
	} while (!res);
	return res < 0 && res != -ENODATA ? res : 0;
}

static int take_all(struct reading *r)
{
	size_t size = READ_SIZE;
	ssize_t n;

	do {
		luadrv_check_stop(r->L);
		if (r->got > r->wish->size)
			return -EMSGSIZE;
		if (size > r->wish->size + 1 - r->got)
			size = r->wish->size + 1 - r->got;
		n = receive(r, luaL_prepbuffsize(&r->text, size), size, r->wish->flags);
		if (n > 0) {
			luaL_addsize(&r->text, n);
			r->got += n;
		}
		size = MAX_PIECE;
		if (n > 0 && luasocket_spent(r->L, r->t))
			return -EAGAIN;
	} while (n > 0);
	return (int)n;
}

/* Raises @err; what has been taken is on top. */
static int read_failed(lua_State *L, struct lsock *ls, const struct wish *wish, int err)
{
	if (ls)
		luasocket_push_target(L, ls, NULL);
	else
		lua_pushnil(L);
	if (err == -EMSGSIZE) {
		lua_pushfstring(L, "%s%s%s of more than %I bytes", luaL_optstring(L, -1, ""),
				lua_isnil(L, -1) ? "" : ", ",
				wish->format == 'a' ? "text" : "line",
				(LUAI_UACINT)wish->size);
		lua_remove(L, -2);
	}
	return luasocket_raise_part(L, err, "read", "partial");
}

/* The text is on top: puts it behind what was kept, in memory that grows by halves. */
static void keep_text(struct reading *r)
{
	lua_State *L = r->L;
	size_t len;
	const char *text = lua_tolstring(L, -1, &len);
	size_t all = r->kept + len;
	char *room = lua_touserdata(L, ROOM);

	if (!room || lua_rawlen(L, ROOM) < all) {
		room = lua_newuserdata(L, all + all / 2);
		if (r->kept)
			memcpy(room, lua_touserdata(L, ROOM), r->kept);
		lua_replace(L, ROOM);
	}
	memcpy(room + r->kept, text, len);
	r->kept = all;
}

/* Pushes what was kept, and the text on top after it. */
static void push_text(struct reading *r)
{
	if (!r->kept)
		return;
	lua_pushlstring(r->L, lua_touserdata(r->L, ROOM), r->kept);
	lua_insert(r->L, -2);
	lua_concat(r->L, 2);
}

static int read_text(lua_State *L, struct lsock *ls, const struct wish *wish, struct luasocket_try *t)
{
	struct reading r = { .L = L, .ls = ls, .wish = wish, .t = t, .got = t->got, .kept = t->done };
	int err;

	t->timeout = wish->timeout;
	t->each = true;
	if (wish->flags & lsock_instant_flags)
		t->instant = true;
	luasocket_start(&r.deadline, t->task ? 0 : wish->timeout);
	lua_settop(L, ROOM);
	luaL_buffinit(L, &r.text);
	err = wish->format == 'a' ? take_all(&r) : take_line(&r);
	luaL_pushresult(&r.text);
	if (luasocket_must_wait(t, err)) {
		if (lua_rawlen(L, -1))
			keep_text(&r);
		t->got = r.got;
		t->done = r.kept;
		lua_settop(L, ROOM);
		return LUASOCKET_AGAIN;
	}
	push_text(&r);
	if (err)
		return read_failed(L, ls, wish, err);
	if (!r.got && wish->format != 'a')
		lua_pushnil(L);
	return 1;
}

static int read_body(lua_State *L, struct luasocket_try *t)
{
	struct lsock *ls = check_socket(L);
	struct wish wish;

	if (!t->tries)
		lua_settop(L, ROOM - 1);
	check_wish(L, &wish);
	if (wish.format == 'n')
		return read_bytes(L, ls, &wish, t);
	return read_text(L, ls, &wish, t);
}

/* What has come of a text is in the error; bytes are given, and the next call fails. */
static int read_end(lua_State *L, struct luasocket_try *t, int err)
{
	struct lsock *ls = luadrv_box_test(L, 1, luasocket_type);
	bool text = lua_type(L, 2) == LUA_TSTRING && !lua_isnumber(L, 2);
	struct wish wish = { .format = 'l' };

	if (!text && !t->got)
		return luasocket_fail(L, err, "read");
	lua_pushlstring(L, lua_touserdata(L, ROOM), t->done);
	if (text)
		return read_failed(L, ls, &wish, err);
	return 1;
}

const struct luasocket_call luasocket_read_call = {
	.body = read_body,
	.end = read_end,
	.side = LUASOCKET_READS,
};

/***
 * Receives a string: what has arrived, or one datagram; or a line, or all that
 * comes until the stream ends.
 *
 * Nothing is held back between two calls: what follows a line is there for
 * every other call, and for poll sets. If the wait for a line, or for all, fails
 * (a time-out, a reset, nothing there with `"D"`), what has been taken of it is
 * the field `partial` of the error object, and the socket does not have it any more.
 * @function socket:read
 * @tparam[opt=4096] integer|string what an integer: the most bytes to take,
 *  1..1048576; with the flag `"W"` it waits until all of them are there, or the
 *  stream ends, or the time. Or, of a stream, as io.read() has it, `"l"`: a line
 *  without its end `"\n"`; `"L"`: a line with it; `"a"`: everything until the end.
 *  The last line need not have an end
 * @tparam[opt] string|integer flags as in @{socket:recv}; with lines and all, only `"D"`
 * @tparam[opt] integer timeout of the whole call, in ms; 0: do not wait, -1: wait for
 *  ever; default: as @{socket:settimeout} says, for each time that it waits
 * @tparam[opt=65536] integer longest how many bytes a line may have, without its end;
 *  or `"a"`, for which there is no limit but the script's memory
 * @treturn string|nil the bytes; at the end of a stream nil (also of seqpacket,
 *  where an empty message looks the same), `"a"`: an empty string
 * @raise as @{socket:recv}; `EMSGSIZE`: the line is longer, `partial` its beginning
 * @usage local line = sock:read("l")
 * local header = sock:read(8, "W")
 */
static int l_read(lua_State *L)
{
	return luasocket_do(L, &luasocket_read_call);
}

/* What lines() gives: its arguments are the upvalues. */
static int next_line(lua_State *L)
{
	int i;

	lua_settop(L, 0);
	for (i = 1; i <= 5; i++)
		lua_pushvalue(L, lua_upvalueindex(i));
	return l_read(L);
}

/***
 * A stream as an iterator over its lines, until it ends.
 * @function socket:lines
 * @tparam[opt="l"] integer|string what as in @{socket:read}, whose other
 *  arguments follow, for each line
 * @tparam[opt] string|integer flags
 * @tparam[opt] integer timeout
 * @tparam[opt=65536] integer longest
 * @treturn function that gives the next line, or nil, and raises as @{socket:read}
 * @raise an error when the socket is no stream, or when what is asked for is `"a"`; the
 *  function, as @{socket:read}
 * @usage for line in sock:lines() do print(line) end
 */
static int l_lines(lua_State *L)
{
	struct wish wish;

	check_socket(L);
	lua_settop(L, 5);
	if (lua_isnil(L, 2)) {
		lua_pushliteral(L, "l");
		lua_replace(L, 2);
	}
	check_wish(L, &wish);
	luaL_argcheck(L, wish.format != 'a', 2, "'a' would never come to an end");
	lua_pushcclosure(L, next_line, 5);
	return 1;
}

const luaL_Reg luasocket_read_methods[] = {
	{ "lines", l_lines },
	{ "read", l_read },
	{ NULL, NULL }
};
