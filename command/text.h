/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Text of others, made safe to show. */
#ifndef TEXT_H
#define TEXT_H

#include <stdio.h>

void text_plain(FILE *out, const char *text);
void text_json(FILE *out, const char *text);

#endif
