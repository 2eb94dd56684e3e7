// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Addresses are those that the C library takes, and turn into the same text. */
#include "kernel/kernel.h"
#include "socket/socket.h"
#include "fuzz.h"

const enum fuzz_setup target_setup = FUZZ_SETUP_NONE;

static void check_format(const struct lsock_addr *addr, int port)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)addr->storage;
	char ours[LSOCK_HOST_SIZE], theirs[INET_ADDRSTRLEN];

	world_check(addr->len == sizeof(*in) && in->sin_family == AF_INET, "family");
	world_check(lsock_addr_format(addr, ours, sizeof(ours)) == port, "port");
	inet_ntop(AF_INET, &in->sin_addr, theirs, sizeof(theirs));
	world_check(!strcmp(ours, theirs), "text of an address");
}

void target_run(struct fuzz_input *in)
{
	int port = fuzz_byte(in) * 256 + fuzz_byte(in), err;
	char *text = strndup((const char *)in->data, in->left);
	u8 *bytes = malloc(in->left);
	struct lsock_addr addr;
	struct in_addr want;
	bool valid = strlen(text) == in->left && inet_pton(AF_INET, text, &want) == 1;

	/* A block of its own, so that nothing behind it can be read. */
	memcpy(bytes, in->data, in->left);
	err = lsock_addr_parse(&addr, AF_INET, (char *)bytes, in->left, port);
	if (valid != !err)
		world_fail("'%s': %d", text, err);
	if (valid) {
		world_check(!memcmp(addr.storage + 4, &want, 4), "another address");
		check_format(&addr, port);
		world_check(!lsock_addr_number(&addr, AF_INET, ntohl(want.s_addr), port), "number");
		check_format(&addr, port);
	}
	world_check(lsock_addr_parse(&addr, AF_INET6, text, in->left, 0) == -EAFNOSUPPORT, "family");
	free(bytes);
	free(text);
}
