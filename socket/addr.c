// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Socket addresses as scripts write them, and back. The only place that knows
 * what the address of a family looks like.
 */
#include "socket.h"

#include <linux/ctype.h>
#include <linux/in.h>
#include <linux/kernel.h>
#include <linux/socket.h>
#include <linux/string.h>

static_assert(sizeof_field(struct lsock_addr, storage) >=
	      sizeof(struct sockaddr_storage));
static_assert(__alignof__(struct lsock_addr) >=
	      __alignof__(struct sockaddr_storage));

/**
 * lsock_addr_knows() - whether there can be sockets of a family
 * @family: AF_*
 *
 * Context: Any.
 * Return: whether its addresses can be read and written here.
 */
bool lsock_addr_knows(int family)
{
	return family == AF_INET;
}

/* One decimal octet without a leading zero; gives its length, 0 if it is none. */
static size_t parse_octet(const char *s, size_t len, u8 *octet)
{
	unsigned int value = 0;
	size_t n;

	for (n = 0; n < len && n < 3 && isdigit(s[n]); n++)
		value = value * 10 + (s[n] - '0');
	if (!n || value > 255 || (n > 1 && s[0] == '0'))
		return 0;
	*octet = value;
	return n;
}

/* Exactly four octets, nothing else: what inet_pton(3) takes. */
static int parse_ipv4(const char *s, size_t len, u8 octets[4])
{
	size_t n;
	int i;

	for (i = 0; i < 4; i++) {
		if (i) {
			if (!len || *s != '.')
				return -EINVAL;
			s++;
			len--;
		}
		n = parse_octet(s, len, &octets[i]);
		if (!n)
			return -EINVAL;
		s += n;
		len -= n;
	}
	return len ? -EINVAL : 0;
}

static void set_ipv4(struct lsock_addr *addr, __be32 host, unsigned int port)
{
	struct sockaddr_in *in = (struct sockaddr_in *)addr->storage;

	memset(addr, 0, sizeof(*addr));
	in->sin_family = AF_INET;
	in->sin_addr.s_addr = host;
	in->sin_port = htons(port);
	addr->len = sizeof(*in);
}

/**
 * lsock_addr_parse() - the address that a text stands for
 * @addr: where it goes
 * @family: AF_* of the socket that shall use it
 * @host: the text
 * @len: its length
 * @port: 0..65535
 *
 * Context: Any.
 * Return: 0; -EINVAL when @host is no address of the family; -EAFNOSUPPORT.
 */
int lsock_addr_parse(struct lsock_addr *addr, int family, const char *host,
		     size_t len, unsigned int port)
{
	__be32 ip;
	int err;

	if (family != AF_INET)
		return -EAFNOSUPPORT;

	err = parse_ipv4(host, len, (u8 *)&ip);
	if (!err)
		set_ipv4(addr, ip, port);
	return err;
}

/**
 * lsock_addr_number() - the address that a number stands for
 * @addr: where it goes
 * @family: AF_* of the socket that shall use it
 * @host: the number, in host byte order: 0x7f000001 is 127.0.0.1
 * @port: 0..65535
 *
 * Context: Any.
 * Return: 0; -EAFNOSUPPORT when addresses of the family are no numbers.
 */
int lsock_addr_number(struct lsock_addr *addr, int family, u32 host,
		      unsigned int port)
{
	if (family != AF_INET)
		return -EAFNOSUPPORT;

	set_ipv4(addr, htonl(host), port);
	return 0;
}

/**
 * lsock_addr_format() - an address as text
 * @addr: the address
 * @host: where the text of its host part goes
 * @size: room there; LSOCK_HOST_SIZE is enough
 *
 * Context: Any.
 * Return: the port; -EAFNOSUPPORT when there is no text for such an address.
 */
int lsock_addr_format(const struct lsock_addr *addr, char *host, size_t size)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)addr->storage;

	if (addr->len < (int)sizeof(*in) || in->sin_family != AF_INET)
		return -EAFNOSUPPORT;

	snprintf(host, size, "%pI4", &in->sin_addr);
	return ntohs(in->sin_port);
}
