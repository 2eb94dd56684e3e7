// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* What takes the place of the core's floating-point arithmetic. */
#include <string.h>

#include "ldebug.h"
#include "lobject.h"

/* Always an error, even where it would be exact: programs must not depend on their data for that. */
long long luaport_div(lua_State *L, long long a, long long b)
{
	(void)a;
	(void)b;
	luaG_runerror(L, "attempt to divide with '/', which gives a float; use '//' (the kernel has integers only)");
	return 0;
}

long long luaport_pow(lua_State *L, long long base, long long exp)
{
	unsigned long long result = 1, b = (unsigned long long)base;

	if (exp < 0)
		luaG_runerror(L, "attempt to raise to a negative power, which gives a float (the kernel has integers only)");
	for (; exp > 0; exp >>= 1) {
		if (exp & 1)
			result *= b;
		b *= b;
	}
	return (long long)result;
}

/* Skips the digits of a numeral's part; false if it has none. */
static bool skip_digits(const char **p, const char *digits)
{
	size_t n = strspn(*p, digits);

	*p += n;
	return n > 0;
}

/* Whether a numeral that is no integer would be a float elsewhere. */
static bool is_float(const char *p)
{
	bool hex = p[0] == '0' && (p[1] == 'x' || p[1] == 'X');
	const char *digits = hex ? "0123456789abcdefABCDEF" : "0123456789";
	bool mantissa;

	if (hex)
		p += 2;
	mantissa = skip_digits(&p, digits);
	if (*p == '.') {
		p++;
		mantissa |= skip_digits(&p, digits);
	}
	if (*p && strchr(hex ? "pP" : "eE", *p)) {
		p++;
		if (*p == '+' || *p == '-')
			p++;
		if (!skip_digits(&p, "0123456789"))
			return false;
	}
	return mantissa && *p == '\0';
}

const char *luai_badnumeral(const char *numeral)
{
	if (numeral[strspn(numeral, "0123456789")] == '\0')
		return "integer too large";
	if (is_float(numeral))
		return "float literal (the kernel has integers only)";
	return "malformed number";
}
