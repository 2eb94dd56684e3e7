/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Sockets and poll sets for scripts: the interface of the kernel half, which
 * knows no Lua, to the Lua half, which knows no kernel header. Calls return 0
 * or -errno unless they say otherwise, may sleep, and end with -EINTR when a
 * signal comes.
 */
#ifndef _LUADRV_SOCKET_H
#define _LUADRV_SOCKET_H

#include <linux/types.h>

struct luadrv_account;
struct net;
struct sock;

struct lsock;
struct lpoll;
struct lpollable;
struct ltimer;

/* The most bytes that one call moves through a Lua table or string. */
#define LSOCK_MAX_TABLE		(1 << 20)
/* The longest text that lsock_addr_format() makes, with its NUL. */
#define LSOCK_HOST_SIZE		64

/* A socket address; @len is 0 where there is none. */
struct lsock_addr {
	u8 storage[128] __aligned(8);
	int len;
};

/* names.c: the words that scripts may use for the kernel's numbers */

struct lsock_name {
	const char *name;
	const char *letter;	/* short form, may be NULL */
	int value;
};

/* Each ends with an entry without a name. */
extern const struct lsock_name lsock_families[];
extern const struct lsock_name lsock_types[];
extern const struct lsock_name lsock_levels[];
extern const struct lsock_name lsock_flags[];
extern const struct lsock_name lsock_shuts[];
extern const struct lsock_name lsock_events[];

/* Which flags a call takes, and which events a poll set can be asked for. */
extern const int lsock_send_flags;
extern const int lsock_recv_flags;
extern const int lsock_wait_flags;
extern const int lsock_more_flag;
extern const int lsock_result_flags;
extern const int lsock_poll_events;
extern const int lsock_default_events;
/* How a poll set is to report a member: once; when it becomes ready. */
extern const int lsock_oneshot;
extern const int lsock_edge;

/* addr.c */

bool lsock_addr_knows(int family);
int lsock_addr_parse(struct lsock_addr *addr, int family, const char *host,
		     size_t len, unsigned int port);
int lsock_addr_number(struct lsock_addr *addr, int family, u32 host,
		      unsigned int port);
int lsock_addr_format(const struct lsock_addr *addr, char *host, size_t size);

/* sock.c */

int lsock_new(struct luadrv_account *account, struct net *net, int family,
	      int type, int protocol, struct lsock **res);
void lsock_close(struct lsock *ls, bool linger);
void lsock_put(struct lsock *ls);
void lsock_share(struct lsock *ls);
void lsock_drop(struct lsock *ls);
struct lpollable *lsock_pollable(struct lsock *ls);

/* call.c */

int lsock_bind(struct lsock *ls, struct lsock_addr *addr);
int lsock_listen(struct lsock *ls, int backlog);
int lsock_accept(struct lsock *ls, bool nonblock, struct lsock **res);
int lsock_connect(struct lsock *ls, struct lsock_addr *addr, bool nonblock);
int lsock_shutdown(struct lsock *ls, int how);
int lsock_name(struct lsock *ls, bool peer, struct lsock_addr *addr);
int lsock_settimeout(struct lsock *ls, int ms);
int lsock_family(struct lsock *ls);
int lsock_type(struct lsock *ls);
bool lsock_is_stream(struct lsock *ls);

/**
 * struct lsock_recv - what lsock_recv() tells beside the message itself
 * @copied: bytes of the buffer that now hold data
 * @flags: MSG_* flags of the message
 * @from: its sender; @from.len is 0 where the socket gives none
 */
struct lsock_recv {
	size_t copied;
	int flags;
	struct lsock_addr from;
};

ssize_t lsock_send(struct lsock *ls, const void *data, size_t len, int flags,
		   struct lsock_addr *to);
ssize_t lsock_recv(struct lsock *ls, void *buf, size_t len, int flags,
		   struct lsock_recv *res, bool want_from);

/* testing.c */

int lsock_close_later(struct lsock *ls, unsigned int ms, bool shutdown);
bool lsock_testing(void);
int lsock_testing_init(void);
void lsock_testing_exit(void);

/* opt.c */

enum lsock_opt_kind {
	LSOCK_OPT_INT,
	LSOCK_OPT_UINT,
	LSOCK_OPT_BOOL,
	LSOCK_OPT_MS,		/* a time-out; 0 is none */
	LSOCK_OPT_LINGER,
};

/* @num is the value, with LSOCK_OPT_LINGER the seconds; @on is for the latter alone. */
struct lsock_optval {
	s64 num;
	bool on;
};

/**
 * struct lsock_opt - a socket option
 * @level: SOL_*
 * @optname: the kernel's number for it there; negative in the final entry
 * @name: what scripts call it
 * @letters: the short form of the 2018 library, or NULL
 * @kind: how its value looks
 * @get: reads it under the socket's lock; NULL: it can only be set
 * @readonly: it can only be read
 */
struct lsock_opt {
	int level;
	int optname;
	const char *name;
	const char *letters;
	enum lsock_opt_kind kind;
	void (*get)(struct sock *sk, struct lsock_optval *val);
	bool readonly;
};

extern const struct lsock_opt lsock_opts[];

const struct lsock_opt *lsock_opt_named(int level, const char *name, size_t len);
const struct lsock_opt *lsock_opt_numbered(int level, int optname);
int lsock_getsockopt(struct lsock *ls, const struct lsock_opt *opt,
		     struct lsock_optval *val);
int lsock_setsockopt(struct lsock *ls, const struct lsock_opt *opt,
		     const struct lsock_optval *val);

/* poll.c and, for the first three, member.c */

int lpoll_add(struct lpoll *set, struct lpollable *object, unsigned int events,
	      unsigned int *slot);
int lpoll_modify(struct lpoll *set, struct lpollable *object, unsigned int events);
int lpoll_remove(struct lpoll *set, struct lpollable *object, unsigned int *slot);
int lpoll_new(struct luadrv_account *account, struct lpoll **res);
void lpoll_close(struct lpoll *set);
void lpoll_put(struct lpoll *set);
unsigned int lpoll_count(struct lpoll *set);

/* Whose turn it is in lpoll_wait() */
enum lpoll_turn {
	LPOLL_ANY,
	LPOLL_FIRST,	/* of a new round */
	LPOLL_NEXT,	/* of the same round */
};

int lpoll_wait(struct lpoll *set, enum lpoll_turn turn, int timeout,
	       unsigned int *slot, unsigned int *events);

/* timer.c */

int ltimer_new(struct luadrv_account *account, struct ltimer **res);
void ltimer_get(struct ltimer *t);
void ltimer_put(struct ltimer *t);
int ltimer_set(struct ltimer *t, unsigned int ms, unsigned int interval);
int ltimer_cancel(struct ltimer *t);
s64 ltimer_read(struct ltimer *t, int timeout);
void ltimer_close(struct ltimer *t);
const char *ltimer_status(struct ltimer *t);
struct lpollable *ltimer_pollable(struct ltimer *t);

#endif
