/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What Lua uses of the kernel's string functions, under the same names. */
#ifndef _LUADRV_SHIM_STRING_H
#define _LUADRV_SHIM_STRING_H

#include <linux/types.h>

void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *s, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *luaport_memchr(const void *s, int c, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strcpy(char *to, const char *from);
char *strchr(const char *s, int c);
char *strstr(const char *s, const char *what);
char *strpbrk(const char *s, const char *accept);
size_t strspn(const char *s, const char *accept);
size_t strcspn(const char *s, const char *reject);

#define memchr(s, c, n)	luaport_memchr(s, c, n)

/* There is one locale, C. */
#define strcoll(a, b)	strcmp(a, b)
#define strerror(e)	"error"

#endif
