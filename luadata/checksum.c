// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Checksums of bytes, by the kernel's own functions for them. */
#include "luadata/data.h"

#include <linux/crc32.h>
#include <linux/bitops.h>
#include <net/checksum.h>

#include "driver/compat.h"

/* The sum of two 16-bit halves, which again may be more than 16 bits. */
static u32 fold(u32 sum)
{
	return (sum & 0xffff) + (sum >> 16);
}

/**
 * ldata_sum() - the sum that the internet checksum is the complement of
 * @bytes: bytes; if the last one is odd, a zero follows it
 * @size: how many
 * @sum: of what comes before them; any number of bits
 *
 * Context: Any.
 * Return: the one's complement sum of the 16-bit words in network order.
 */
u32 ldata_sum(const void *bytes, size_t size, u32 sum)
{
	__wsum before = (__force __wsum)htons(fold(fold(sum)));

	return (u16)~ntohs((__force __be16)csum_fold(csum_partial(bytes, size, before)));
}

/**
 * ldata_crc32() - CRC-32, as Ethernet and zlib have it
 * @bytes: bytes
 * @size: how many
 * @crc: of what comes before them, or 0
 *
 * Context: Any.
 * Return: the CRC-32 of both.
 */
u32 ldata_crc32(const void *bytes, size_t size, u32 crc)
{
	return ~crc32_le(~crc, bytes, size);
}

/**
 * ldata_crc32c() - CRC-32C, as SCTP and iSCSI have it
 * @bytes: bytes
 * @size: how many
 * @crc: of what comes before them, or 0
 *
 * Context: Any.
 * Return: the CRC-32C of both.
 */
u32 ldata_crc32c(const void *bytes, size_t size, u32 crc)
{
	return ~compat_crc32c(~crc, bytes, size);
}
