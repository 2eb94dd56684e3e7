// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Text of others, made safe to show: names of scripts may have any bytes. */
#include "command/text.h"

#include <stdbool.h>
#include <stdint.h>

#define REPLACEMENT "\357\277\275" /* U+FFFD */

/* The continuation bytes behind a first byte, or -1 if it is none. */
static int following(unsigned char c)
{
	if (c < 0x80)
		return 0;
	if (c >= 0xc2 && c < 0xe0)
		return 1;
	if (c >= 0xe0 && c < 0xf0)
		return 2;
	return c >= 0xf0 && c < 0xf5 ? 3 : -1;
}

/* The length of the character of UTF-8 at @text, or 0; @code is its number. */
static int character(const char *text, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	unsigned char c = text[0];
	int n = following(c), i;

	if (n < 0)
		return 0;
	*code = n ? c & (0x3f >> n) : c;
	for (i = 1; i <= n; i++) {
		c = text[i];
		if ((c & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (c & 0x3f);
	}
	if (*code < least[n] || *code > 0x10ffff || (*code >= 0xd800 && *code < 0xe000))
		return 0;
	return n + 1;
}

/* Control characters could drive a terminal. */
static bool control(uint32_t code)
{
	return code < ' ' || (code >= 0x7f && code < 0xa0);
}

/* As it is, but for what is no text. */
void text_plain(FILE *out, const char *text)
{
	uint32_t code;
	int len;

	for (; *text; text += len ? len : 1) {
		len = character(text, &code);
		if (!len || control(code))
			fputs(REPLACEMENT, out);
		else
			fwrite(text, 1, len, out);
	}
}

/* A string of JSON, with its quotes. */
void text_json(FILE *out, const char *text)
{
	uint32_t code;
	int len;

	putc('"', out);
	for (; *text; text += len ? len : 1) {
		len = character(text, &code);
		if (!len)
			fputs(REPLACEMENT, out);
		else if (control(code))
			fprintf(out, "\\u%04x", code);
		else if (code == '"' || code == '\\')
			fprintf(out, "\\%c", (int)code);
		else
			fwrite(text, 1, len, out);
	}
	putc('"', out);
}
