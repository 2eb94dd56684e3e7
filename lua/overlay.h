/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Included before everything else by every file that sees lua.h. It turns
 * upstream's configuration knobs so that Lua runs in the kernel: integers
 * only, 16 KiB of C stack, no C library, stoppable at any instruction. What a
 * knob cannot reach is in lua/patches.
 */
#ifndef _LUADRV_OVERLAY_H
#define _LUADRV_OVERLAY_H

#include "port.h"

struct lua_State;
typedef struct luaport_jmpbuf luaport_jmpbuf;

/* Integers only. Raise: there is no result without a fraction. */
long long luaport_div(struct lua_State *L, long long a, long long b);
long long luaport_pow(struct lua_State *L, long long base, long long exp);
const char *luai_badnumeral(const char *numeral);

#define luai_numidiv(L, a, b)	luaV_div(L, a, b)
#define luai_numdiv(L, a, b)	luaport_div(L, a, b)
#define luai_nummod(L, a, b, m)	{ (m) = luaV_mod(L, a, b); }
#define luai_numpow(L, a, b)	luaport_pow(L, a, b)
#define luai_numadd(L, a, b)	intop(+, a, b)
#define luai_numsub(L, a, b)	intop(-, a, b)
#define luai_nummul(L, a, b)	intop(*, a, b)
#define luai_numunm(L, a)	intop(-, 0, a)
#define luai_numeq(a, b)	((a) == (b))
#define luai_numlt(a, b)	((a) < (b))
#define luai_numle(a, b)	((a) <= (b))
#define luai_numisnan(a)	((void)(a), 0)
#define l_hashfloat(n)		((int)(n))
#define lua_getlocaledecpoint()	'.'

/* Hash seeds and pivots come from the kernel, never from addresses. */
#define luai_makeseed()		luaport_random32()
#define l_randomizePivot()	luaport_random32()

/* Errors unwind with the port's own protected calls (patch 12). */
#define luai_jmpbuf		luaport_jmpbuf
#define LUAI_THROW(L, c)	luaport_longjmp(&(c)->b)
#define LUAI_TRY		luaport_try

#define l_noinline		noinline

/* The driver must know which coroutine to interrupt and never touch a dead one. */
#define luai_userstatefree(L, L1) \
	luaport_thread_freed(luaport_of(L), L1)
#define luai_userstateresume(L, n) \
	luaport_set_running(luaport_of(L), L)
#define luai_userstateclose(L)	luaport_thread_freed(luaport_of(L), L)

/*
 * What a marked userdata owns goes with it: the core calls the function that
 * its memory begins with before it frees that. It must not raise or call Lua.
 */
typedef void luaport_release(struct lua_State *L, void *userdata);
#define LUAPORT_OWNER_BIT	5
#define luai_userdatafree(L, u)						\
	do {								\
		if (testbit((u)->marked, LUAPORT_OWNER_BIT))		\
			(*(luaport_release **)getudatamem(u))(L, getudatamem(u)); \
	} while (0)

/* print() is the driver's; nothing else writes. */
#define lua_writestring(s, l)		((void)(s), (void)(l))
#define lua_writeline()			((void)0)
#define lua_writestringerror(s, p)	((void)(s), (void)(p))

#include "luaconf.h"

#undef LUA_NUMBER
#undef LUAI_UACNUMBER
#undef LUA_NUMBER_FRMLEN
#undef LUA_NUMBER_FMT
#undef l_mathlim
#undef l_mathop
#undef l_floor
#undef lua_numbertointeger
#undef lua_str2number
#undef lua_pointer2str
#undef LUAL_BUFFERSIZE
#undef LUAI_MAXSTACK
#undef lua_number2strx
#undef lua_strx2number

#define LUA_NUMBER		long long
#define LUAI_UACNUMBER		long long
#define LUA_NUMBER_FRMLEN	"ll"
#define LUA_NUMBER_FMT		"%lld"
/* Bits and decimal digits of an integer, where upstream asks for a float's. */
#define l_mathlim(n)		(LUAPORT_##n)
#define LUAPORT_MANT_DIG	64
#define LUAPORT_MAX_10_EXP	20
/* No code path may use a C math function; one that does fails to link. */
#define l_mathop(op)		luaport_no_##op
#define l_floor(x)		(x)
#define lua_numbertointeger(n, p)	((*(p) = (n)), 1)
/* A pointer is shown as the kernel shows it: hashed. */
#define lua_pointer2str(buf, size, p)	luaport_snprintf(buf, size, "%p", p)
/* Buffers live in C frames: small ones, the heap takes what is longer. */
#define LUAL_BUFFERSIZE		128
#define LUAI_MAXSTACK		100000

/* Hashes that scripts cannot aim at one slot of a table. */
#define luai_hashint(i)		luaport_hash_number(i)
/* How often a cycle of the collector goes through the tables with weak keys. */
#define LUAI_MAXEPHEMERONPASSES	16

#include "lua.h"

static inline struct luaport *luaport_of(struct lua_State *L)
{
	return *(struct luaport **)lua_getextraspace(L);
}

/* The emergency collection; the out-of-memory error. For allocations outside of the core. */
void luai_collect(struct lua_State *L);
void luai_nomemory(struct lua_State *L);

/* Makes the texts of those errors that come when there is no memory left for a text. */
void luaport_prepare_messages(struct lua_State *L);

/* The full userdata of @size bytes at @idx of the stack, or NULL. */
void *luaport_userdata(struct lua_State *L, int idx, size_t size);

/* Marks @userdata, whose memory begins with a luaport_release pointer. */
void luaport_own_userdata(void *userdata);

/*
 * The bytecode of the Lua function on top, with what a traceback needs, goes to
 * @write, which may raise; what a copy of it is made from comes from @read, in
 * luaport_undump(), which pushes the copy without the values of its upvalues
 * and returns as lua_load(). Never for bytes that a script can reach.
 */
void luaport_dump(struct lua_State *L, lua_Writer write, void *ud);
int luaport_undump(struct lua_State *L, lua_Reader read, void *ud);

/*
 * Attends to whatever is pending. If the script is to stop it raises what only
 * the stop raises: no message handler sees it, and no memory is needed for it.
 */
void luaport_interrupt(struct lua_State *L);

/* Ends the script, as a stop does, with a status of 0..255. Does not return. */
void luaport_exit(struct lua_State *L, int status);

static inline void luai_tick(struct lua_State *L)
{
	if (__builtin_expect(READ_ONCE(luaport_of(L)->pending), 0))
		luaport_interrupt(L);
}

/*
 * In the middle of long work of the core's own, where nothing may be raised:
 * lets other tasks run if it is time for that. True if the script is to stop.
 */
static inline int luai_breathe(struct lua_State *L)
{
	struct luaport *port = luaport_of(L);

	return __builtin_expect(READ_ONCE(port->pending), 0) && luaport_breathe(port);
}

/* The same, once for each page of what @p goes through step by step. */
#define luai_breatheat(g, p) \
	((void)(((size_t)(p) & 4095) < sizeof(*(p)) && luai_breathe((g)->mainthread)))

/* Ends the script if it has no instructions left, as its next one would. */
void luaport_check_budget(struct lua_State *L);

/* True once the script is being stopped. */
static inline int luai_stopping(struct lua_State *L)
{
	return luaport_of(L)->stop;
}

#define LUAI_CSTACKOVERFLOW	"C stack overflow (limit: module parameter stack, --stack)"

/* Asked for the frame's address the compiler would keep one in a register. */
#ifdef __x86_64__
register char *luai_cstackpointer asm("rsp");
#else
#define luai_cstackpointer ((char *)__builtin_frame_address(0))
#endif

static inline int luai_cstacklow(struct lua_State *L)
{
	struct luaport *port = luaport_of(L);

	if (luai_cstackpointer < port->stack_soft)
		return 1;
	if (port->overflow)
		port->overflow = 0;
	return 0;
}

static inline int luai_cstackhard(struct lua_State *L)
{
	return luai_cstackpointer < luaport_of(L)->stack_hard;
}

/* True where most of the C stack is used: what is large belongs on the heap there. */
static inline int luai_cstackscarce(struct lua_State *L)
{
	return luai_cstackpointer < luaport_of(L)->stack_soft + 5120;
}

/*
 * True the first time that the C stack is low at a depth of @calls: deeper
 * calls belong to the handling of that error, equal or shallower ones are an
 * overflow of their own.
 */
static inline int luai_cstacknew(struct lua_State *L, unsigned int calls)
{
	struct luaport *port = luaport_of(L);

	if (port->overflow && calls > port->overflow)
		return 0;
	port->overflow = calls;
	return 1;
}

#ifdef LUAPORT_CORE
/* The coroutine that runs: only it is sure to have a handler of errors. */
#define luai_running(L)							\
	(luaport_of(L)->running ? luaport_of(L)->running : G(L)->mainthread)

/*
 * objtool checks each object alone and does not know that functions of others
 * never return: to it, and so to the compiler, they all do.
 */
#include "llimits.h"
#undef l_noret
#define l_noret			void
/* Addresses are not for scripts to see, not even in the order of a table. */
#undef point2uint
#define point2uint(p)		luaport_hash_address((size_t)(p))

#include "lobject.h"

/* No float can come into being. */
#undef ttisfloat
#undef setfltvalue
#undef chgfltvalue
#define ttisfloat(o)		((void)(o), 0)
#define setfltvalue(obj, x)	setivalue(obj, x)
#define chgfltvalue(obj, x)	chgivalue(obj, x)
#endif

/* After lua_resume(), for lcorolib: the driver's tick is told that @from runs again. */
int luaport_resumed(struct lua_State *from, int status);
#ifdef LUAPORT_FILE_lcorolib
#define lua_resume(L, from, nargs)	luaport_resumed(from, lua_resume(L, from, nargs))
#endif

#endif
