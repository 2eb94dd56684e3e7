// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Data objects: checksums. */

/***
 * Checksums.
 * @submodule data
 */
#include <limits.h>

#include "luadata/data_lua.h"

/* How many bytes go between two looks at the world; even, for ldata_sum(). */
#define STEP	(1UL << 20)

/*
 * What @f makes of the bytes that the arguments 2 and 3 tell, and of what the
 * argument 4 tells of those before. False if they are not all within the object.
 */
static bool over(lua_State *L, u32 (*f)(const void *bytes, size_t size, u32 before),
		 const char *what, u32 *value)
{
	const struct ldata *view = luadrv_box_check(L, 1, ldata_type);
	struct ldata_part part;
	bool within = ldata_check_part(L, 2, view, &part);
	size_t n;

	*value = 0;
	if (!lua_isnoneornil(L, 4))
		*value = luadrv_check_range(L, 4, 0, UINT_MAX, what);
	if (!within)
		return false;
	do {
		luai_tick(L);
		n = part.size < STEP ? part.size : STEP;
		*value = f(view->addr + part.offset, n, *value);
		part.offset += n;
		part.size -= n;
	} while (part.size);
	return true;
}

/***
 * The internet checksum, as IP, ICMP, UDP and TCP have it (RFC 1071). Over bytes
 * that contain their checksum it is 0.
 *
 * UDP and TCP also count a pseudo header, whose sum comes first. The sum of other
 * bytes is `0xffff ~ d:checksum(...)`. (What UDP sends for a checksum of 0 is
 * 0xffff.)
 *
 * Source: an addition to the seed; RFC 1071.
 *
 * @function data:checksum
 * @tparam[opt=0] integer offset of the first byte, counted from 0
 * @tparam[optchain] integer length in bytes; default: up to the end; if it is
 * odd, a zero byte is counted after them
 * @tparam[optchain=0] integer sum of 16-bit words to begin with, in all at most
 * 0xffffffff
 * @treturn ?integer 0 to 0xffff, for @{data:set} as `'u16'`; nil if the bytes are
 * not all within the object
 * @raise if an argument is no integer, negative, or the sum is too large
 * @usage udp:set(6, 'u16', 0)
 * local addresses = 0xffff ~ ip:checksum(12, 8)
 * udp:set(6, 'u16', udp:checksum(0, nil, addresses + 17 + #udp))
 */
static int l_checksum(lua_State *L)
{
	u32 sum;

	if (over(L, ldata_sum, "sum", &sum))
		lua_pushinteger(L, sum ^ 0xffff);
	else
		lua_pushnil(L);
	return 1;
}

static int push_crc(lua_State *L, u32 (*f)(const void *bytes, size_t size, u32 before))
{
	u32 crc;

	if (over(L, f, "CRC", &crc))
		lua_pushinteger(L, crc);
	else
		lua_pushnil(L);
	return 1;
}

/***
 * The CRC-32 of Ethernet, gzip and PNG.
 *
 * Source: an addition to the seed; IEEE 802.3.
 *
 * @function data:crc32
 * @tparam[opt=0] integer offset of the first byte, counted from 0
 * @tparam[optchain] integer length in bytes; default: up to the end
 * @tparam[optchain=0] integer crc of the bytes before, to go on with
 * @treturn ?integer 0 to 0xffffffff; nil if the bytes are not all within the
 * object
 * @raise if an argument is no integer, negative, or the CRC is too large
 * @usage assert(data.new("123456789"):crc32() == 0xcbf43926)
 */
static int l_crc32(lua_State *L)
{
	return push_crc(L, ldata_crc32);
}

/***
 * The CRC-32C (Castagnoli) of SCTP, iSCSI and btrfs.
 *
 * Source: an addition to the seed; RFC 3720.
 *
 * @function data:crc32c
 * @tparam[opt=0] integer offset of the first byte, counted from 0
 * @tparam[optchain] integer length in bytes; default: up to the end
 * @tparam[optchain=0] integer crc of the bytes before, to go on with
 * @treturn ?integer 0 to 0xffffffff; nil if the bytes are not all within the
 * object
 * @raise as @{data:crc32}
 * @usage assert(data.new("123456789"):crc32c() == 0xe3069283)
 */
static int l_crc32c(lua_State *L)
{
	return push_crc(L, ldata_crc32c);
}

const luaL_Reg ldata_checksum_methods[] = {
	{ "checksum", l_checksum },
	{ "crc32", l_crc32 },
	{ "crc32c", l_crc32c },
	{ NULL, NULL }
};
