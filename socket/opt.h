/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Socket options: what an option is, for the kernel half, which has a table of
 * them for each level, and for the Lua half, which turns values into what
 * scripts see. The reference, socket.options() and the tests are made of the
 * same tables (tools/options reads them as text).
 */
#ifndef _LUADRV_OPT_H
#define _LUADRV_OPT_H

#include "socket.h"

struct sock;

/* How the value of an option looks. */
enum lsock_opt_kind {
	LSOCK_OPT_NONE,		/* none: setting it does something */
	LSOCK_OPT_BOOL,		/* on or off */
	LSOCK_OPT_INT,		/* 32 bits, signed or unsigned as the range says */
	LSOCK_OPT_LONG,		/* 64 bits */
	LSOCK_OPT_MS,		/* a time-out; 0 is none */
	LSOCK_OPT_WORD,		/* a number that has a name */
	LSOCK_OPT_MASK,		/* bits that have names */
	LSOCK_OPT_TEXT,
	LSOCK_OPT_LINGER,
	LSOCK_OPT_TABLE,	/* a structure, only to be read */
	LSOCK_OPT_ADDR,		/* an address, only to be read */
	LSOCK_OPT_DEVICE,	/* a network device: its index, or its name */
	LSOCK_OPT_GROUP,	/* a multicast group, and on which device */
	LSOCK_OPT_FILTER,	/* a program of the classic packet filter */
};

/* Longest text of an option, with its NUL; longest name of a device, without. */
#define LSOCK_OPT_TEXT_SIZE	32
#define LSOCK_DEVICE_NAME	15
/* Largest structure that LSOCK_OPT_TABLE reads. */
#define LSOCK_OPT_RAW_SIZE	320

/* An instruction of the classic packet filter: struct sock_filter. */
struct lsock_insn {
	u16 code;
	u8 jt;
	u8 jf;
	u32 k;
};

/**
 * struct lsock_optval - the value of an option
 * @num: a number; the seconds of LINGER; the index of a device, 0 for none
 * @on: LINGER: whether it is on
 * @len: FILTER: how many instructions
 * @insns: FILTER: the instructions
 * @text: TEXT; DEVICE and GROUP: the device's name, if it has no index yet
 * @addr: ADDR and GROUP
 * @raw: TABLE: the structure
 * @why: where reading or setting fails: what there is to say besides the errno,
 *	or NULL
 */
struct lsock_optval {
	s64 num;
	bool on;
	unsigned int len;
	const struct lsock_insn *insns;
	const char *why;
	char text[LSOCK_OPT_TEXT_SIZE];
	union {
		struct lsock_addr addr;
		u8 raw[LSOCK_OPT_RAW_SIZE] __aligned(8);
	};
};

/**
 * struct lsock_field - a field of a structure
 * @name: what scripts call it; NULL in the final entry
 * @offset: where it is
 * @size: how many bytes it has: 1, 2, 4, 8
 */
struct lsock_field {
	const char *name;
	u16 offset;
	u8 size;
};

/**
 * struct lsock_opt - a socket option
 * @level: SOL_*
 * @optname: the kernel's number for it there
 * @name: what scripts call it; NULL in the final entry
 * @letters: another name, such as the letters of the 2018 library, or NULL
 * @kind: how its value looks
 * @min: least value; TEXT: least length
 * @max: greatest value; MASK: all bits; TEXT: greatest length
 * @get: reads it under the socket's lock; gives 0, or -errno: -EOPNOTSUPP
 *	where a socket does not have it. NULL: it can only be set
 * @unit: of what its value is a number, or NULL
 * @help: what it does, in a line
 * @readonly: it can only be read
 * @unlocked: @get takes the lock itself
 * @lacks: why this kernel has it not; NULL if it has
 * @words: WORD and MASK: the names
 * @fields: TABLE: the fields
 * @set: sets it under the lock of @ls's kernel socket; NULL: setsockopt() does
 * @pack: makes what setsockopt() takes of a value, and gives its size; NULL:
 *	as its kind demands
 */
struct lsock_opt {
	int level;
	int optname;
	const char *name;
	const char *letters;
	enum lsock_opt_kind kind;
	s64 min;
	s64 max;
	int (*get)(struct sock *sk, struct lsock_optval *val);
	const char *unit;
	const char *help;
	bool readonly;
	bool unlocked;
	const char *lacks;
	const struct lsock_name *words;
	const struct lsock_field *fields;
	int (*set)(struct lsock *ls, const struct lsock_optval *val);
	unsigned int (*pack)(const struct lsock_optval *val, void *raw);
};

/* The tables, one by level; NULL behind the last. */
extern const struct lsock_opt *const lsock_opt_tables[];

const struct lsock_opt *lsock_opt_named(int level, const char *name, size_t len);
const struct lsock_opt *lsock_opt_numbered(int level, int optname);
int lsock_opt_family(const struct lsock_opt *opt);
int lsock_getsockopt(struct lsock *ls, const struct lsock_opt *opt,
		     struct lsock_optval *val);
int lsock_setsockopt(struct lsock *ls, const struct lsock_opt *opt,
		     struct lsock_optval *val);

#endif
