/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* There are no files: what upstream has for them finds none. */
#ifndef _LUADRV_SHIM_STDIO_H
#define _LUADRV_SHIM_STDIO_H

#include <linux/types.h>
#include <linux/stddef.h>
#include "port.h"

typedef struct luaport_file FILE;

#define EOF		(-1)
#define BUFSIZ		16
#define stdin		((FILE *)NULL)
#define stdout		((FILE *)NULL)
#define stderr		((FILE *)NULL)

static inline FILE *fopen(const char *name, const char *mode)
{
	return NULL;
}

static inline FILE *freopen(const char *name, const char *mode, FILE *f)
{
	return NULL;
}

static inline int fclose(FILE *f)
{
	return 0;
}

static inline int feof(FILE *f)
{
	return 1;
}

static inline int ferror(FILE *f)
{
	return 0;
}

static inline size_t fread(void *buf, size_t size, size_t n, FILE *f)
{
	return 0;
}

static inline char *fgets(char *buf, int n, FILE *f)
{
	return NULL;
}

static inline int getc(FILE *f)
{
	return EOF;
}

static inline int ungetc(int c, FILE *f)
{
	return EOF;
}

#define snprintf(...)	luaport_snprintf(__VA_ARGS__)

#endif
