/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the files of the Lua half have of each other, and other folders of them. */
#ifndef _LUADRV_LOAD_LUA_H
#define _LUADRV_LOAD_LUA_H

#include "driver/binding.h"
#include "load/engine.h"
#include "socket/luasocket.h"

/* Its address is where the registry has the names of S and its tables, by table; nil if nobody has asked for it. */
extern const char luaload_names_key;

/* Functions and types of the table that load's libraries are built on, and methods, by file */
extern const luaL_Reg luaload_counts_methods[];
extern const luaL_Reg luaload_engine_functions[];
extern const luaL_Reg luaload_globals_functions[];
extern const luaL_Reg luaload_message_calls[];
extern const luaL_Reg luaload_socket_calls[];
void luaload_engine_open(lua_State *L);
void luaload_message_open(lua_State *L);

/* globals_lua.c */

/* Has load's functions answer for globals that are not there. Of a new state. */
void luaload_open_globals(lua_State *L);
/* A run begins: nothing is to be called at its end yet. */
void luaload_begin_run(lua_State *L);
/* Pushes what is to be called at the end of the run, once; false if there is nothing. */
bool luaload_push_end(lua_State *L);

/* message_lua.c */

/* Room for control messages, as the hooks' users know it. */
#define LUALOAD_CONTROL_ROOM	512

/**
 * struct luaload_message - what a hook gets, and calls that it makes look at
 * @type: luaload_message_type
 * @e: the engine; NULL: no hook runs
 * @hook: which
 * @sock: the flow's socket
 * @offset: where in the engine's buffer its bytes are
 * @len: how many
 * @looked: the script has the table of its pieces
 * @cursor: how many control messages cmsg_nxthdr() has given
 * @addr: whom it is from, or goes to; its length is 0 if nobody says
 * @result: MSG_* flags that came with it, or those of the call
 * @controllen: bytes of control messages that came with it
 * @control: these
 *
 * One for each engine. Scripts have it as a userdata, whose user value keeps the engine.
 */
struct luaload_message {
	const char *type;
	struct lload *e;
	enum lload_hook hook;
	struct lsock *sock;
	size_t offset;
	size_t len;
	bool looked;
	unsigned int cursor;
	struct lsock_addr addr;
	int result;
	size_t controllen;
	u8 control[LUALOAD_CONTROL_ROOM] __aligned(8);
};

/* Pushes the message of the engine at @engine. */
struct luaload_message *luaload_message_new(lua_State *L, int engine);
/* The message at @arg; raises unless its hook runs. */
struct luaload_message *luaload_check_message(lua_State *L, int arg);
/**
 * struct luaload_now - the hook that runs in a state
 * @message: its message, or that of an earlier one
 *
 * One for each state. Its user value keeps the message.
 */
struct luaload_now {
	struct luaload_message *message;
};

/* That of this state, which stays as long as the state; NULL if that has no library. */
struct luaload_now *luaload_get_now(lua_State *L);
/* From here on calls of this state look at @m, which is the message at @idx. */
void luaload_use_message(lua_State *L, struct luaload_now *now, struct luaload_message *m, int idx);
/* The message of the hook that runs in this state, or NULL. */
struct luaload_message *luaload_message_now(lua_State *L);
/* The message @m at @arg as bytes to move. May push; they stay as long as the argument does. */
void luaload_message_vec(lua_State *L, int arg, const struct luaload_message *m, struct lsock_vec *vec);
/* Makes the table on top one of S.types.mt[@name], by which it has C's names, too. */
void luaload_set_type(lua_State *L, const char *name);
/* Sets the fields of an address of @family in the table on top: addr, port, family. */
void luaload_set_addr(lua_State *L, const struct lsock_addr *addr, int family);
/* Pushes an address of @family: { addr =, port =, family = }. */
void luaload_push_addr(lua_State *L, const struct lsock_addr *addr, int family);

/* calls_lua.c: arguments and results of C's calls */

/* The socket at index 1; NULL if it is closed, or a number. */
struct lsock *luaload_check_socket(lua_State *L);
/* What a call gives that failed with @err: nil and an error object, which tells of @to as luasocket_push_target() does. */
int luaload_failed(lua_State *L, struct lsock *ls, int err, const char *call,
		   const struct lsock_addr *to);
/* The same for the error object on top. */
int luaload_give_error(lua_State *L);

/* histogram_lua.c */

/* The box type of histograms (struct lhist). */
extern const char lhistogram_type[];

/* Makes the type, if the state does not have it yet. */
void lhistogram_open(lua_State *L);
int lhistogram_create(lua_State *L);
/* Pushes an empty box for a histogram; the slot that it returns takes it. */
void **lhistogram_push(lua_State *L);
/* Frees the histogram in a box. */
void lhistogram_release(void *object);

/* hook_lua.c */

/**
 * struct luaload_kind - what hooks are told of an engine, and errors say
 * @client: it is a client
 * @family: AF_*
 * @type: SOCK_*
 * @protocol: IPPROTO_*
 */
struct luaload_kind {
	bool client;
	int family;
	int type;
	int protocol;
};

/**
 * struct luaload_engine - what the binding keeps with an engine
 * @kind: what it is
 * @running: run() is at work, or a hook has raised in it
 * @counted: what the script's statistics have of it already
 */
struct luaload_engine {
	struct luaload_kind kind;
	bool running;
	struct lload_counts counted;
};

/* Indexes of an engine's user value */
#define LUALOAD_STATE	1	/* struct luaload_engine */
#define LUALOAD_MESSAGE	2
#define LUALOAD_SOCKETS	3	/* what hooks got, by flow */
#define LUALOAD_ANCHORS	4	/* what the engine points to */
#define LUALOAD_HOOKS	5	/* the first of the functions */

/* The type of messages. */
extern const char luaload_message_type[];
/* The box type of engines (struct lload). */
extern const char luaload_type[];
/* The engine at 1. To be called last: what else a method does can run finalizers, and these close the engine. */
struct lload *luaload_check_engine(lua_State *L);
/* The value of a name that @names has. */
int luaload_number_of(const struct lsock_name *names, const char *name);
/* Its state, at @idx; raises if that is something else. */
struct luaload_engine *luaload_engine_at(lua_State *L, int idx);
/* Its message, which may be of an earlier hook, at @idx. */
struct luaload_message *luaload_message_at(lua_State *L, int idx);
/* run(): works until there is something to tell, and tells what. */
int luaload_run(lua_State *L);

#endif
