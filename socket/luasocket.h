/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the files of the Lua half have of each other. */
#ifndef _LUADRV_LUASOCKET_H
#define _LUADRV_LUASOCKET_H

#include "driver/binding.h"
#include "socket/socket.h"

/* The box types of sockets (struct lsock), poll sets (struct lpoll), timers (struct ltimer), names that are looked up (struct lupcall), relays (struct lrelay), sets of them (struct lrelay_set). */
extern const char luasocket_type[];
extern const char luapoll_type[];
extern const char luatimer_type[];
extern const char luaupcall_type[];
extern const char luarelay_type[];
extern const char luarelays_type[];

/* poll_lua.c: what poll sets can watch at stack index @idx: a socket, a channel, a timer. */
struct lpollable *luapoll_check_pollable(lua_State *L, int idx);
/* Adds what is at @idx to the set at @poll: 0 and its slot, or -errno. Raises where one of them is closed. */
int luapoll_add(lua_State *L, int poll, int idx, unsigned int events, unsigned int *slot);

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

struct lrelay_opts;

/* relay_lua.c */
/* The options at index @arg, if there are any; @nowait is NULL where that is none. */
void luarelay_check_options(lua_State *L, int arg, struct lrelay_opts *opts, bool *nowait);
void luarelay_open(lua_State *L);
int luarelay_relay(lua_State *L);
int luarelay_splice(lua_State *L);

/* relays_lua.c */
void luarelays_open(lua_State *L);
int luarelays_new(lua_State *L);

/* resolve_lua.c */
extern const luaL_Reg luasocket_resolve_functions[];
void luaupcall_open(lua_State *L);

struct lsock_field;
struct lsock_opt;
struct lsock_optval;

/* opt_lua.c: arguments and results of getsockopt() and setsockopt() */

/*
 * The option that the arguments 2 and 3 name, and what errors call it; NULL if none has
 * the number: then the name is pushed.
 */
const struct lsock_opt *luasocket_find_option(lua_State *L, const char **name);
/* The argument 4 as a value of @opt. What that points to is left on the stack, behind it. */
void luasocket_check_optval(lua_State *L, const struct lsock_opt *opt, struct lsock_optval *val);
void luasocket_push_optval(lua_State *L, const struct lsock_opt *opt,
			   const struct lsock_optval *val);
/* A field of LSOCK_OPT_TABLE's structure. */
lua_Integer luasocket_field_value(const u8 *raw, const struct lsock_field *field);
/* Pushes the error object of @err of an option of @ls, which may be NULL; so may @why, which says more. */
void luasocket_push_option_error(lua_State *L, struct lsock *ls, int err, const char *call,
				 const char *option, const char *why);

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

/* task_lua.c: methods that wait, in tasks of the library async */

/**
 * struct luasocket_tasks - what methods see of the library async
 * @running: whether a task runs
 * @looping: whether the loop is there
 * @left: calls that it may make before others have their turn
 *
 * The registry has, under its address, the functions of the loop.
 */
struct luasocket_tasks {
	bool running;
	bool looping;
	int left;
};

/* Functions of the loop: waits; says why a call may not begin; lets others have their turn. They give an errno, or nil. */
#define LUASOCKET_WAIT	1
#define LUASOCKET_ENTER	2
#define LUASOCKET_TURN	3
/* Indexes of the table that a task's library keeps with a socket: who waits; whose turn it is. */
#define LUASOCKET_READS		1
#define LUASOCKET_WRITES	2
#define LUASOCKET_OWNER		2
/* What the body of a method returns if it must be called again: when the socket is ready, or others had their turn. */
#define LUASOCKET_AGAIN	(-1)

/**
 * struct luasocket_try - how far a method is
 * @task: it runs in a task, and must not wait itself
 * @instant: it never waits, whatever its time-out is
 * @each: the socket's time-out counts for each time that it waits
 * @slow: nobody tells when there is enough of what it waits for
 * @turn: it need not wait, but others are to have their turn
 * @quiet: it is the library that tries
 * @timeout: what the script gave it; of the first try
 * @tries: how many there were before
 * @got: bytes that it has moved
 * @part: bytes of its present piece, if it has several
 * @done: pieces that it has moved
 */
struct luasocket_try {
	bool task;
	bool instant;
	bool each;
	bool slow;
	bool turn;
	bool quiet;
	int timeout;
	int tries;
	lua_Integer got;
	lua_Integer part;
	lua_Integer done;
};

/**
 * struct luasocket_call - a method that waits
 * @body: does its work, as far as that goes; or gives LUASOCKET_AGAIN, with what it needs again on the stack
 * @end: what it gives, or raises, when it fails
 * @side: LUASOCKET_READS or LUASOCKET_WRITES
 */
struct luasocket_call {
	int (*body)(lua_State *L, struct luasocket_try *t);
	int (*end)(lua_State *L, struct luasocket_try *t, int err);
	int side;
};

/* Calls it. */
int luasocket_do(lua_State *L, const struct luasocket_call *call);
/* The same for the library, which waits by itself: gives false where it must. */
int luasocket_try(lua_State *L, const struct luasocket_call *call);
bool luasocket_in_task(lua_State *L);
/* Whether the body is to give LUASOCKET_AGAIN for @err. */
bool luasocket_must_wait(const struct luasocket_try *t, ssize_t err);
/* To be asked after each of many pieces: is the body to give LUASOCKET_AGAIN, for others to have their turn? */
bool luasocket_spent(lua_State *L, struct luasocket_try *t);
/* Whether the task may wait for a call to end. */
bool luasocket_may_wait(const struct luasocket_try *t, struct lsock *ls, bool sending);
/* How long a try may wait of a call that may wait for @timeout. */
void luasocket_begin(struct luasocket_try *t, struct lsock_msg *m, int timeout);
/* Raises @err of @call, on the socket at index 1, which may be closed. */
int luasocket_fail(lua_State *L, int err, const char *call);

/* What they are */
extern const struct luasocket_call luasocket_accept_call;
extern const struct luasocket_call luasocket_recv_call;
extern const struct luasocket_call luasocket_recvmsg_call;
extern const struct luasocket_call luasocket_read_call;
extern const struct luasocket_call luasocket_send_call;
extern const struct luasocket_call luasocket_sendmsg_call;

/* msg_lua.c: what sends and receives; gives how many bytes, or -errno. Do not raise. */
ssize_t luasocket_send(lua_State *L, struct lsock *ls, struct lsock_msg *m, const char *call);
ssize_t luasocket_recv(lua_State *L, struct lsock *ls, struct lsock_msg *m, const char *call);
/*
 * Goes on with a message of which @t has sent a part: over a stream until it is
 * all sent. Gives the method's results, or LUASOCKET_AGAIN with @keep values on the stack.
 */
int luasocket_send_try(lua_State *L, struct luasocket_try *t, struct lsock_msg *m, int keep,
		       const char *call);
/* What it gives that ends with @err. */
int luasocket_send_end(lua_State *L, struct luasocket_try *t, int err, const char *call);
/*
 * The same for what is received; gives the number of bytes, which is in @t and in @m, too, or
 * -errno, or -EAGAIN if luasocket_must_wait().
 */
ssize_t luasocket_recv_try(lua_State *L, struct lsock *ls, struct luasocket_try *t,
			   struct lsock_msg *m, const char *call);
/* Memory for @size bytes that is kept at the index @at between two tries; becomes the top. */
void *luasocket_keep_room(lua_State *L, struct luasocket_try *t, int at, size_t size);
/* Sends all of @m over a stream, in as many steps as it takes; adds to @sent. Gives 0 or -errno. */
int luasocket_send_all(lua_State *L, struct lsock *ls, struct lsock_msg *m,
		       const struct luasocket_deadline *deadline, size_t *sent, const char *call);

/* cmsg_lua.c: control messages; @hdr is the message header's stack index */

/* Room for those that come, if the header asks for them. May push. */
void luasocket_control_room(lua_State *L, int hdr, struct lsock_msg *m);
/* Pushes the table of those that came, which is the one of the header if it has one. */
void luasocket_push_control(lua_State *L, int hdr, const struct lsock_msg *m);
/* Pushes the table of one of them. */
void luasocket_push_cmsg(lua_State *L, const struct lsock_cmsg *cmsg);
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
/* The same for a socket that is not there yet, of @family. */
int luasocket_check_family_addr(lua_State *L, int arg, int family, bool local,
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
