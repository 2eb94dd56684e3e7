// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Files that go through a socket without becoming Lua strings: from the page
 * cache into a bounded buffer, and from there as any bytes are sent. They are
 * opened as require() opens them (driver/file.c).
 */

/***
 * Sending files.
 * @submodule socket
 */
#include <string.h>

#include "driver/file.h"
#include "luadata/data.h"
#include "luasocket.h"

/* How much of a file is in memory at once. */
#define PIECE	65536
/* At least so much is charged for one that is open. */
#define LEAST	4096

/* What is kept behind the arguments while a task waits. */
enum { ARGS = 5, FILE_BOX, BUFFER };

/**
 * struct sending - a file on its way
 * @L: the state
 * @ls: the socket
 * @t: how far it is: @t->part of the @t->done bytes in the buffer are sent
 * @path: the file's name
 * @slot: the slot that the file is in
 * @left: bytes of it that are yet to be read; there may be less
 * @deadline: when to give up
 */
struct sending {
	lua_State *L;
	struct lsock *ls;
	struct luasocket_try *t;
	const char *path;
	void **slot;
	u64 left;
	struct luasocket_deadline deadline;
};

static void close_file(struct sending *s)
{
	luadrv_wait_begin(s->L, "sendfile");
	luadrv_file_close(*s->slot);
	luadrv_wait_end(s->L);
	*s->slot = NULL;
}

/* Raises @err, which came from the file, or else from the socket. */
static int fail(struct sending *s, int err, bool of_file)
{
	lua_State *L = s->L;

	if (*s->slot)
		close_file(s);
	lua_pushinteger(L, s->t->got);
	if (of_file) {
		lua_pushstring(L, s->path);
	} else {
		luasocket_push_target(L, s->ls, NULL);
		lua_pushfstring(L, "%s to %s", s->path, luaL_optstring(L, -1, "nobody"));
		lua_remove(L, -2);
	}
	return luasocket_raise_part(L, err, "sendfile", "sent");
}

static void open_file(struct sending *s, u64 offset)
{
	struct file *file;
	int err;

	if (luadrv_file_stack_low())
		luaL_error(s->L, "C stack overflow (no room to read a file)");
	s->slot = luadrv_box_new(s->L, LUADRV_FILE_TYPE, luadrv_file_close);
	luadrv_wait_begin(s->L, "sendfile");
	err = luadrv_file_open(s->path, &file);
	luadrv_wait_end(s->L);
	if (err) {
		lua_pushinteger(s->L, 0);
		lua_pushfstring(s->L, err == -EINVAL ? "%s (not a regular file)" : "%s", s->path);
		luasocket_raise_part(s->L, err, "sendfile", "sent");
	}
	*s->slot = file;
	luadrv_file_seek(file, offset);
}

/* Fills the buffer. False at the end of the file. */
static bool read_piece(struct sending *s, void *buf, size_t size)
{
	long n;

	if (s->left < size)
		size = s->left;
	if (!size)
		return false;
	luadrv_wait_begin(s->L, "sendfile");
	n = luadrv_file_read(*s->slot, buf, size);
	luadrv_wait_end(s->L);
	if (n < 0)
		fail(s, (int)n, true);
	s->t->part = 0;
	s->t->done = n;
	s->left -= n;
	return n;
}

/* Gives the errno of the socket, or 0. */
static int send_pieces(struct sending *s, void *buf, size_t size)
{
	struct luasocket_try *t = s->t;
	struct lsock_vec vec = { .base = buf };
	size_t sent = t->got;
	int err;

	while (t->part < t->done || read_piece(s, buf, size)) {
		struct lsock_msg m = { .vec = &vec, .count = 1, .offset = t->part };

		vec.len = t->done;
		m.len = t->done - t->part;
		/* Otherwise what comes last of each piece would go as a small packet. */
		if ((size_t)t->done == size && s->left && luadrv_file_left(*s->slot))
			m.flags = lsock_more_flag;
		err = luasocket_send_all(s->L, s->ls, &m, &s->deadline, &sent, "sendfile");
		t->part += sent - t->got;
		t->got = sent;
		if (err)
			return err;
		if (luasocket_spent(s->L, t))
			return -EAGAIN;
	}
	return 0;
}

static int end_file(struct sending *s, int err)
{
	/* What did not fit is for another call, as with send(). */
	if (err && !(s->t->got && (err == -EAGAIN || err == -ETIMEDOUT)))
		return fail(s, err, false);
	close_file(s);
	lua_pushinteger(s->L, s->t->got);
	return 1;
}

static int send_file(struct sending *s, u64 offset)
{
	size_t size = s->left < PIECE ? s->left : PIECE;
	lua_State *L = s->L;
	u64 length;
	int err;

	if (!s->t->tries) {
		lua_settop(L, ARGS);
		open_file(s, offset);
		length = luadrv_file_left(*s->slot);
		if (length && length < size)
			size = length;
		/* What is charged for it stands for the file, too, which a task keeps open while it waits. */
		lua_newuserdata(L, size < LEAST ? LEAST : size);
	} else {
		lua_settop(L, BUFFER);
		s->slot = luadrv_box_slot(L, FILE_BOX, LUADRV_FILE_TYPE);
		s->left -= s->t->got + s->t->done - s->t->part;
		size = lua_rawlen(L, BUFFER);
	}
	err = send_pieces(s, lua_touserdata(L, BUFFER), size);
	if (luasocket_must_wait(s->t, err)) {
		lua_settop(L, BUFFER);
		return LUASOCKET_AGAIN;
	}
	return end_file(s, err);
}

static int end_data(lua_State *L, struct luasocket_try *t, int err)
{
	struct lsock *ls = luadrv_box_test(L, 1, luasocket_type);

	lua_pushinteger(L, t->got);
	if (!err || (t->got && (err == -EAGAIN || err == -ETIMEDOUT)))
		return 1;
	if (ls)
		luasocket_push_target(L, ls, NULL);
	else
		lua_pushnil(L);
	return luasocket_raise_part(L, err, "sendfile", "sent");
}

static int send_data(struct sending *s, const struct ldata *data, size_t offset)
{
	struct lsock_vec vec = { ldata_addr(data), ldata_size(data) };
	struct lsock_msg m = { .vec = &vec, .count = 1, .offset = offset + s->t->got,
			       .len = s->left - s->t->got };
	size_t sent = s->t->got;
	int err = luasocket_send_all(s->L, s->ls, &m, &s->deadline, &sent, "sendfile");

	s->t->got = sent;
	if (luasocket_must_wait(s->t, err)) {
		lua_settop(s->L, ARGS);
		return LUASOCKET_AGAIN;
	}
	return end_data(s->L, s->t, err);
}

static const char *check_path(lua_State *L)
{
	size_t len;
	const char *path = luaL_checklstring(L, 2, &len);

	luaL_argcheck(L, strlen(path) == len, 2, "string contains zeros");
	return path;
}

static int sendfile_body(lua_State *L, struct luasocket_try *t)
{
	struct sending s = { .L = L, .t = t, .ls = luadrv_box_check(L, 1, luasocket_type) };
	bool of_data = lua_type(L, 2) == LUA_TUSERDATA;
	const struct ldata *data = of_data ? luadrv_box_check(L, 2, ldata_type) : NULL;
	lua_Integer max = data ? (lua_Integer)ldata_size(data) : LUA_MAXINTEGER;
	lua_Integer offset = 0;

	if (!data)
		s.path = check_path(L);
	luasocket_check_stream(L, s.ls, 2, "sendfile", "this can only be sent over a stream");
	if (!lua_isnoneornil(L, 3))
		offset = luadrv_check_range(L, 3, 0, max, "offset");
	s.left = max - offset;
	if (!lua_isnoneornil(L, 4))
		s.left = luadrv_check_range(L, 4, 0, max - offset, "length");
	t->timeout = luasocket_check_timeout(L, 5);
	t->each = true;
	luasocket_start(&s.deadline, t->task ? 0 : t->timeout);
	if (data)
		return send_data(&s, data, offset);
	return send_file(&s, offset);
}

static int sendfile_end(lua_State *L, struct luasocket_try *t, int err)
{
	struct sending s = { .L = L, .t = t, .ls = luadrv_box_test(L, 1, luasocket_type) };

	if (!s.ls || lua_type(L, 2) == LUA_TUSERDATA || lua_type(L, FILE_BOX) != LUA_TUSERDATA)
		return end_data(L, t, err);
	s.path = check_path(L);
	s.slot = luadrv_box_slot(L, FILE_BOX, LUADRV_FILE_TYPE);
	return end_file(&s, err);
}

static const struct luasocket_call sendfile_call = {
	.body = sendfile_body,
	.end = sendfile_end,
	.side = LUASOCKET_WRITES,
};

/***
 * Sends a file over a stream, or part of it, without its bytes becoming Lua
 * strings. It is opened and read with the rights, root and working directory of
 * the process that runs the script. Of what must wait, or waits too long, it
 * sends part, as @{socket:send} does.
 * @function socket:sendfile
 * @tparam string|luadata what the path of a regular file; or a data object, which
 *  is sent to its end, in as many steps as it takes
 * @tparam[opt=0] integer offset of the first byte to send, counted from 0
 * @tparam[opt] integer length in bytes; default: up to the end. A file may turn out
 *  to have less
 * @tparam[opt] integer timeout of the whole call, in ms; 0: do not wait, -1: wait for
 *  ever; default: as @{socket:settimeout} says, for each time that it waits
 * @treturn integer how many bytes were sent
 * @raise error object as @{socket:send}, and of the file: `ENOENT`, `EACCES`, `EISDIR`,
 *  `EINVAL` (not a regular file), ...; its field `sent` tells how many bytes have gone
 * @usage sock:write("HTTP/1.0 200 OK\r\n\r\n")
 * sock:sendfile("/var/www/index.html")
 */
static int l_sendfile(lua_State *L)
{
	return luasocket_do(L, &sendfile_call);
}

const luaL_Reg luasocket_sendfile_methods[] = {
	{ "sendfile", l_sendfile },
	{ NULL, NULL }
};
