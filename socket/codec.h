/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The inside of the address codec: what addr.c and the files of the families, addr_*.c, have of each other. */
#ifndef _LUADRV_CODEC_H
#define _LUADRV_CODEC_H

#include <linux/if.h>

#include "socket.h"

/**
 * struct lsock_codec - how the addresses of a family look
 * @family: AF_*
 * @parts: what they have besides a host, LSOCK_ADDR_*
 * @parse: makes the zeroed @addr of @host; 0, -EINVAL with @host->problem set
 *	where there is more to say, -ENODEV for an interface that is not there
 * @host: the host as text into LSOCK_HOST_SIZE bytes; gives its length. It
 *	trusts the address, whose length @size it has, but not its content
 * @port: its port; NULL where there are none
 * @text: the whole address as one text
 * @size: of the shortest address that @host and @port can read
 */
struct lsock_codec {
	int family;
	int parts;
	int (*parse)(struct lsock_addr *addr, struct net *net,
		     struct lsock_host *host);
	size_t (*host)(const struct lsock_addr *addr, struct net *net, char *to);
	int (*port)(const struct lsock_addr *addr);
	void (*text)(const char *host, size_t len, int port, char *to);
	int size;
};

/* addr_inet.c, addr_unix.c, addr_packet.c */
extern const struct lsock_codec lsock_codec_inet;
extern const struct lsock_codec lsock_codec_inet6;
extern const struct lsock_codec lsock_codec_unix;
extern const struct lsock_codec lsock_codec_packet;

/* addr.c */
int lsock_ifindex(struct net *net, const char *name, size_t len);
void lsock_ifname(struct net *net, int index, char name[IFNAMSIZ]);

#endif
