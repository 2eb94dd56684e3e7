/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Numbers as people write them. */
#ifndef NUMBER_H
#define NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool number_size(const char *text, uint64_t max, uint64_t *value);
bool number_count(const char *text, uint64_t max, uint64_t *value);
void number_human(uint64_t bytes, char *text, size_t size);

#endif
