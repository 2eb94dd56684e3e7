/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Files that scripts have the kernel read. Plain C types, for both sides. */
#ifndef _LUADRV_FILE_H
#define _LUADRV_FILE_H

#include <linux/types.h>

/* The box type of an open file; luadrv_file_close() releases it. */
#define LUADRV_FILE_TYPE "luadrv.file"

struct file;

bool luadrv_file_stack_low(void);
int luadrv_file_open(const char *path, struct file **file);
void luadrv_file_seek(struct file *file, u64 offset);
u64 luadrv_file_left(struct file *file);
long luadrv_file_read(struct file *file, void *buf, size_t size);
void luadrv_file_close(void *file);

#endif
