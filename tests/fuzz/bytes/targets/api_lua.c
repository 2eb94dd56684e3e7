// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Any function of the libraries socket, data and thread, and any method of their
 * objects, with any arguments, on a network that answers anything. Nothing is
 * predicted; whatever happens, nothing may break or be left.
 *
 * An operation is a byte that chooses the function, one that says how its
 * arguments come to be, and the arguments. Results are kept for later ones.
 */
#include <string.h>

#include "driver/binding.h"
#include "luadata/data.h"
#include "socket/opt.h"
#include "fuzz.h"

const enum fuzz_setup target_setup = FUZZ_SETUP_FIRST;

#define OBJECTS		8
#define MAX_OPS		100
#define MAX_NEST	3

static struct fuzz_input *in;
static int next;

/*
 * The arguments that the function mostly gets, a letter each: s p d m c an object
 * (m a timer, c a channel), q what can be watched, a an address, i an integer, n any
 * integer, o level and name of an option, v its value, f flags, e events, w any word,
 * h a message header, t a table, x anything.
 */
struct function {
	const char *of;		/* a library, or the type whose method it is */
	const char *name;
	const char *arguments;
};

static const struct function functions[] = {
	{ "socket", "new", "wwi" }, { "socket", "poll", "t" }, { "data", "new", "x" },
	{ "data", "layout", "t" }, { "sock", "accept", "sf" }, { "sock", "bind", "sai" },
	{ "sock", "close", "s" }, { "sock", "connect", "saif" }, { "sock", "getpeername", "s" },
	{ "sock", "getsockname", "s" }, { "sock", "listen", "si" }, { "sock", "settimeout", "sn" },
	{ "sock", "shutdown", "sw" }, { "sock", "read", "sif" }, { "sock", "recv", "sdfii" },
	{ "sock", "recv", "sif" }, { "sock", "send", "swfii" }, { "sock", "send", "sdf" },
	{ "sock", "send", "st" }, { "sock", "write", "swxw" }, { "sock", "recvmsg", "sh" },
	{ "sock", "recvmsg", "shdf" }, { "sock", "sendmsg", "shwf" }, { "sock", "sendmsg", "shd" },
	{ "sock", "getsockopt", "so" }, { "sock", "setsockopt", "soi" },
	{ "sock", "setsockopt", "son" }, { "sock", "setsockopt", "sox" },
	{ "poll", "add", "pse" }, { "poll", "add", "ps" }, { "poll", "close", "p" },
	{ "poll", "modify", "pse" }, { "poll", "remove", "ps" }, { "poll", "select", "pi" },
	{ "poll", "select", "pn" }, { "buf", "copy", "dwii" }, { "buf", "fill", "dii" },
	{ "buf", "get", "diw" }, { "buf", "layout", "dt" }, { "buf", "segment", "dii" },
	{ "buf", "set", "diwi" }, { "buf", "string", "dii" }, { "testing", "close_later", "si" },
	{ "_G", "tostring", "x" }, { "_G", "tostring", "s" }, { "_G", "rawlen", "p" },
	{ "_G", "collectgarbage", "" }, { "kernel", "sleep", "i" }, { "socket", "pair", "w" },
	{ "sock", "bind", "st" }, { "sock", "connect", "st" }, { "sock", "bind", "sa" },
	{ "sock", "connect", "saf" }, { "sock", "setsockopt", "sov" }, { "socket", "options", "" },
	{ "socket", "timer", "ii" }, { "socket", "timer", "" }, { "timer", "set", "mii" },
	{ "timer", "cancel", "m" }, { "timer", "read", "mi" }, { "timer", "close", "m" },
	{ "poll", "add", "pqe" }, { "poll", "modify", "pqe" }, { "poll", "remove", "pq" },
	{ "poll", "ready", "pi" }, { "_G", "tostring", "m" }, { "thread", "channel", "i" },
	{ "chan", "send", "cqi" }, { "chan", "send", "cdi" }, { "chan", "receive", "ci" },
	{ "chan", "close", "c" }, { "buf", "find", "dwii" }, { "buf", "find", "dd" },
	{ "buf", "pack", "diwiw" }, { "buf", "unpack", "diw" }, { "buf", "checksum", "diin" },
	{ "buf", "crc32", "diin" }, { "buf", "crc32c", "dii" }
};

/* What scripts write as names, addresses and keys. */
static const char *const words[] = {
	"inet", "i", "tcp", "udp", "raw", "stream", "127.0.0.1", "0.0.0.0", "256.1.1.1", "1.2.3",
	"D", "P", "T", "W", "M", "O", "DM", "dontwait,peek", "TRUNC|OOB", "r", "w", "rw", "in out",
	"both", "socket", "s", "ip", "linger", "l", "nodelay", "rcvtimeo", "error", "e", "rcvbuf",
	"mark", "keepidle", "maxseg", "tos", "ttl", "u8", "i64le", "u16be", "number", "string",
	"little", "host", "", "a\0b", "hello world", "count", "collect", "step", "inet6", "unix",
	"packet", "dgram", "seqpacket", "::1", "::ffff:1.2.3.4", "fe80::1%eth0", "fe80::1%9", "@name",
	"/path", "lo", "aa:bb:cc:dd:ee:ff", "info", "want", "224.0.0.1", "software rx_software", "cubic",
	"r1", "rwe", "in,oneshot", "ET", ">I2z", "<i3s1", "!4bi4", "s", "zz", "c5x"
};

static const char *const keys[] = {
	"addr", "port", "name", "flags", "iov_len", "lov_len", "onoff", "linger", "offset",
	"length", "type", "endian", "code", "a", "__len", "__index", "scope", "flowinfo", "hwaddr",
	"group", "device", "jt", "k"
};

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static lua_Integer take_integer(void)
{
	static const lua_Integer edges[] = {
		-1, 0, 1, 2, 3, 6, 17, 255, 256, 2048, 4096, 65535, 65536, 1 << 20, (1 << 20) + 1,
		1 << 30, 0x7f000001, 0x7fffffff, 0x80000000L, 0xffffffffL, 1L << 32, 1L << 61,
		LUA_MAXINTEGER, LUA_MININTEGER
	};
	u8 byte = fuzz_byte(in);

	if (byte < 128)
		return byte;
	if (byte < 128 + COUNT(edges))
		return edges[byte - 128];
	return (s16)(fuzz_byte(in) | fuzz_byte(in) << 8);
}

static void push_value(struct lua_State *L, int nest);

static void push_table(lua_State *L, int nest)
{
	int n = fuzz_byte(in) % 6;
	u8 key;

	lua_newtable(L);
	while (n--) {
		key = fuzz_byte(in);
		push_value(L, nest + 1);
		if (key % 2)
			lua_setfield(L, -2, keys[key / 2 % COUNT(keys)]);
		else
			lua_rawseti(L, -2, key / 2 % 4 + 1);
	}
	if (fuzz_byte(in) == 1) {
		lua_pushvalue(L, -1);
		lua_setmetatable(L, -2);
	}
}

static void push_value(lua_State *L, int nest)
{
	u8 kind = fuzz_byte(in);

	switch (kind % 10) {
	case 0:
		lua_pushnil(L);
		break;
	case 1:
		lua_pushboolean(L, kind / 10 % 2);
		break;
	case 2:
	case 3:
		lua_pushinteger(L, take_integer());
		break;
	case 4:
	case 5:
		lua_pushstring(L, words[fuzz_byte(in) % COUNT(words)]);
		break;
	case 6:
		kind = fuzz_byte(in) % 16;
		if (kind > in->left)
			kind = in->left;
		lua_pushlstring(L, (const char *)in->data, kind);
		in->data += kind;
		in->left -= kind;
		break;
	case 7:
		if (nest < MAX_NEST)
			push_table(L, nest);
		else
			lua_pushinteger(L, take_integer());
		break;
	default:
		lua_pushvalue(L, fuzz_byte(in) % OBJECTS + 1);
	}
}

/* Pushes an object of the type, if there is one. */
static void push_object(lua_State *L, const char *type)
{
	int i, at = fuzz_byte(in);

	for (i = 0; i < OBJECTS && !luadrv_box_test(L, (at + i) % OBJECTS + 1, type); i++)
		;
	lua_pushvalue(L, (at + i) % OBJECTS + 1);
}

/* The first one, if there are fewer. */
static const struct lsock_opt *nth_option(int n)
{
	const struct lsock_opt *const *table;
	const struct lsock_opt *opt;

	for (table = lsock_opt_tables; *table; table++)
		for (opt = *table; opt->name; opt++)
			if (!n--)
				return opt;
	return lsock_opt_tables[0];
}

static void push_option(lua_State *L)
{
	const struct lsock_opt *opt = nth_option(fuzz_byte(in) % 32);

	lua_pushinteger(L, opt->level);
	lua_pushstring(L, opt->name);
}

/* A value that some option takes. */
static void push_optval(lua_State *L)
{
	static const char *const values[] = {
		"true", "1000", "-1", "{1, 5}", "{onoff = true}", "'lo'", "'reno'", "'do'", "'software tx_ack'",
		"'224.0.0.1'", "{'224.0.0.1', 'lo'}", "{group = '224.0.0.1', device = 1}", "{{6, 0, 0, 1}}",
		"{{code = 6}, {48, 0, 0, 9}}", "setmetatable({}, {__index = function(_, k) return k end, __len = next})"
	};

	lua_pushfstring(L, "return %s", values[fuzz_byte(in) % COUNT(values)]);
	/* An error's text does as well. */
	luaL_dostring(L, lua_tostring(L, -1));
	lua_replace(L, -2);
}

static void push_mask(lua_State *L, const struct lsock_name *names)
{
	u8 which = fuzz_byte(in);
	int n = 0;

	if (which & 0x80) {
		if (which & 0x40)
			lua_pushnil(L);
		else
			lua_pushinteger(L, which & 0x3f);
		return;
	}
	while (names[n].name)
		n++;
	names += which % n;
	lua_pushstring(L, which & 0x40 && names->letter ? names->letter : names->name);
}

static void push_header(lua_State *L)
{
	u8 how = fuzz_byte(in);

	lua_newtable(L);
	if (how & 1) {
		lua_pushinteger(L, take_integer());
		lua_setfield(L, -2, how & 2 ? "iov_len" : "lov_len");
	}
	if (how & 4) {
		push_mask(L, lsock_flags);
		lua_setfield(L, -2, "flags");
	}
	if (how & 8) {
		lua_newtable(L);
		lua_pushstring(L, words[fuzz_byte(in) % COUNT(words)]);
		lua_rawseti(L, -2, 1);
		lua_pushinteger(L, take_integer());
		lua_rawseti(L, -2, 2);
		lua_setfield(L, -2, "name");
	}
	if (how & 16) {
		lua_newtable(L);
		lua_pushinteger(L, take_integer());
		lua_setfield(L, -2, "addr");
		lua_pushinteger(L, take_integer());
		lua_setfield(L, -2, "port");
		lua_setfield(L, -2, "name");
	}
}

/* What a poll set can watch. */
static void push_watched(lua_State *L)
{
	static const char *const types[] = { "luasocket", "ltimer", "lchannel" };

	push_object(L, types[fuzz_byte(in) % COUNT(types)]);
}

/* Mostly so small that it lies within a data object. */
static void push_small(lua_State *L)
{
	u8 byte = fuzz_byte(in);

	lua_pushinteger(L, byte & 0x80 ? byte : byte % 9);
}

static void push_argument(lua_State *L, char kind)
{
	switch (kind) {
	case 's':
		return push_object(L, "luasocket");
	case 'p':
		return push_object(L, "lpoll");
	case 'm':
		return push_object(L, "ltimer");
	case 'c':
		return push_object(L, "lchannel");
	case 'd':
		return push_object(L, ldata_type);
	case 'q':
		return push_watched(L);
	case 'o':
		return push_option(L);
	case 'v':
		return push_optval(L);
	case 'f':
		return push_mask(L, lsock_flags);
	case 'e':
		return push_mask(L, lsock_events);
	case 'h':
		return push_header(L);
	case 't':
		return push_table(L, 1);
	case 'i':
		return push_small(L);
	case 'n':
		return lua_pushinteger(L, take_integer());
	case 'w':
	case 'a':
		lua_pushstring(L, words[fuzz_byte(in) % COUNT(words)]);
		return;
	default:
		return push_value(L, 0);
	}
}

/* Pushes a function; false if there is none. */
static bool push_function(lua_State *L, const struct function *f)
{
	lua_getfield(L, OBJECTS + 1, f->of);
	return lua_getfield(L, -1, f->name) == LUA_TFUNCTION;
}

/* A field or element of an object, read or written. */
static int access_field(lua_State *L)
{
	if (lua_gettop(L) == 2) {
		lua_gettable(L, 1);
		return 1;
	}
	lua_settable(L, 1);
	return 0;
}

static void keep_result(lua_State *L, int idx)
{
	if (lua_isuserdata(L, idx) || lua_istable(L, idx)) {
		lua_pushvalue(L, idx);
		lua_replace(L, next++ % OBJECTS + 1);
	}
}

static void run_operation(lua_State *L)
{
	u8 which = fuzz_byte(in), how = fuzz_byte(in);
	const struct function *f = &functions[which % COUNT(functions)];
	int i, n = 0, top = lua_gettop(L), func;

	if (which >= 250)
		lua_pushcfunction(L, access_field);
	else if (!push_function(L, f))
		return;
	func = lua_gettop(L);
	if (which >= 250) {
		for (n = 2 + how % 2, i = 0; i < n; i++)
			push_value(L, 0);
	} else if (how >= 224) {
		for (n = how % 6, i = 0; i < n; i++)
			push_value(L, 0);
	} else {
		/* One argument may be another, and the last ones missing. */
		for (i = 0; f->arguments[i] && i != (how >> 2 & 7) + 1; i++)
			push_argument(L, how % 4 && how >> 5 == i ? 'x' : f->arguments[i]);
	}
	if (lua_pcall(L, lua_gettop(L) - func, LUA_MULTRET, 0) && !luai_stopping(L))
		luaL_tolstring(L, -1, NULL);
	for (i = top + 1; i <= lua_gettop(L); i++)
		keep_result(L, i);
}

/* Sets @name in the table of what functions come from to the value on top. */
static void add_source(lua_State *L, const char *name)
{
	lua_setfield(L, OBJECTS + 1, name);
}

/* Does that with the methods of a type. */
static void add_methods(lua_State *L, const char *type, const char *name)
{
	luaL_getmetatable(L, type);
	lua_getfield(L, -1, "__index");
	add_source(L, name);
}

/* Puts a new socket at @at. */
static void add_socket(lua_State *L, int at, const char *type)
{
	lua_getglobal(L, "socket");
	lua_getfield(L, -1, "new");
	lua_pushliteral(L, "inet");
	lua_pushstring(L, type);
	lua_call(L, 2, 1);
	lua_replace(L, at);
}

/* At OBJECTS + 1 goes a table of what functions come from; a few objects are there at first. */
static void prepare(lua_State *L)
{
	static const char *const libraries[] = { "_G", "data", "socket", "kernel", "thread" };
	size_t i;

	lua_settop(L, OBJECTS);
	lua_newtable(L);
	luaL_checkstack(L, 200, NULL);
	for (i = 0; i < COUNT(libraries); i++) {
		fuzz_open(L, libraries[i]);
		lua_getglobal(L, libraries[i]);
		add_source(L, libraries[i]);
	}
	add_methods(L, "luasocket", "sock");
	add_methods(L, "lpoll", "poll");
	add_methods(L, "ltimer", "timer");
	add_methods(L, "lchannel", "chan");
	lua_getglobal(L, "socket");
	lua_getfield(L, -1, "testing");
	add_source(L, "testing");
	lua_getglobal(L, "socket");
	lua_getfield(L, -1, "poll");
	lua_call(L, 0, 1);
	lua_replace(L, 4);
	add_socket(L, 1, "tcp");
	add_socket(L, 2, "udp");
	lua_getglobal(L, "data");
	lua_getfield(L, -1, "new");
	lua_pushinteger(L, 8);
	lua_call(L, 1, 1);
	lua_pushvalue(L, -1);
	lua_replace(L, 3);
	add_source(L, "buf");
	lua_settop(L, OBJECTS + 1);
}

static int body(lua_State *L)
{
	int i;

	prepare(L);
	next = 4;
	for (i = 0; i < MAX_OPS && in->left && !luai_stopping(L); i++) {
		run_operation(L);
		lua_settop(L, OBJECTS + 1);
	}
	return 0;
}

/* The network's answers are the input's second half, read from its end as it were. */
void target_run(struct fuzz_input *input)
{
	size_t answers = input->left / 3;

	in = input;
	in->left -= answers;
	world.answers = in->data + in->left;
	world.answers_left = answers;
	fuzz_run_body(body, NULL);
}
