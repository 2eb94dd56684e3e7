// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Addresses of IPv4 and IPv6, as text exactly what inet_pton(3) takes, and
 * with IPv6 the scope of a link-local one behind a "%".
 */
#include "codec.h"

#include <linux/ctype.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/kernel.h>
#include <linux/socket.h>
#include <linux/string.h>

#include "driver/compat.h"

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

/* Exactly four octets, nothing else. */
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

/* One to four hexadecimal digits; gives how many, 0 if it is no such group. */
static size_t parse_group(const char *s, size_t len, u8 bytes[2])
{
	unsigned int value = 0;
	size_t n;

	for (n = 0; n < len && isxdigit(s[n]); n++) {
		if (n == 4)
			return 0;
		value = value << 4 | hex_to_bin(s[n]);
	}
	bytes[0] = value >> 8;
	bytes[1] = value;
	return n;
}

/*
 * Groups with colons between them, the last two perhaps in the form of IPv4.
 * Gives how many bytes they are; @gap is set to where between them "::" stands.
 */
static int parse_groups(const char *s, size_t len, u8 ip[16], int *gap)
{
	int bytes = 0;
	size_t n;

	while (len) {
		n = bytes < 16 ? parse_group(s, len, ip + bytes) : 0;
		if (!n)
			return -EINVAL;
		if (n < len && s[n] == '.') {
			if (bytes > 12 || parse_ipv4(s, len, ip + bytes))
				return -EINVAL;
			return bytes + 4;
		}
		bytes += 2;
		s += n;
		len -= n;
		if (!len)
			break;
		if (*s != ':' || len == 1)
			return -EINVAL;
		s++;
		len--;
		if (*s == ':') {
			if (*gap >= 0)
				return -EINVAL;
			*gap = bytes;
			s++;
			len--;
		}
	}
	return bytes;
}

/* An IPv6 address without a scope. */
static int parse_ipv6(const char *s, size_t len, u8 ip[16])
{
	int bytes, gap = -1;

	if (len >= 2 && s[0] == ':' && s[1] == ':') {
		gap = 0;
		s += 2;
		len -= 2;
	}
	bytes = parse_groups(s, len, ip, &gap);
	if (bytes < 0 || (bytes == 16) != (gap < 0))
		return -EINVAL;
	if (gap >= 0) {
		memmove(ip + gap + 16 - bytes, ip + gap, bytes - gap);
		memset(ip + gap, 0, 16 - bytes);
	}
	return 0;
}

/* Whether an address means something on one link, or one interface, only. */
static bool has_scope(const u8 ip[16])
{
	if (ip[0] == 0xfe)
		return (ip[1] & 0xc0) == 0x80;
	return ip[0] == 0xff && ((ip[1] & 0x0f) == 1 || (ip[1] & 0x0f) == 2);
}

/* Where a scope begins, or the end of the text. */
static const char *find_scope(const char *s, size_t len)
{
	return memchr(s, '%', len) ?: s + len;
}

static int inet_parse(struct lsock_addr *addr, struct net *net,
		      struct lsock_host *host)
{
	struct sockaddr_in *in = (struct sockaddr_in *)addr->storage;
	const char *end;
	u8 ip[16];

	if (!host->text) {
		if (host->number < 0 || host->number > U32_MAX) {
			host->problem = "address must be in 0..4294967295";
			return -EINVAL;
		}
		in->sin_addr.s_addr = htonl((u32)host->number);
	} else if (parse_ipv4(host->text, host->len, (u8 *)&in->sin_addr)) {
		end = find_scope(host->text, host->len);
		if (!parse_ipv6(host->text, end - host->text, ip))
			host->problem = "IPv6 addresses need a socket of inet6";
		return -EINVAL;
	}
	in->sin_port = htons(host->port);
	addr->len = sizeof(*in);
	return 0;
}

static size_t inet_host(const struct lsock_addr *addr, struct net *net, char *to)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)addr->storage;

	return snprintf(to, LSOCK_HOST_SIZE, "%pI4", &in->sin_addr);
}

static int inet_port(const struct lsock_addr *addr)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)addr->storage;

	return ntohs(in->sin_port);
}

static void inet_text(const char *host, size_t len, int port, char *to)
{
	snprintf(to, LSOCK_TEXT_SIZE, "%s:%d", host, port);
}

const struct lsock_codec lsock_codec_inet = {
	.family = AF_INET,
	.parts = LSOCK_ADDR_PORT,
	.parse = inet_parse,
	.host = inet_host,
	.port = inet_port,
	.text = inet_text,
	.size = sizeof(struct sockaddr_in),
};

/* The scope of @ip, if @host has one: behind a "%", which @end points to, or by itself. */
static int parse_scope(const u8 ip[16], struct net *net,
		       struct lsock_host *host, const char *end)
{
	const char *name = host->scope;
	size_t len = host->scope_len;

	if (end < host->text + host->len) {
		if (name || host->scope_id) {
			host->problem = "it has two scopes";
			return -EINVAL;
		}
		name = end + 1;
		len = host->text + host->len - name;
	}
	if (!name && !host->scope_id)
		return 0;
	if (!has_scope(ip)) {
		host->problem = "only link-local addresses have a scope";
		return -EINVAL;
	}
	return name ? lsock_ifindex(net, name, len) : host->scope_id;
}

static int inet6_parse(struct lsock_addr *addr, struct net *net,
		       struct lsock_host *host)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)addr->storage;
	u8 *ip = (u8 *)&in6->sin6_addr;
	const char *end;
	int scope;

	if (!host->text) {
		host->problem = "addresses of inet6 are no numbers";
		return -EINVAL;
	}
	end = find_scope(host->text, host->len);
	if (parse_ipv6(host->text, end - host->text, ip)) {
		if (!parse_ipv4(host->text, host->len, ip))
			host->problem = "on a socket of inet6, IPv4 addresses are written as ::ffff:1.2.3.4";
		return -EINVAL;
	}
	scope = parse_scope(ip, net, host, end);
	if (scope < 0)
		return scope;
	in6->sin6_scope_id = scope;
	in6->sin6_flowinfo = htonl(host->flowinfo);
	in6->sin6_port = htons(host->port);
	addr->len = sizeof(*in6);
	return 0;
}

static size_t inet6_host(const struct lsock_addr *addr, struct net *net, char *to)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)addr->storage;
	size_t len = snprintf(to, LSOCK_HOST_SIZE, "%pI6c", &in6->sin6_addr);
	char name[IFNAMSIZ];

	if (!in6->sin6_scope_id || !has_scope((const u8 *)&in6->sin6_addr))
		return len;
	lsock_ifname(net, in6->sin6_scope_id, name);
	return len + snprintf(to + len, LSOCK_HOST_SIZE - len, "%%%s", name);
}

static int inet6_port(const struct lsock_addr *addr)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)addr->storage;

	return ntohs(in6->sin6_port);
}

static void inet6_text(const char *host, size_t len, int port, char *to)
{
	*to++ = '[';
	to += lsock_escape(host, len, to);
	sprintf(to, "]:%d", port);
}

const struct lsock_codec lsock_codec_inet6 = {
	.family = AF_INET6,
	.parts = LSOCK_ADDR_PORT | LSOCK_ADDR_SCOPE,
	.parse = inet6_parse,
	.host = inet6_host,
	.port = inet6_port,
	.text = inet6_text,
	.size = sizeof(struct sockaddr_in6),
};
