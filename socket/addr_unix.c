// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Addresses of Unix sockets: a path; an abstract name, behind "@" or a zero;
 * or nothing, for a socket without a name. Only the bytes that a name has are
 * part of an address: the kernel shows all others to the whole machine.
 */
#include "codec.h"

#include <linux/kernel.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <linux/un.h>

#define UNIX_BASE	offsetof(struct sockaddr_un, sun_path)

static bool is_abstract(const char *text)
{
	return *text == '@' || !*text;
}

static const char *unix_problem(const struct lsock_host *host)
{
	if (!host->text)
		return "addresses of unix are no numbers";
	if (!host->len)
		return host->local ? NULL : "nobody can be found without a name";
	if (is_abstract(host->text))
		return host->len <= UNIX_PATH_MAX ? NULL :
		       "abstract names have at most 107 bytes";
	if (host->len >= UNIX_PATH_MAX)
		return "paths have at most 107 bytes";
	if (memchr(host->text, 0, host->len))
		return "paths contain no zeros";
	return NULL;
}

static int unix_parse(struct lsock_addr *addr, struct net *net,
		      struct lsock_host *host)
{
	struct sockaddr_un *un = (struct sockaddr_un *)addr->storage;

	host->problem = unix_problem(host);
	if (host->problem)
		return -EINVAL;
	addr->len = UNIX_BASE + host->len;
	memcpy(un->sun_path, host->text, host->len);
	if (!host->len)
		return 0;
	if (is_abstract(host->text))
		un->sun_path[0] = '\0';
	else
		addr->len++;
	return 0;
}

static size_t unix_host(const struct lsock_addr *addr, struct net *net, char *to)
{
	const struct sockaddr_un *un = (const struct sockaddr_un *)addr->storage;
	size_t len = min_t(size_t, addr->len - UNIX_BASE, UNIX_PATH_MAX);

	if (len && un->sun_path[0])
		len = strnlen(un->sun_path, len);
	memcpy(to, un->sun_path, len);
	if (len && !un->sun_path[0])
		*to = '@';
	return len;
}

static void unix_text(const char *host, size_t len, int port, char *to)
{
	lsock_escape(host, len, to);
}

const struct lsock_codec lsock_codec_unix = {
	.family = AF_UNIX,
	.parse = unix_parse,
	.host = unix_host,
	.text = unix_text,
	.size = UNIX_BASE,
};

/**
 * lsock_addr_is_path() - whether to use an address is to enter a file system
 * @addr: the address
 *
 * Context: Any.
 */
bool lsock_addr_is_path(const struct lsock_addr *addr)
{
	const struct sockaddr_un *un = (const struct sockaddr_un *)addr->storage;

	return addr->len > (int)UNIX_BASE && un->sun_family == AF_UNIX &&
	       un->sun_path[0];
}

/**
 * lsock_addr_unnamed() - the address of a Unix socket without a name
 * @addr: where it goes
 *
 * Context: Any.
 */
void lsock_addr_unnamed(struct lsock_addr *addr)
{
	struct sockaddr_un *un = (struct sockaddr_un *)addr->storage;

	un->sun_family = AF_UNIX;
	addr->len = UNIX_BASE;
}
