/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the files of the Lua half have of each other. */
#ifndef _LUADRV_LUASOCKET_H
#define _LUADRV_LUASOCKET_H

#include "driver/binding.h"
#include "socket/socket.h"

/* The box types of sockets (struct lsock) and poll sets (struct lpoll). */
extern const char luasocket_type[];
extern const char luapoll_type[];

/* poll_lua.c: what poll sets can watch at stack index @idx: a socket or a channel. */
struct lpollable *luapoll_check_pollable(lua_State *L, int idx);

/* socket_lua.c */

/*
 * Whether to try again what failed with @err: sockets that nobody uses any
 * more have been collected, and gave back what they held. May raise.
 */
bool luasocket_collect(lua_State *L, int err);
/* Frees the socket in a box. */
void luasocket_release(void *object);
/* Raises @err of a creation; what ran out goes with the knob that allows more. */
int luasocket_raise_new(lua_State *L, int err, const char *call);

/* Methods and metamethods of sockets, by file */
extern const luaL_Reg luasocket_meta[];
extern const luaL_Reg luasocket_call_methods[];
extern const luaL_Reg luasocket_msg_methods[];
extern const luaL_Reg luasocket_msghdr_methods[];
extern const luaL_Reg luasocket_opt_methods[];

/* poll_lua.c */
void luapoll_open(lua_State *L);
int luapoll_new(lua_State *L);

/* optlist_lua.c: pushes the table of option names and numbers */
void luasocket_push_options(lua_State *L);
int luasocket_options(lua_State *L);

/* msg_lua.c: the bytes of messages */

struct luasocket_bytes {
	const void *data;
	size_t len;
};

/* The bytes of the argument @arg: a string, a table of bytes, a data object. May push. */
void luasocket_check_bytes(lua_State *L, int arg, struct luasocket_bytes *bytes);
/* Pushes a table of @n bytes. */
void luasocket_push_bytes(lua_State *L, const u8 *bytes, size_t n);
/* Sends; gives how many bytes went, raises a failure as one of @call. */
size_t luasocket_transmit(lua_State *L, struct lsock *ls,
			  const struct luasocket_bytes *bytes, int flags,
			  struct lsock_addr *to, const char *call);
/* Receives; gives the size of what came, raises a failure as one of @call. */
size_t luasocket_receive(lua_State *L, struct lsock *ls, void *buf, size_t len,
			 int flags, struct lsock_recv *res, bool want_from,
			 const char *call);

/* args_lua.c: arguments that sockets have and others do not */

/* The argument @arg as a word or letter of @names, or as a number 0..@max. */
int luasocket_check_name(lua_State *L, int arg, const struct lsock_name *names,
			 int max, const char *what);
/* The argument @arg as a mask: letters, words or a number, of @allowed only. None is 0. */
int luasocket_check_mask(lua_State *L, int arg, const struct lsock_name *names,
			 int allowed, const char *what);
/* The same for a table's field at stack index @idx. */
int luasocket_field_mask(lua_State *L, int idx, const struct lsock_name *names,
			 int allowed, const char *what);
/* A time-out in ms: nil, none or -1 is no limit. */
int luasocket_check_wait(lua_State *L, int arg);
/* Pushes the table of @names and their values. */
void luasocket_push_names(lua_State *L, const struct lsock_name *names);
/* Sets the field @key of @table, without metamethods, to the value on top, which it pops. */
void luasocket_raw_setfield(lua_State *L, int table, const char *key);

/* addr_lua.c: addresses. Those of interfaces that are not there raise an error object of @call. */

/*
 * The arguments from @arg on, a host and, where the family has them, a port,
 * or a table of these, as an address for @ls; @local: that it shall get
 * itself. Gives the next argument.
 */
int luasocket_check_addr(lua_State *L, int arg, struct lsock *ls, bool local,
			 struct lsock_addr *addr, const char *call);
/* The table at stack index @idx, {addr=, port=} or {addr, port}, as a peer's address for @ls. */
void luasocket_field_addr(lua_State *L, int idx, struct lsock *ls,
			  struct lsock_addr *addr, const char *what,
			  const char *call);
/* Pushes what the arguments of bind() look like; gives how many values that are. */
int luasocket_push_addr(lua_State *L, const struct lsock_addr *addr);
/* Writes an address into the table at stack index @idx, in the form that it has. */
void luasocket_set_addr(lua_State *L, int idx, const struct lsock_addr *addr);
/* Adds an address as text, with @before before it; nothing if there is no text. */
void luasocket_add_addr(lua_State *L, luaL_Buffer *b, const char *before,
			const struct lsock_addr *addr);
/* Raises @err of @call as done to @addr. */
int luasocket_raise_at(lua_State *L, int err, const char *call,
		       const struct lsock_addr *addr);

#endif
