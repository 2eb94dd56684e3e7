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

struct lsock;
struct lpoll;
struct lpollable;
struct ltimer;

/* The most bytes that one call moves through a Lua table or string. */
#define LSOCK_MAX_TABLE		(1 << 20)
/* How many packet sockets a script may have: to close one, the kernel waits for all processors. */
#define LSOCK_MOST_PACKETS	32
/* The longest texts that lsock_addr_host() and lsock_addr_text() make, with their NUL. */
#define LSOCK_HOST_SIZE		128
#define LSOCK_TEXT_SIZE		512

/* A socket address; @len is 0 where there is none. */
struct lsock_addr {
	u8 storage[128] __aligned(8);
	int len;
};

/**
 * struct lsock_host - an address as a script writes it
 * @text: the host, the path or the interface; NULL where it is a number
 * @len: length of @text
 * @number: the host or the interface, if there is no @text
 * @port: the port or protocol, 0..65535; 0 where the family has none
 * @local: it shall become the socket's own
 * @scope: inet6: name or number of the interface that it is on, or NULL
 * @scope_len: length of @scope
 * @scope_id: inet6: the same as a number, or 0
 * @flowinfo: inet6: traffic class and flow label
 * @hwaddr: packet: where on the link to send to, or NULL
 * @hwaddr_len: length of @hwaddr
 * @problem: set to what is wrong with it, if there is more to say than that
 *	it is no address
 */
struct lsock_host {
	const char *text;
	size_t len;
	s64 number;
	unsigned int port;
	bool local;
	const char *scope;
	size_t scope_len;
	int scope_id;
	u32 flowinfo;
	const char *hwaddr;
	size_t hwaddr_len;
	const char *problem;
};

/* What an address has besides a host. */
enum lsock_addr_part {
	LSOCK_ADDR_PORT = 1,	/* or a protocol */
	LSOCK_ADDR_SCOPE = 2,	/* and flowinfo */
	LSOCK_ADDR_HWADDR = 4,
};

/**
 * struct lsock_link - what only addresses of packet sockets have
 * @hwaddr: address on the link, as text; "" where there is none
 * @pkttype: how the packet came: "host", "broadcast", "outgoing" and others
 */
struct lsock_link {
	char hwaddr[96];
	const char *pkttype;
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
extern const int lsock_line_flags;
extern const int lsock_more_flag;
extern const int lsock_peek_flag;
extern const int lsock_waitall_flag;
extern const int lsock_instant_flags;
extern const int lsock_fastopen_flag;
extern const int lsock_dontwait_flag;
extern const int lsock_result_flags;
extern const int lsock_poll_events;
extern const int lsock_default_events;
/* How a poll set is to report a member: once; when it becomes ready. */
extern const int lsock_oneshot;
extern const int lsock_edge;

/* addr.c; the last three are in the families' files */

bool lsock_addr_knows(int family);
int lsock_addr_parts(int family);
int lsock_addr_parse(struct lsock_addr *addr, int family, struct net *net,
		     struct lsock_host *host);
int lsock_addr_host(const struct lsock_addr *addr, struct net *net,
		    char host[LSOCK_HOST_SIZE]);
int lsock_addr_port(const struct lsock_addr *addr);
bool lsock_addr_text(const struct lsock_addr *addr, struct net *net,
		     char text[LSOCK_TEXT_SIZE]);
size_t lsock_escape(const char *s, size_t len, char *to);
bool lsock_addr_is_path(const struct lsock_addr *addr);
void lsock_addr_unnamed(struct lsock_addr *addr);
bool lsock_addr_link(const struct lsock_addr *addr, struct lsock_link *link);

/* sock.c */

int lsock_new(struct luadrv_account *account, struct net *net, int family,
	      int type, int protocol, struct lsock **res);
int lsock_pair(struct luadrv_account *account, struct net *net, int type,
	       struct lsock *res[2]);
void lsock_close(struct lsock *ls, bool linger);
void lsock_put(struct lsock *ls);
void lsock_share(struct lsock *ls);
void lsock_drop(struct lsock *ls);
struct lpollable *lsock_pollable(struct lsock *ls);

/* How long a call waits, beside a number of milliseconds: as the socket's time-out says, or without end. */
#define LSOCK_FOREVER	(-1)
#define LSOCK_AS_SOCKET	(-2)

/* call.c */

int lsock_bind(struct lsock *ls, struct lsock_addr *addr);
int lsock_listen(struct lsock *ls, int backlog);
int lsock_accept(struct lsock *ls, int timeout, struct lsock **res);
int lsock_connect(struct lsock *ls, struct lsock_addr *addr, int timeout);
int lsock_connected(struct lsock *ls);
int lsock_shutdown(struct lsock *ls, int how);
int lsock_name(struct lsock *ls, bool peer, struct lsock_addr *addr);
int lsock_peer(struct lsock *ls, struct lsock_addr *addr);
int lsock_settimeout(struct lsock *ls, int ms);
int lsock_patience(struct lsock *ls, bool sending);
int lsock_family(struct lsock *ls);
bool lsock_is_stream(struct lsock *ls);
bool lsock_has_end(struct lsock *ls);
const char *lsock_kind(struct lsock *ls);

/* message.c */

/* Bytes of the script's memory; as the kernel's struct kvec. */
struct lsock_vec {
	void *base;
	size_t len;
};

/* How many of them a message may have: as many as with writev(2). */
#define LSOCK_MAX_VEC	1024

/**
 * struct lsock_msg - a message to send, or to receive
 * @vec: where its bytes are, or go
 * @count: how many pieces these are
 * @offset: bytes of them to leave out at the beginning
 * @len: bytes to move; @vec has as many behind @offset
 * @flags: MSG_*
 * @timeout: how long to wait: milliseconds, LSOCK_FOREVER, LSOCK_AS_SOCKET
 * @addr: the peer to send to, or where the sender's address goes; may be NULL
 * @control: control messages, or where they go; aligned as a long; may be NULL
 * @controllen: bytes of them, or room there; then, how much of it was used
 * @copied: bytes of @vec that now hold data
 * @result: MSG_* flags of what was received
 */
struct lsock_msg {
	const struct lsock_vec *vec;
	unsigned int count;
	size_t offset;
	size_t len;
	int flags;
	int timeout;
	struct lsock_addr *addr;
	void *control;
	size_t controllen;
	size_t copied;
	int result;
};

ssize_t lsock_send(struct lsock *ls, struct lsock_msg *m);
void lsock_keep_error(struct lsock *ls, int err);
ssize_t lsock_recv(struct lsock *ls, struct lsock_msg *m);

/* state.c: what a call would find */
bool lsock_accept_waits(struct lsock *ls);
bool lsock_at_end(struct lsock *ls);
bool lsock_is_closed(const struct lsock *ls);
bool lsock_readable(struct lsock *ls);
bool lsock_is_drained(struct lsock *ls);
bool lsock_recv_slow(struct lsock *ls);

/* cmsg.c: control messages */

/* Room for them that recvmsg() has when it is not told, and the most that there can be. */
#define LSOCK_CONTROL_ROOM	384
#define LSOCK_MAX_CONTROL	4096

enum lsock_cmsg_kind {
	LSOCK_CMSG_U8,
	LSOCK_CMSG_U16,
	LSOCK_CMSG_BE16,
	LSOCK_CMSG_U32,
	LSOCK_CMSG_INT,
	LSOCK_CMSG_TIMEVAL,	/* these two as nanoseconds; 0: there is none */
	LSOCK_CMSG_TIMESPEC,
	LSOCK_CMSG_IPV4,
	LSOCK_CMSG_IPV6,
	LSOCK_CMSG_SOCKADDR,
};

/* A field of a control message; @offset is its place in the kernel's structure. */
struct lsock_cmsg_field {
	const char *name;
	enum lsock_cmsg_kind kind;
	unsigned int offset;
};

/**
 * struct lsock_cmsg_type - a control message whose inside is known
 * @level: SOL_*
 * @type: the kernel's number for it there
 * @name: what scripts call it; NULL in the final entry
 * @fields: ends with an entry without a name
 * @size: bytes of it, without its header
 * @sends: it can be sent, too
 */
struct lsock_cmsg_type {
	int level;
	int type;
	const char *name;
	const struct lsock_cmsg_field *fields;
	size_t size;
	bool sends;
};

/* What scripts cannot send, and why. */
struct lsock_cmsg_refusal {
	int level;
	int type;
	const char *name;	/* NULL in the final entry */
	const char *reason;
};

extern const struct lsock_cmsg_type lsock_cmsg_types[];
extern const struct lsock_cmsg_refusal lsock_cmsg_refused[];

/* A control message; @data are the @len bytes behind its header. */
struct lsock_cmsg {
	int level;
	int type;
	const struct lsock_cmsg_type *known;
	void *data;
	size_t len;
};

bool lsock_cmsg_next(const void *control, size_t len, size_t *at, struct lsock_cmsg *cmsg);
int lsock_cmsg_add(void *control, size_t size, size_t *used, struct lsock_cmsg *cmsg);
s64 lsock_cmsg_num(const struct lsock_cmsg *cmsg, const struct lsock_cmsg_field *field);
s64 lsock_cmsg_max(const struct lsock_cmsg_field *field);
void lsock_cmsg_set_num(struct lsock_cmsg *cmsg, const struct lsock_cmsg_field *field, s64 num);
int lsock_cmsg_family(const struct lsock_cmsg_field *field);
void lsock_cmsg_addr(const struct lsock_cmsg *cmsg, const struct lsock_cmsg_field *field,
		     struct lsock_addr *addr);
void lsock_cmsg_set_addr(struct lsock_cmsg *cmsg, const struct lsock_cmsg_field *field,
			 const struct lsock_addr *addr);

/* testing.c */

int lsock_close_later(struct lsock *ls, unsigned int ms, bool shutdown);
bool lsock_testing(void);
int lsock_testing_init(void);
void lsock_testing_exit(void);

/* poll.c and, for the first five, member.c */

int lpoll_add(struct lpoll *set, struct lpollable *object, unsigned int events,
	      unsigned int *slot);
int lpoll_modify(struct lpoll *set, struct lpollable *object, unsigned int events);
int lpoll_remove(struct lpoll *set, struct lpollable *object, unsigned int *slot);
int lpoll_slot(struct lpoll *set, struct lpollable *object, unsigned int *slot);
void lpoll_discard(struct lpoll *set, unsigned int slot);
int lpoll_new(struct luadrv_account *account, struct lpoll **res);
void lpoll_close(struct lpoll *set);
void lpoll_tell(struct lpoll *set);
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

/* How many timers a script may have: each interrupts somebody when it fires. */
#define LTIMER_MOST	4096

int ltimer_new(struct luadrv_account *account, struct ltimer **res);
void ltimer_get(struct ltimer *t);
void ltimer_put(struct ltimer *t);
int ltimer_set(struct ltimer *t, unsigned int ms, unsigned int interval);
int ltimer_set_at(struct ltimer *t, u64 due);
int ltimer_cancel(struct ltimer *t);
s64 ltimer_read(struct ltimer *t, int timeout);
void ltimer_close(struct ltimer *t);
const char *ltimer_status(struct ltimer *t);
struct lpollable *ltimer_pollable(struct ltimer *t);

#endif
