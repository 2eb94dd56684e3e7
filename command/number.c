// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Numbers as people write them: 16M, 1e9. */
#include "command/number.h"

#include <stdio.h>
#include <string.h>

static bool times(uint64_t *value, uint64_t factor)
{
	return !__builtin_mul_overflow(*value, factor, value);
}

/* Decimal digits; @text then points behind them. */
static bool digits(const char **text, uint64_t *value)
{
	const char *p = *text;

	*value = 0;
	for (; *p >= '0' && *p <= '9'; p++)
		if (!times(value, 10) || __builtin_add_overflow(*value, *p - '0', value))
			return false;
	if (p == *text)
		return false;
	*text = p;
	return true;
}

/* K, M, G, T or nothing, and then the end. */
static bool unit(const char *text, uint64_t step, uint64_t *value)
{
	static const char units[] = "KMGT";
	const char *at;

	if (!*text)
		return true;
	at = strchr(units, *text == 'k' ? 'K' : *text);
	if (!at || text[1])
		return false;
	for (; at >= units; at--)
		if (!times(value, step))
			return false;
	return true;
}

/* Bytes, such as 4096, 64K, 16M, 1G; from 1 to @max. */
bool number_size(const char *text, uint64_t max, uint64_t *value)
{
	return digits(&text, value) && unit(text, 1024, value) && *value && *value <= max;
}

/* A count, such as 1000, 10K, 5M or 1e9; from 1 to @max. */
bool number_count(const char *text, uint64_t max, uint64_t *value)
{
	uint64_t exponent = 0;

	if (!digits(&text, value))
		return false;
	if (*text == 'e' || *text == 'E') {
		text++;
		/* 64 bits have 20 digits. */
		if (!digits(&text, &exponent) || *text || exponent > 19)
			return false;
		while (exponent--)
			if (!times(value, 10))
				return false;
	}
	return unit(text, 1000, value) && *value && *value <= max;
}

/* Bytes in few characters: 512, 1.5K, 64M. */
void number_human(uint64_t bytes, char *text, size_t size)
{
	static const char units[] = " KMGTPE";
	unsigned int i = 0;
	uint64_t tenths;

	while (bytes >> 10 * i >= 1024)
		i++;
	/* Two shifts, so that the product cannot overflow. */
	tenths = i ? ((bytes >> 10 * (i - 1)) * 10) >> 10 : 0;
	if (!i)
		snprintf(text, size, "%llu", (unsigned long long)bytes);
	else if (tenths < 100 && tenths % 10)
		snprintf(text, size, "%u.%u%c", (unsigned int)tenths / 10, (unsigned int)tenths % 10, units[i]);
	else
		snprintf(text, size, "%u%c", (unsigned int)tenths / 10, units[i]);
}
