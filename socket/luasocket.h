/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the files of the Lua half have of each other. */
#ifndef _LUADRV_LUASOCKET_H
#define _LUADRV_LUASOCKET_H

#include "driver/binding.h"
#include "socket/socket.h"

/* The box types of sockets (struct lsock), poll sets (struct lpoll), timers (struct ltimer), names that are looked up (struct lupcall), relays (struct lrelay). */
extern const char luasocket_type[];
extern const char luapoll_type[];
extern const char luatimer_type[];
extern const char luaupcall_type[];
extern const char luarelay_type[];

/* poll_lua.c: what poll sets can watch at stack index @idx: a socket, a channel, a timer. */
struct lpollable *luapoll_check_pollable(lua_State *L, int idx);

/* socket_lua.c */

/*
 * Whether to try again what failed with @err: sockets that nobody uses any
 * more have been collected, and gave back what they held. May raise.
 */
bool luasocket_collect(lua_State *L, int err);
/* Frees the socket in a box. */
void luasocket_release(void *object);
/*
 * Raises @err of a creation; what ran out goes with the knob that allows more.
 * @target is what it had to do with, or NULL.
 */
int luasocket_raise_new(lua_State *L, int err, const char *call, const char *target);

/* Methods and metamethods of sockets, by file */
extern const luaL_Reg luasocket_meta[];
extern const luaL_Reg luasocket_call_methods[];
extern const luaL_Reg luasocket_msg_methods[];
extern const luaL_Reg luasocket_read_methods[];
extern const luaL_Reg luasocket_sendfile_methods[];
extern const luaL_Reg luasocket_msghdr_methods[];
extern const luaL_Reg luasocket_opt_methods[];

/* poll_lua.c */
void luapoll_open(lua_State *L);
int luapoll_new(lua_State *L);

/* timer_lua.c */
void luatimer_open(lua_State *L);
int luatimer_new(lua_State *L);
/* Frees the timer in a box. */
void luatimer_release(void *object);

/* relay_lua.c */
void luarelay_open(lua_State *L);
int luarelay_relay(lua_State *L);
int luarelay_splice(lua_State *L);

/* resolve_lua.c */
extern const luaL_Reg luasocket_resolve_functions[];
void luaupcall_open(lua_State *L);

/* optlist_lua.c: pushes the table of option names and numbers */
void luasocket_push_options(lua_State *L);
int luasocket_options(lua_State *L);

/* vec_lua.c: the bytes of messages */

#define LUASOCKET_FEW	8

/*
 * Pieces of memory, in their order. Up to LUASOCKET_FEW need no memory of their
 * own; it points into itself, so it must stay where it is.
 */
struct luasocket_vec {
	struct lsock_vec few[LUASOCKET_FEW];
	struct lsock_vec *vec;
	unsigned int count;
	size_t size;
};

/* One piece. */
void luasocket_set_bytes(struct luasocket_vec *v, const void *base, size_t len);
/*
 * The bytes of the argument @arg: a string, a data object, an array of these, or
 * a table of bytes. May push. They stay as long as the argument does.
 */
void luasocket_check_bytes(lua_State *L, int arg, struct luasocket_vec *v);
/* The same for what is to be filled: a data object or an array of them. False for what is neither. */
bool luasocket_test_room(lua_State *L, int arg, struct luasocket_vec *v);
/* Pushes a table of @n bytes. */
void luasocket_push_bytes(lua_State *L, const u8 *bytes, size_t n);

/* wait_lua.c: how long one call may wait, and what it raises */

/* The end of the time that a call of several steps has. */
struct luasocket_deadline {
	int timeout;
	u64 end;
};

/* The argument @arg: how long a call may wait, LSOCK_FOREVER for -1, LSOCK_AS_SOCKET for none. */
int luasocket_check_timeout(lua_State *L, int arg);
/* Raises if the socket is no stream: @otherwise, about the argument @arg. */
void luasocket_check_stream(lua_State *L, struct lsock *ls, int arg, const char *call,
			    const char *otherwise);
/* The time begins. */
void luasocket_start(struct luasocket_deadline *deadline, int timeout);
/* How long the next step may wait; false when the time is over. */
bool luasocket_left(const struct luasocket_deadline *deadline, int *timeout);
/*
 * Pushes whom a call had to do with, "127.0.0.1:80": @to if it is not NULL, or
 * the peer, or else the socket's own address; nil if it has none.
 */
void luasocket_push_target(lua_State *L, struct lsock *ls, const struct lsock_addr *to);
/* Raises @err of @call, with luasocket_push_target()'s target. */
int luasocket_raise(lua_State *L, struct lsock *ls, int err, const char *call,
		    const struct lsock_addr *to);
/*
 * The same for a call that did part of its work: what that was is below the
 * target, which is on top, and becomes the error object's field @field.
 */
int luasocket_raise_part(lua_State *L, int err, const char *call, const char *field);

/* msg_lua.c: what sends and receives; gives how many bytes, or -errno. Do not raise. */
ssize_t luasocket_send(lua_State *L, struct lsock *ls, struct lsock_msg *m, const char *call);
ssize_t luasocket_recv(lua_State *L, struct lsock *ls, struct lsock_msg *m, const char *call);
/* Sends all of @m over a stream, in as many steps as it takes; adds to @sent. Gives 0 or -errno. */
int luasocket_send_all(lua_State *L, struct lsock *ls, struct lsock_msg *m,
		       const struct luasocket_deadline *deadline, size_t *sent, const char *call);

/* cmsg_lua.c: control messages; @hdr is the message header's stack index */

/* Room for those that come, if the header asks for them. May push. */
void luasocket_control_room(lua_State *L, int hdr, struct lsock_msg *m);
/* Pushes the table of those that came, which is the one of the header if it has one. */
void luasocket_push_control(lua_State *L, int hdr, const struct lsock_msg *m);
/* Those that the header wants to be sent. May push. */
void luasocket_check_control(lua_State *L, int hdr, struct lsock_msg *m);

/* args_lua.c: arguments that sockets have and others do not */

/* The argument @arg as a word or letter of @names, or as a number 0..@max. */
int luasocket_check_name(lua_State *L, int arg, const struct lsock_name *names,
			 int max, const char *what);
/* The same for a table's field at stack index @idx. */
int luasocket_field_name(lua_State *L, int idx, const struct lsock_name *names,
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
/* The host at stack index @idx, without a port, as an address of @family. */
void luasocket_field_host(lua_State *L, int idx, int family,
			  struct lsock_addr *addr, const char *what,
			  const char *call);
/* Pushes what the arguments of bind() look like; gives how many values that are. */
int luasocket_push_addr(lua_State *L, const struct lsock_addr *addr);
/* Writes an address into the table at stack index @idx, in the form that it has. */
void luasocket_set_addr(lua_State *L, int idx, const struct lsock_addr *addr);
/* Adds an address as text, with @before before it; nothing if there is no text. */
void luasocket_add_addr(lua_State *L, luaL_Buffer *b, const char *before,
			const struct lsock_addr *addr);

#endif
