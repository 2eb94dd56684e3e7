/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* JSON of others: whether it is that. */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>

bool json_object_has(const char *text, size_t len, const char *const *names);

#endif
