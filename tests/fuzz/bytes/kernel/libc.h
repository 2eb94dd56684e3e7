/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the C library has of the kernel's interfaces: the same numbers, the same structs. */
#ifndef _FUZZ_KERNEL_LIBC_H
#define _FUZZ_KERNEL_LIBC_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
/* The kernel's own is another one. */
#define msghdr	libc_msghdr
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <netpacket/packet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#undef msghdr

#ifndef SOL_UDP
#define SOL_UDP	17
#endif
#undef min
#undef max

#endif
