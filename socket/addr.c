// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Socket addresses as scripts write them, and back. Only here and in the files
 * of the families (addr_*.c) is known what an address looks like.
 */
#include "codec.h"

#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/netdevice.h>
#include <linux/rcupdate.h>
#include <linux/socket.h>
#include <linux/string.h>

static_assert(sizeof_field(struct lsock_addr, storage) >=
	      sizeof(struct sockaddr_storage));
static_assert(__alignof__(struct lsock_addr) >=
	      __alignof__(struct sockaddr_storage));

static const struct lsock_codec *const codecs[] = {
	&lsock_codec_inet,
	&lsock_codec_inet6,
	&lsock_codec_unix,
	&lsock_codec_packet,
};

static const struct lsock_codec *find_codec(int family)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(codecs); i++)
		if (codecs[i]->family == family)
			return codecs[i];
	return NULL;
}

/* The codec of an address that came from the kernel; NULL where it cannot be read. */
static const struct lsock_codec *codec_of(const struct lsock_addr *addr)
{
	const struct sockaddr *sa = (const struct sockaddr *)addr->storage;
	const struct lsock_codec *codec = NULL;

	if (addr->len >= (int)sizeof(sa->sa_family))
		codec = find_codec(sa->sa_family);
	return codec && addr->len >= codec->size ? codec : NULL;
}

/**
 * lsock_addr_knows() - whether there can be sockets of a family
 * @family: AF_*
 *
 * Context: Any.
 * Return: whether its addresses can be read and written here.
 */
bool lsock_addr_knows(int family)
{
	return find_codec(family);
}

/**
 * lsock_addr_parts() - what the addresses of a family have besides a host
 * @family: AF_*
 *
 * Context: Any.
 * Return: LSOCK_ADDR_*
 */
int lsock_addr_parts(int family)
{
	const struct lsock_codec *codec = find_codec(family);

	return codec ? codec->parts : 0;
}

/**
 * lsock_addr_parse() - the address that a script has written
 * @addr: where it goes; nothing but its len bytes is to be used
 * @family: AF_* of the socket that shall use it
 * @net: namespace of the interfaces that it may name
 * @host: what was written; gets a problem, or keeps NULL, when it is no address
 *
 * Context: Any.
 * Return: 0; -EINVAL when @host is no address of the family; -ENODEV when it
 * names an interface that is not there; -EAFNOSUPPORT.
 */
int lsock_addr_parse(struct lsock_addr *addr, int family, struct net *net,
		     struct lsock_host *host)
{
	const struct lsock_codec *codec = find_codec(family);
	struct sockaddr *sa = (struct sockaddr *)addr->storage;

	if (!codec)
		return -EAFNOSUPPORT;
	memset(addr, 0, sizeof(*addr));
	sa->sa_family = family;
	return codec->parse(addr, net, host);
}

/**
 * lsock_addr_host() - the host part of an address as text
 * @addr: the address
 * @net: namespace of the interfaces that it may name
 * @host: where the text goes; it may contain zeros, and one follows it
 *
 * Context: Any.
 * Return: its length; -EAFNOSUPPORT when there is no text for such an address.
 */
int lsock_addr_host(const struct lsock_addr *addr, struct net *net,
		    char host[LSOCK_HOST_SIZE])
{
	const struct lsock_codec *codec = codec_of(addr);
	size_t len;

	if (!codec)
		return -EAFNOSUPPORT;
	len = codec->host(addr, net, host);
	host[len] = '\0';
	return len;
}

/**
 * lsock_addr_port() - the port of an address
 * @addr: the address
 *
 * Context: Any.
 * Return: the port, or a packet's protocol, in host byte order; negative where
 * the family has none.
 */
int lsock_addr_port(const struct lsock_addr *addr)
{
	const struct lsock_codec *codec = codec_of(addr);

	return codec && codec->port ? codec->port(addr) : -1;
}

/**
 * lsock_addr_text() - a whole address as one text for people
 * @addr: the address
 * @net: namespace of the interfaces that it may name
 * @text: where it goes, with a NUL; control characters are escaped
 *
 * Context: Any.
 * Return: whether there is any: an unnamed address has none.
 */
bool lsock_addr_text(const struct lsock_addr *addr, struct net *net,
		     char text[LSOCK_TEXT_SIZE])
{
	const struct lsock_codec *codec = codec_of(addr);
	char host[LSOCK_HOST_SIZE];
	size_t len;

	text[0] = '\0';
	if (codec) {
		len = codec->host(addr, net, host);
		host[len] = '\0';
		codec->text(host, len, lsock_addr_port(addr), text);
	}
	return text[0];
}

/**
 * lsock_ifindex() - the interface that a text stands for
 * @net: its network namespace
 * @name: the interface's name, or its number
 * @len: length of @name
 *
 * Context: Any.
 * Return: its number; -EINVAL when there can be no such interface; -ENODEV.
 */
int lsock_ifindex(struct net *net, const char *name, size_t len)
{
	const struct net_device *dev;
	char text[IFNAMSIZ] = "";
	int index = 0;

	if (!len || len >= sizeof(text) || memchr(name, 0, len))
		return -EINVAL;
	memcpy(text, name, len);

	rcu_read_lock();
	dev = dev_get_by_name_rcu(net, text);
	if (dev)
		index = dev->ifindex;
	rcu_read_unlock();
	if (index)
		return index;

	if (*text == '0' || strspn(text, "0123456789") != len ||
	    kstrtoint(text, 10, &index))
		return -ENODEV;
	return index;
}

/**
 * lsock_ifname() - the name of an interface
 * @net: its network namespace
 * @index: its number
 * @name: where its name goes; its number, if it has gone
 *
 * Context: Any.
 */
void lsock_ifname(struct net *net, int index, char name[IFNAMSIZ])
{
	const struct net_device *dev;

	rcu_read_lock();
	dev = dev_get_by_index_rcu(net, index);
	if (dev)
		strscpy(name, dev->name, IFNAMSIZ);
	else
		snprintf(name, IFNAMSIZ, "%d", index);
	rcu_read_unlock();
}

/**
 * lsock_escape() - a text with its control characters made visible
 * @s: the text
 * @len: its length
 * @to: where it goes, with a NUL; four times its length, and one, is enough
 *
 * Context: Any.
 * Return: the length of what is in @to.
 */
size_t lsock_escape(const char *s, size_t len, char *to)
{
	char *end = to;
	size_t i;

	for (i = 0; i < len; i++) {
		if (iscntrl(s[i]))
			end += sprintf(end, "\\x%02x", (u8)s[i]);
		else
			*end++ = s[i];
	}
	*end = '\0';
	return end - to;
}
