// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Addresses are those that the C library takes, and turn into the same text;
 * those of unix and packet, which it does not know, come back as they were.
 */
#include "kernel/kernel.h"
#include "socket/socket.h"
#include "fuzz.h"

const enum fuzz_setup target_setup = FUZZ_SETUP_NONE;

/* What has been parsed, or not. */
struct parsed {
	struct lsock_host host;
	struct lsock_addr addr;
	int err;
};

/* In blocks of their own, so that nothing behind them can be read. */
static struct parsed parse(int family, const u8 *text, size_t len, int port)
{
	struct parsed p = { .host = { .len = len, .port = port, .local = true } };
	u8 *bytes = malloc(len);

	memcpy(bytes, text, len);
	p.host.text = (char *)bytes;
	p.err = lsock_addr_parse(&p.addr, family, &world_net, &p.host);
	free(bytes);
	world_check(!p.err || !p.host.problem || p.err == -EINVAL, "a problem without an error");
	return p;
}

/* Only the bytes that an address has are used: nothing behind them may be left from elsewhere. */
static void check_tail(const struct lsock_addr *addr)
{
	size_t i;

	world_check(addr->len >= 2 && addr->len <= (int)sizeof(addr->storage), "length");
	for (i = addr->len; i < sizeof(addr->storage); i++)
		world_check(!addr->storage[i], "bytes behind an address");
}

/* The text of a host, whose parsing gives the same address again. */
static size_t check_host(const struct parsed *p, int family, char host[LSOCK_HOST_SIZE])
{
	struct parsed again;
	char text[LSOCK_TEXT_SIZE];
	int len;

	check_tail(&p->addr);
	len = lsock_addr_host(&p->addr, &world_net, host);
	world_check(len >= 0 && len < LSOCK_HOST_SIZE && !host[len], "length of a host");
	again = parse(family, (u8 *)host, len, p->host.port);
	world_check(!again.err && again.addr.len == p->addr.len &&
		    !memcmp(again.addr.storage, p->addr.storage, p->addr.len), "an address does not come back");
	lsock_addr_text(&p->addr, &world_net, text);
	world_check(strlen(text) < LSOCK_TEXT_SIZE && (len == 0 || *text), "text");
	for (char *c = text; *c; c++)
		world_check(!iscntrl(*c), "control characters in a text");
	return len;
}

static void check_inet(struct fuzz_input *in, const char *text, int port)
{
	struct in_addr want;
	bool valid = strlen(text) == in->left && inet_pton(AF_INET, text, &want) == 1;
	struct parsed p = parse(AF_INET, in->data, in->left, port), number = p;
	char ours[LSOCK_HOST_SIZE], theirs[INET_ADDRSTRLEN];

	if (valid != !p.err)
		world_fail("'%s': %d", text, p.err);
	if (!valid)
		return;
	world_check(p.addr.len == sizeof(struct sockaddr_in), "length of an IPv4 address");
	world_check(!memcmp(p.addr.storage + 4, &want, 4), "another address");
	check_host(&p, AF_INET, ours);
	inet_ntop(AF_INET, &want, theirs, sizeof(theirs));
	world_check(!strcmp(ours, theirs), "text of an address");
	world_check(lsock_addr_port(&p.addr) == port, "port");
	number.host.text = NULL;
	number.host.number = ntohl(want.s_addr);
	world_check(!lsock_addr_parse(&number.addr, AF_INET, &world_net, &number.host), "number");
	world_check(!memcmp(&number.addr, &p.addr, sizeof(p.addr)), "a number's address");
}

static void check_inet6(struct fuzz_input *in, const char *text, int port)
{
	char *percent = strchr(text, '%'), *ip = strndup(text, percent ? percent - text : SIZE_MAX);
	struct parsed p = parse(AF_INET6, in->data, in->left, port);
	char ours[LSOCK_HOST_SIZE], theirs[INET6_ADDRSTRLEN];
	struct in6_addr want;
	bool valid = inet_pton(AF_INET6, ip, &want) == 1;

	free(ip);
	/* What is behind a "%" the C library does not look at. */
	if (percent ? !p.err && !valid : (strlen(text) == in->left && valid) != !p.err)
		world_fail("'%s': %d", text, p.err);
	if (p.err)
		return;
	world_check(p.addr.len == sizeof(struct sockaddr_in6), "length of an IPv6 address");
	world_check(!memcmp(p.addr.storage + 8, &want, 16), "another address");
	world_check(lsock_addr_port(&p.addr) == port, "port");
	check_host(&p, AF_INET6, ours);
	inet_ntop(AF_INET6, &want, theirs, sizeof(theirs));
	world_check(!strncmp(ours, theirs, strlen(theirs)), "text of an address");
	world_check(!ours[strlen(theirs)] == !percent, "scope");
}

static void check_unix(struct fuzz_input *in)
{
	struct parsed p = parse(AF_UNIX, in->data, in->left, 0);
	bool abstract = in->left && (in->data[0] == '@' || !in->data[0]);
	bool valid = in->left <= (abstract ? 108 : 107) &&
		     (abstract || !memchr(in->data, 0, in->left));
	char host[LSOCK_HOST_SIZE];

	world_check(valid == !p.err, "a path or a name");
	if (!valid)
		return;
	world_check(p.addr.len == 2 + (int)in->left + (in->left && !abstract), "length of a name");
	world_check(check_host(&p, AF_UNIX, host) == in->left, "length of a host");
	if (in->left)
		world_check(host[0] == (abstract ? '@' : in->data[0]) &&
			    !memcmp(host + 1, in->data + 1, in->left - 1), "another name");
	world_check(lsock_addr_is_path(&p.addr) == (in->left && !abstract), "a path");
}

/* The interface is the first, the text its address on the link. */
static void check_packet(struct fuzz_input *in, int port)
{
	struct parsed p = { .host = { .text = "lo", .len = 2, .port = port } };
	struct lsock_link link;
	u8 *bytes = malloc(in->left);

	memcpy(bytes, in->data, in->left);
	p.host.hwaddr = (char *)bytes;
	p.host.hwaddr_len = in->left;
	p.err = lsock_addr_parse(&p.addr, AF_PACKET, &world_net, &p.host);
	free(bytes);
	if (p.err)
		return;
	check_tail(&p.addr);
	world_check(lsock_addr_port(&p.addr) == port, "protocol");
	world_check(lsock_addr_link(&p.addr, &link), "address on the link");
	world_check(strlen(link.hwaddr) == in->left &&
		    !strncasecmp(link.hwaddr, (char *)in->data, in->left), "another address on the link");
}

static void check_interface(struct fuzz_input *in, int port)
{
	struct parsed p = parse(AF_PACKET, in->data, in->left, port);
	char host[LSOCK_HOST_SIZE];

	if (!p.err)
		check_host(&p, AF_PACKET, host);
}

void target_run(struct fuzz_input *in)
{
	int port = fuzz_byte(in) * 256 + fuzz_byte(in);
	char *text = strndup((const char *)in->data, in->left);

	check_inet(in, text, port);
	check_inet6(in, text, port);
	check_unix(in);
	check_packet(in, port);
	check_interface(in, port);
	world_check(parse(AF_APPLETALK, in->data, in->left, port).err == -EAFNOSUPPORT, "family");
	free(text);
}
