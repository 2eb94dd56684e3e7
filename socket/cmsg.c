// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Control messages: a table of those whose inside is known, and the two ways
 * between their bytes and their fields.
 */
#include "lsock.h"

#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/errqueue.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ipv6.h>
#include <linux/limits.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <linux/time64.h>
#include <linux/udp.h>
#include <asm/byteorder.h>
#include <net/ipv6.h>

/* Times are two of these, whether by their old or by their new type. */
static_assert(sizeof(long) == sizeof(s64));

#define FIELD(name, kind, offset) { name, LSOCK_CMSG_##kind, offset }
#define INFO(name, kind, member) \
	FIELD(name, kind, offsetof(struct in_pktinfo, member))
#define INFO6(name, kind, member) \
	FIELD(name, kind, offsetof(struct in6_pktinfo, member))
#define ERROR(name, kind, member) \
	FIELD(name, kind, offsetof(struct sock_extended_err, member))

static const struct lsock_cmsg_field lsock_u8[] = { FIELD("value", U8, 0), {} };
static const struct lsock_cmsg_field lsock_u16[] = { FIELD("value", U16, 0), {} };
static const struct lsock_cmsg_field lsock_u32[] = { FIELD("value", U32, 0), {} };
static const struct lsock_cmsg_field lsock_int[] = { FIELD("value", INT, 0), {} };
static const struct lsock_cmsg_field lsock_usec[] = { FIELD("value", TIMEVAL, 0), {} };
static const struct lsock_cmsg_field lsock_nsec[] = { FIELD("value", TIMESPEC, 0), {} };

/* Between the two is one that no kernel fills in any more. */
static const struct lsock_cmsg_field lsock_stamps[] = {
	FIELD("software", TIMESPEC, 0), FIELD("hardware", TIMESPEC, 32), {}
};

static const struct lsock_cmsg_field lsock_pktinfo[] = {
	INFO("ifindex", INT, ipi_ifindex), INFO("spec_dst", IPV4, ipi_spec_dst),
	INFO("addr", IPV4, ipi_addr), {}
};

static const struct lsock_cmsg_field lsock_pktinfo6[] = {
	INFO6("ifindex", INT, ipi6_ifindex), INFO6("addr", IPV6, ipi6_addr), {}
};

static const struct lsock_cmsg_field lsock_sockaddr[] = {
	FIELD("addr", SOCKADDR, 0), FIELD("port", BE16, offsetof(struct sockaddr_in, sin_port)), {}
};

/* Who reported the error follows it. */
static const struct lsock_cmsg_field lsock_error[] = {
	ERROR("ee_errno", U32, ee_errno), ERROR("ee_origin", U8, ee_origin),
	ERROR("ee_type", U8, ee_type), ERROR("ee_code", U8, ee_code), ERROR("ee_info", U32, ee_info),
	ERROR("ee_data", U32, ee_data),
	FIELD("offender", SOCKADDR, sizeof(struct sock_extended_err)), {}
};

#define IN_SIZE		sizeof(struct sockaddr_in)
#define IN6_SIZE	sizeof(struct sockaddr_in6)
#define EE_SIZE		sizeof(struct sock_extended_err)

const struct lsock_cmsg_type lsock_cmsg_types[] = {
	{ SOL_SOCKET, SO_TIMESTAMP_OLD, "timestamp", lsock_usec, 16 },
	{ SOL_SOCKET, SO_TIMESTAMP_NEW, "timestamp", lsock_usec, 16 },
	{ SOL_SOCKET, SO_TIMESTAMPNS_OLD, "timestampns", lsock_nsec, 16 },
	{ SOL_SOCKET, SO_TIMESTAMPNS_NEW, "timestampns", lsock_nsec, 16 },
	{ SOL_SOCKET, SO_TIMESTAMPING_OLD, "timestamping", lsock_stamps, 48 },
	{ SOL_SOCKET, SO_TIMESTAMPING_NEW, "timestamping", lsock_stamps, 48 },
	{ SOL_SOCKET, SO_RXQ_OVFL, "rxq_ovfl", lsock_u32, 4 },
	{ SOL_SOCKET, SO_MARK, "mark", lsock_u32, 4, true },
	{ SOL_SOCKET, SO_PRIORITY, "priority", lsock_u32, 4, true },

	{ SOL_IP, IP_PKTINFO, "pktinfo", lsock_pktinfo, sizeof(struct in_pktinfo), true },
	{ SOL_IP, IP_TTL, "ttl", lsock_int, 4, true },
	{ SOL_IP, IP_TOS, "tos", lsock_u8, 1, true },
	{ SOL_IP, IP_RECVERR, "recverr", lsock_error, EE_SIZE + IN_SIZE },
	{ SOL_IP, IP_ORIGDSTADDR, "origdstaddr", lsock_sockaddr, IN_SIZE },
	{ SOL_IP, IP_RECVFRAGSIZE, "recvfragsize", lsock_int, 4 },

	{ SOL_IPV6, IPV6_PKTINFO, "pktinfo", lsock_pktinfo6, sizeof(struct in6_pktinfo), true },
	{ SOL_IPV6, IPV6_HOPLIMIT, "hoplimit", lsock_int, 4, true },
	{ SOL_IPV6, IPV6_TCLASS, "tclass", lsock_int, 4, true },
	{ SOL_IPV6, IPV6_RECVERR, "recverr", lsock_error, EE_SIZE + IN6_SIZE },
	{ SOL_IPV6, IPV6_ORIGDSTADDR, "origdstaddr", lsock_sockaddr, IN6_SIZE },
	{ SOL_IPV6, IPV6_RECVFRAGSIZE, "recvfragsize", lsock_int, 4 },

	{ SOL_UDP, UDP_SEGMENT, "segment", lsock_u16, 2, true },
	{ SOL_UDP, UDP_GRO, "gro", lsock_int, 4 },
	{ SOL_TCP, TCP_CM_INQ, "inq", lsock_int, 4 },
	{}
};

const struct lsock_cmsg_refusal lsock_cmsg_refused[] = {
	{ SOL_SOCKET, SCM_RIGHTS, "rights", "a script has no file descriptors (SCM_RIGHTS)" },
	{ SOL_SOCKET, SCM_CREDENTIALS, "credentials", "a script cannot vouch for a process (SCM_CREDENTIALS)" },
	{}
};

static const struct lsock_cmsg_type *lsock_cmsg_type(int level, int type)
{
	const struct lsock_cmsg_type *known;

	for (known = lsock_cmsg_types; known->name; known++)
		if (known->level == level && known->type == type)
			return known;
	return NULL;
}

/**
 * lsock_cmsg_next() - the next of the control messages that were received
 * @control: their bytes
 * @len: how many
 * @at: where to go on; 0 at first; set for the next call
 * @cmsg: takes the message, whose @cmsg->data is part of @control
 *
 * A message that was cut, or whose inside is not known, has no @cmsg->known.
 *
 * Context: Any.
 * Return: false when there is no more.
 */
bool lsock_cmsg_next(const void *control, size_t len, size_t *at, struct lsock_cmsg *cmsg)
{
	const struct cmsghdr *hdr = control + *at;

	if (*at > len || len - *at < sizeof(*hdr))
		return false;
	if (hdr->cmsg_len < sizeof(*hdr) || hdr->cmsg_len > len - *at)
		return false;

	cmsg->level = hdr->cmsg_level;
	cmsg->type = hdr->cmsg_type;
	cmsg->data = (void *)hdr + sizeof(*hdr);
	cmsg->len = hdr->cmsg_len - sizeof(*hdr);
	cmsg->known = lsock_cmsg_type(cmsg->level, cmsg->type);
	if (cmsg->known && cmsg->len < cmsg->known->size)
		cmsg->known = NULL;
	*at += CMSG_ALIGN(hdr->cmsg_len);
	return true;
}

/**
 * lsock_cmsg_add() - append a control message to those that are to be sent
 * @control: where they are put together; aligned as a long
 * @size: room there
 * @used: bytes that are used there already; updated
 * @cmsg: the message; @cmsg->data is set to where its @cmsg->len bytes go, which
 *	are zero
 *
 * Context: Any.
 * Return: 0; -ENOSPC when there is no room.
 */
int lsock_cmsg_add(void *control, size_t size, size_t *used, struct lsock_cmsg *cmsg)
{
	struct cmsghdr *hdr = control + *used;

	if (cmsg->len > size || CMSG_SPACE(cmsg->len) > size - *used)
		return -ENOSPC;

	memset(hdr, 0, CMSG_SPACE(cmsg->len));
	hdr->cmsg_level = cmsg->level;
	hdr->cmsg_type = cmsg->type;
	hdr->cmsg_len = CMSG_LEN(cmsg->len);
	cmsg->data = (void *)hdr + sizeof(*hdr);
	*used += CMSG_SPACE(cmsg->len);
	return 0;
}

/* Messages, and the fields in them, are aligned. */

static s64 lsock_cmsg_time(const void *at, s64 unit)
{
	const s64 *time = at;

	return time[0] * NSEC_PER_SEC + time[1] * unit;
}

/**
 * lsock_cmsg_num() - a number in a control message
 * @cmsg: the message
 * @field: the field, which is no address
 *
 * Context: Any.
 * Return: the number; times in nanoseconds.
 */
s64 lsock_cmsg_num(const struct lsock_cmsg *cmsg, const struct lsock_cmsg_field *field)
{
	const void *at = cmsg->data + field->offset;

	switch (field->kind) {
	case LSOCK_CMSG_U8:
		return *(const u8 *)at;
	case LSOCK_CMSG_U16:
		return *(const u16 *)at;
	case LSOCK_CMSG_BE16:
		return be16_to_cpup(at);
	case LSOCK_CMSG_U32:
		return *(const u32 *)at;
	case LSOCK_CMSG_INT:
		return *(const int *)at;
	case LSOCK_CMSG_TIMEVAL:
		return lsock_cmsg_time(at, NSEC_PER_USEC);
	case LSOCK_CMSG_TIMESPEC:
		return lsock_cmsg_time(at, 1);
	default:
		return 0;
	}
}

/**
 * lsock_cmsg_max() - the largest number that a field can take
 * @field: the field; the smallest is 0
 *
 * Context: Any.
 */
s64 lsock_cmsg_max(const struct lsock_cmsg_field *field)
{
	switch (field->kind) {
	case LSOCK_CMSG_U8:
		return U8_MAX;
	case LSOCK_CMSG_U16:
		return U16_MAX;
	case LSOCK_CMSG_U32:
		return U32_MAX;
	default:
		return S32_MAX;
	}
}

/**
 * lsock_cmsg_set_num() - set a number in a control message that is to be sent
 * @cmsg: the message
 * @field: the field, of a type that can be sent, and no address
 * @num: the number, in 0..lsock_cmsg_max()
 *
 * Context: Any.
 */
void lsock_cmsg_set_num(struct lsock_cmsg *cmsg, const struct lsock_cmsg_field *field, s64 num)
{
	void *at = cmsg->data + field->offset;

	switch (field->kind) {
	case LSOCK_CMSG_U8:
		*(u8 *)at = num;
		break;
	case LSOCK_CMSG_U16:
		*(u16 *)at = num;
		break;
	default:
		*(u32 *)at = num;
	}
}

/**
 * lsock_cmsg_family() - the family of an address in a control message
 * @field: the field
 *
 * Context: Any.
 * Return: AF_*; AF_UNSPEC when it is not always the same; -EINVAL when the
 * field is no address.
 */
int lsock_cmsg_family(const struct lsock_cmsg_field *field)
{
	switch (field->kind) {
	case LSOCK_CMSG_IPV4:
		return AF_INET;
	case LSOCK_CMSG_IPV6:
		return AF_INET6;
	case LSOCK_CMSG_SOCKADDR:
		return AF_UNSPEC;
	default:
		return -EINVAL;
	}
}

/**
 * lsock_cmsg_addr() - an address in a control message
 * @cmsg: the message
 * @field: the field, which is an address
 * @addr: where it goes; of length 0 when there is none
 *
 * Context: Any.
 */
void lsock_cmsg_addr(const struct lsock_cmsg *cmsg, const struct lsock_cmsg_field *field,
		     struct lsock_addr *addr)
{
	struct sockaddr_in *in = (struct sockaddr_in *)addr->storage;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)addr->storage;
	const void *at = cmsg->data + field->offset;

	memset(addr, 0, sizeof(*addr));
	switch (field->kind) {
	case LSOCK_CMSG_IPV4:
		in->sin_family = AF_INET;
		memcpy(&in->sin_addr, at, sizeof(in->sin_addr));
		break;
	case LSOCK_CMSG_IPV6:
		in6->sin6_family = AF_INET6;
		memcpy(&in6->sin6_addr, at, sizeof(in6->sin6_addr));
		break;
	default:
		memcpy(addr->storage, at, cmsg->known->size - field->offset);
	}
	if (in->sin_family == AF_INET)
		addr->len = sizeof(*in);
	else if (in->sin_family == AF_INET6)
		addr->len = sizeof(*in6);
}

/**
 * lsock_cmsg_set_addr() - set an address in a control message that is to be sent
 * @cmsg: the message
 * @field: the field, of a type that can be sent, and an address; what precedes it
 *	in its type is set
 * @addr: the address, of the family that lsock_cmsg_family() gives
 *
 * Context: Any.
 */
void lsock_cmsg_set_addr(struct lsock_cmsg *cmsg, const struct lsock_cmsg_field *field,
			 const struct lsock_addr *addr)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)addr->storage;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)addr->storage;
	struct in6_pktinfo *info = cmsg->data;

	if (field->kind == LSOCK_CMSG_IPV4) {
		memcpy(cmsg->data + field->offset, &in->sin_addr, sizeof(in->sin_addr));
		return;
	}
	info->ipi6_addr = in6->sin6_addr;
	/* The address may name the device, too. */
	if (!info->ipi6_ifindex)
		info->ipi6_ifindex = in6->sin6_scope_id;
}
