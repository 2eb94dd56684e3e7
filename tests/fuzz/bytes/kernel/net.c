// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The network of the stand-in kernel: it has no wires, only answers. */
#include "kernel.h"

struct net world_net = { .core = { 128 } };
static struct list_head sockets = { &sockets, &sockets };

static const int errors[] = {
	-EAGAIN, -EINPROGRESS, -ERESTARTSYS, -ECONNREFUSED, -ECONNRESET, -ENOMEM,
	-EPIPE, -ENOTCONN, -EINTR, -EALREADY, -EMFILE, -ENFILE, -EOPNOTSUPP, -EINVAL,
	-ERESTART_RESTARTBLOCK, -133
};

/* Every call of the kernel's may sleep; 0 or an error. */
static int answer(void)
{
	u8 byte = world_answer();

	world_may_sleep();
	if (byte >= 128 && byte < 192)
		world_net_event();
	return byte < 192 ? 0 : errors[byte % ARRAY_SIZE(errors)];
}

static __poll_t fake_poll(struct file *file, struct socket *sock, void *wait)
{
	world_check(file && sock && sock->sk, "poll of a socket that is not there");
	return world_answer();
}

static int fake_pair(struct socket *a, struct socket *b)
{
	world_check(a != b && a->sk->sk_family == AF_UNIX && b->sk->sk_family == AF_UNIX, "pair");
	return answer();
}

static int fake_length(int family, u8 byte)
{
	switch (family) {
	case AF_INET6:
		return sizeof(struct sockaddr_in6);
	case AF_UNIX:
		return 2 + byte % 110;
	case AF_PACKET:
		return 12 + byte % 33;
	default:
		return sizeof(struct sockaddr_in);
	}
}

/* Mostly an address of the socket's family, now and then one of another, or of an odd length. */
static int fake_addr(struct socket *sock, struct sockaddr *addr)
{
	u8 byte = world_answer();

	world_touch(addr, sizeof(struct sockaddr_storage));
	memset(addr, byte, sizeof(struct sockaddr_storage));
	addr->sa_family = byte == 1 ? AF_APPLETALK : sock->sk->sk_family;
	return byte == 2 ? (int)sizeof(struct sockaddr_storage) : byte == 3 ? 2 :
	       fake_length(sock->sk->sk_family, byte);
}

static int fake_name(struct socket *sock, struct sockaddr *addr, int peer)
{
	int err = answer();

	world_check(peer >= 0 && peer <= 2, "whose name");
	return err ? err : fake_addr(sock, addr);
}

static int fake_disconnect(struct sock *sk, int flags)
{
	world_check(sk->locked, "disconnected without the lock");
	return answer();
}

static int fake_destroy(struct sock *sk, int err)
{
	return answer();
}

static void fake_change(struct sock *sk)
{
	world_check(sk->locked, "a state that changes without the lock");
}

static const struct proto_ops fake_ops = { fake_poll, fake_pair, fake_name };
static const struct proto fake_prot = { fake_disconnect, fake_destroy };

static struct socket *fake_new(struct net *net, int family, int type, int protocol)
{
	struct socket *sock = world_alloc(sizeof(*sock), true);
	struct sock *sk = world_alloc(sizeof(*sk), true);

	if (!sock || !sk) {
		world_free(sk);
		world_free(sock);
		return NULL;
	}
	sock->type = type;
	sock->sk = sk;
	sock->ops = &fake_ops;
	init_waitqueue_head(&sock->wq.wait);
	list_add(&sock->all, &sockets);
	sk->net = get_net(net);
	sk->sk_family = family;
	sk->sk_type = type;
	sk->sk_protocol = protocol ? protocol : type == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;
	sk->sk_state = TCP_CLOSE;
	sk->sk_prot = &fake_prot;
	sk->sk_rcvlowat = 1;
	sk->sk_rcvtimeo = MAX_SCHEDULE_TIMEOUT;
	sk->sk_sndtimeo = MAX_SCHEDULE_TIMEOUT;
	sk->sk_state_change = fake_change;
	return sock;
}

int __sock_create(struct net *net, int family, int type, int protocol,
		  struct socket **res, int kern)
{
	int err = answer();

	if (err)
		return err;
	*res = fake_new(net, family, type, protocol);
	return *res ? 0 : -ENOMEM;
}

void sock_release(struct socket *sock)
{
	world_may_sleep();
	world_check(list_empty(&sock->wq.wait.entries), "socket released while somebody waits for it");
	world_check(!sock->sk->locked, "socket released while it is locked");
	put_net(sock->sk->net);
	list_del(&sock->all);
	world_free(sock->sk);
	world_free(sock);
}

void world_net_event(void)
{
	struct socket *sock;

	list_for_each_entry(sock, &sockets, all)
		wake_up_key(&sock->wq.wait, sock->sk->sk_type == SOCK_STREAM ? 0 : EPOLLIN);
}

long world_sockets(void)
{
	struct socket *sock;
	long n = 0;

	list_for_each_entry(sock, &sockets, all)
		n++;
	return n;
}

static void check_addr(const void *addr, int len)
{
	world_check(len >= 0 && len <= (int)sizeof(struct sockaddr_storage), "length of an address");
	world_touch(addr, len);
}

int kernel_bind(struct socket *sock, struct sockaddr_unsized *addr, int len)
{
	check_addr(addr, len);
	return answer();
}

int kernel_listen(struct socket *sock, int backlog)
{
	world_check(backlog >= 0 && backlog <= world_net.core.sysctl_somaxconn, "backlog");
	sock->sk->sk_state = TCP_LISTEN;
	return answer();
}

int kernel_accept(struct socket *sock, struct socket **res, int flags)
{
	return __sock_create(sock->sk->net, sock->sk->sk_family, sock->type,
			     sock->sk->sk_protocol, res, 1);
}

int kernel_connect(struct socket *sock, struct sockaddr_unsized *addr, int len,
		   int flags)
{
	check_addr(addr, len);
	return answer();
}

int kernel_sock_shutdown(struct socket *sock, int how)
{
	world_check(how >= SHUT_RD && how <= SHUT_RDWR, "direction");
	return answer();
}

static struct net_device devices[] = { { "lo", 1 }, { "eth0", 2 }, { "7", 3 }, { "a\033b", 4 } };
bool world_rcu;

struct net_device *dev_get_by_name_rcu(struct net *net, const char *name)
{
	size_t i;

	world_check(net && world_rcu, "an interface without RCU");
	for (i = 0; i < ARRAY_SIZE(devices); i++)
		if (!strcmp(devices[i].name, name))
			return &devices[i];
	return NULL;
}

struct net_device *dev_get_by_index_rcu(struct net *net, int index)
{
	world_check(net && world_rcu, "an interface without RCU");
	return index >= 1 && index <= (int)ARRAY_SIZE(devices) ? &devices[index - 1] : NULL;
}

/* How much of @len is moved: all, or a few bytes. */
static size_t amount(size_t len)
{
	u8 byte = world_answer();

	return byte ? min((size_t)byte - 1, len) : len;
}

void iov_iter_kvec(struct iov_iter *iter, unsigned int direction, const struct kvec *vec,
		   unsigned long n, size_t count)
{
	size_t room = 0;

	for (unsigned long i = 0; i < n; i++)
		room += vec[i].iov_len;
	world_check(direction <= ITER_SOURCE && count <= room, "more than there is room for");
	*iter = (struct iov_iter){ .vec = vec, .count = count };
}

void iov_iter_advance(struct iov_iter *iter, size_t skip)
{
	world_check(skip <= iter->count, "beyond the end of a message");
	iter->count -= skip;
	for (iter->skip += skip; iter->count && iter->skip >= iter->vec->iov_len; iter->vec++)
		iter->skip -= iter->vec->iov_len;
}

/* Moves the next @n bytes: looks at them, or fills them with @byte unless that is negative. */
static void move(struct iov_iter *iter, size_t n, int byte)
{
	size_t part;

	for (; n; n -= part) {
		iov_iter_advance(iter, 0);
		part = min(n, iter->vec->iov_len - iter->skip);
		world_touch(iter->vec->iov_base + iter->skip, part);
		if (byte >= 0)
			memset(iter->vec->iov_base + iter->skip, byte, part);
		iov_iter_advance(iter, part);
	}
}

int sock_sendmsg(struct socket *sock, struct msghdr *msg)
{
	size_t len = msg->msg_iter.count, n;
	int err = answer();

	world_check(len <= MAX_RW_COUNT, "length of a message");
	world_check(msg->msg_flags & MSG_NOSIGNAL, "a SIGPIPE for the kernel");
	move(&msg->msg_iter, len, -1);
	world_touch(msg->msg_control, msg->msg_controllen);
	if (msg->msg_name)
		check_addr(msg->msg_name, msg->msg_namelen);
	if (err)
		return err;
	/* A stream takes at least a byte. */
	n = amount(len);
	return len && !n ? 1 : n;
}

/* What the kernel does in put_cmsg(). */
static void fake_control(struct msghdr *msg)
{
	struct cmsghdr *hdr = msg->msg_control;
	u8 byte;

	if (!msg->msg_controllen)
		return;
	byte = world_answer();
	if (!byte || msg->msg_controllen < CMSG_SPACE(byte % 64))
		return;
	hdr->cmsg_len = CMSG_LEN(byte % 64);
	hdr->cmsg_level = byte & 128 ? SOL_IP : SOL_SOCKET;
	hdr->cmsg_type = world_answer();
	memset(CMSG_DATA(hdr), byte, CMSG_SPACE(byte % 64) - CMSG_LEN(0));
	msg->msg_control += CMSG_SPACE(byte % 64);
	msg->msg_controllen -= CMSG_SPACE(byte % 64);
}

int sock_recvmsg(struct socket *sock, struct msghdr *msg, int flags)
{
	size_t len = msg->msg_iter.count, n;
	int err = answer();

	world_check(len <= MAX_RW_COUNT, "length of a message");
	world_touch(msg->msg_control, msg->msg_controllen);
	if (err)
		return err;
	n = amount(len);
	move(&msg->msg_iter, n, world_answer());
	msg->msg_flags = world_answer() * 0x101;
	if (msg->msg_name)
		msg->msg_namelen = fake_addr(sock, msg->msg_name);
	fake_control(msg);
	return flags & MSG_TRUNC ? n + 1000 : n;
}

int do_sock_setsockopt(struct socket *sock, bool compat, int level, int name,
		       sockptr_t value, int len)
{
	world_check(len >= 1 && len <= 32, "length of an option's value");
	world_touch(value.kernel, len);
	if (level == SOL_SOCKET && name == SO_LINGER) {
		sock->sk->flags |= BIT(SOCK_LINGER);
		sock->sk->sk_lingertime = ((struct linger *)value.kernel)->l_linger;
	}
	return answer();
}

int world_snprintf(char *to, size_t size, const char *fmt, ...)
{
	char text[INET6_ADDRSTRLEN];
	va_list args;
	int n;

	va_start(args, fmt);
	if (!strcmp(fmt, "%pI4") || !strcmp(fmt, "%pI6c")) {
		inet_ntop(fmt[3] == '4' ? AF_INET : AF_INET6, va_arg(args, void *), text, sizeof(text));
#undef snprintf
		n = snprintf(to, size, "%s", text);
	} else {
		n = vsnprintf(to, size, fmt, args);
	}
	va_end(args);
	return n;
}
