// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Addresses of packet sockets: an interface, a protocol in the place of a
 * port, and where a packet goes to, or comes from, on the link.
 */
#include "codec.h"

#include <linux/ctype.h>
#include <linux/if_packet.h>
#include <linux/kernel.h>
#include <linux/netdevice.h>
#include <linux/socket.h>
#include <linux/string.h>

#include "driver/compat.h"

#define LL_BASE		offsetof(struct sockaddr_ll, sll_addr)

static_assert(sizeof_field(struct lsock_addr, storage) >= LL_BASE + MAX_ADDR_LEN);
static_assert(sizeof_field(struct lsock_link, hwaddr) >= 3 * MAX_ADDR_LEN);

/* Behind the structure when it is longer than eight bytes. */
static u8 *hwaddr_of(const struct lsock_addr *addr)
{
	return (u8 *)addr->storage + LL_BASE;
}

/* Pairs of digits with colons between them; gives how many, or -EINVAL. */
static int parse_hwaddr(const char *s, size_t len, u8 hwaddr[MAX_ADDR_LEN])
{
	int n;

	if (len % 3 != 2 || len > 3 * MAX_ADDR_LEN)
		return -EINVAL;
	for (n = 0; ; s += 3) {
		if (!isxdigit(s[0]) || !isxdigit(s[1]))
			return -EINVAL;
		hwaddr[n++] = hex_to_bin(s[0]) << 4 | hex_to_bin(s[1]);
		len -= 2;
		if (!len--)
			return n;
		if (s[2] != ':')
			return -EINVAL;
	}
}

/* The interface of @host; none is 0: every one. */
static int parse_interface(struct net *net, struct lsock_host *host)
{
	if (host->text)
		return host->len ? lsock_ifindex(net, host->text, host->len) : 0;
	if (host->number >= 0 && host->number <= INT_MAX)
		return host->number;
	host->problem = "interface must be in 0..2147483647";
	return -EINVAL;
}

static int packet_parse(struct lsock_addr *addr, struct net *net,
			struct lsock_host *host)
{
	struct sockaddr_ll *ll = (struct sockaddr_ll *)addr->storage;
	int index, len = 0;

	index = parse_interface(net, host);
	if (index < 0)
		return index;
	if (host->hwaddr) {
		len = parse_hwaddr(host->hwaddr, host->hwaddr_len, hwaddr_of(addr));
		if (len < 0) {
			host->problem = "hwaddr is to be 1 to 32 bytes, as aa:bb:cc:dd:ee:ff";
			return len;
		}
	}
	ll->sll_ifindex = index;
	ll->sll_protocol = htons(host->port);
	ll->sll_halen = len;
	addr->len = max(sizeof(*ll), LL_BASE + len);
	return 0;
}

static size_t packet_host(const struct lsock_addr *addr, struct net *net, char *to)
{
	const struct sockaddr_ll *ll = (const struct sockaddr_ll *)addr->storage;

	/* Negative: the interface that the socket was bound to has gone. */
	if (ll->sll_ifindex <= 0)
		return 0;
	lsock_ifname(net, ll->sll_ifindex, to);
	return strlen(to);
}

static int packet_port(const struct lsock_addr *addr)
{
	const struct sockaddr_ll *ll = (const struct sockaddr_ll *)addr->storage;

	return ntohs(ll->sll_protocol);
}

static void packet_text(const char *host, size_t len, int port, char *to)
{
	if (len)
		to += lsock_escape(host, len, to);
	else
		*to++ = '*';
	sprintf(to, ":0x%04x", port);
}

const struct lsock_codec lsock_codec_packet = {
	.family = AF_PACKET,
	.parts = LSOCK_ADDR_PORT | LSOCK_ADDR_HWADDR,
	.parse = packet_parse,
	.host = packet_host,
	.port = packet_port,
	.text = packet_text,
	.size = LL_BASE,
};

static const char *const pkttypes[] = {
	[PACKET_HOST] = "host",
	[PACKET_BROADCAST] = "broadcast",
	[PACKET_MULTICAST] = "multicast",
	[PACKET_OTHERHOST] = "otherhost",
	[PACKET_OUTGOING] = "outgoing",
	[PACKET_LOOPBACK] = "loopback",
};

/**
 * lsock_addr_link() - what only addresses of packet sockets have
 * @addr: the address
 * @link: where it goes
 *
 * Context: Any.
 * Return: whether it is such an address.
 */
bool lsock_addr_link(const struct lsock_addr *addr, struct lsock_link *link)
{
	const struct sockaddr_ll *ll = (const struct sockaddr_ll *)addr->storage;
	char *to = link->hwaddr;
	int i, len;

	if (addr->len < (int)LL_BASE || ll->sll_family != AF_PACKET)
		return false;
	len = min3((int)ll->sll_halen, addr->len - (int)LL_BASE, MAX_ADDR_LEN);
	for (i = 0; i < len; i++)
		to += sprintf(to, i ? ":%02x" : "%02x", hwaddr_of(addr)[i]);
	*to = '\0';
	link->pkttype = ll->sll_pkttype < ARRAY_SIZE(pkttypes) ?
			pkttypes[ll->sll_pkttype] : "other";
	return true;
}
