// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * C's snprintf() for what Lua formats: one conversion of an integer, a
 * character, a string or a pointer, with flags, width and precision as the C
 * standard has them. The kernel's own vsnprintf() differs from C in what 0, #
 * and a precision of zero mean, and warns at conversions that it lacks.
 */
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/types.h>

#include "port.h"

/* One conversion specification, "%-08.3lld" taken apart. */
struct spec {
	bool left, plus, space, alt, zero;
	int width;
	int precision;		/* -1: none given */
	bool wide;		/* ll: the argument is 64 bits */
	char conversion;
};

/* The output: counts what does not fit as well, as snprintf() does. */
struct sink {
	char *buf;
	size_t size;
	size_t used;
};

static void put(struct sink *out, char c)
{
	if (out->used + 1 < out->size)
		out->buf[out->used] = c;
	out->used++;
}

static void fill(struct sink *out, char c, int n)
{
	while (n-- > 0)
		put(out, c);
}

static void put_bytes(struct sink *out, const char *s, int n)
{
	while (n-- > 0)
		put(out, *s++);
}

static const char *scan_number(const char *p, int *n)
{
	for (*n = 0; *p >= '0' && *p <= '9'; p++)
		if (*n < 10000)
			*n = *n * 10 + (*p - '0');
	return p;
}

/* Parses what follows a '%'; returns what follows the conversion. */
static const char *scan(const char *p, struct spec *spec)
{
	memset(spec, 0, sizeof(*spec));
	spec->precision = -1;
	for (;; p++) {
		if (*p == '-')
			spec->left = true;
		else if (*p == '+')
			spec->plus = true;
		else if (*p == ' ')
			spec->space = true;
		else if (*p == '#')
			spec->alt = true;
		else if (*p == '0')
			spec->zero = true;
		else
			break;
	}
	p = scan_number(p, &spec->width);
	if (*p == '.')
		p = scan_number(p + 1, &spec->precision);
	while (*p == 'l') {
		spec->wide = true;
		p++;
	}
	spec->conversion = *p;
	return *p ? p + 1 : p;
}

/* The digits of @value, last first; returns how many. Zero has none. */
static int digits(char *to, u64 value, unsigned int base, bool upper)
{
	const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	int n = 0;

	for (; value; value /= base)
		to[n++] = set[value % base];
	return n;
}

static void put_number(struct sink *out, const struct spec *spec, u64 value,
		       unsigned int base, const char *prefix)
{
	char reversed[24];
	int n = digits(reversed, value, base, spec->conversion == 'X');
	int zeros = (spec->precision < 0 ? 1 : spec->precision) - n;
	int prefix_len = strlen(prefix);
	int pad;

	if (zeros < 0)
		zeros = 0;
	/* '#' makes an octal number start with a zero. */
	if (base == 8 && spec->alt && !zeros)
		zeros = 1;
	pad = spec->width - prefix_len - zeros - n;
	/* '0' fills the width with zeros unless '-' or a precision rules it out. */
	if (spec->zero && !spec->left && spec->precision < 0 && pad > 0) {
		zeros += pad;
		pad = 0;
	}
	if (!spec->left)
		fill(out, ' ', pad);
	put_bytes(out, prefix, prefix_len);
	fill(out, '0', zeros);
	while (n > 0)
		put(out, reversed[--n]);
	if (spec->left)
		fill(out, ' ', pad);
}

static void put_signed(struct sink *out, const struct spec *spec, s64 value)
{
	const char *sign = value < 0 ? "-" :
			   spec->plus ? "+" :
			   spec->space ? " " : "";

	put_number(out, spec, value < 0 ? -(u64)value : value, 10, sign);
}

static void put_unsigned(struct sink *out, const struct spec *spec, u64 value)
{
	bool hex = spec->conversion == 'x' || spec->conversion == 'X';
	unsigned int base = hex ? 16 : spec->conversion == 'o' ? 8 : 10;
	const char *prefix = !hex || !spec->alt || !value ? "" :
			     spec->conversion == 'x' ? "0x" : "0X";

	put_number(out, spec, value, base, prefix);
}

static void put_string(struct sink *out, const struct spec *spec,
		       const char *s, int len)
{
	if (!spec->left)
		fill(out, ' ', spec->width - len);
	put_bytes(out, s, len);
	if (spec->left)
		fill(out, ' ', spec->width - len);
}

/* Bytes of @s up to its NUL, at most the precision. */
static int string_length(const struct spec *spec, const char *s)
{
	return spec->precision < 0 ? strlen(s) : strnlen(s, spec->precision);
}

static void put_conversion(struct sink *out, const struct spec *spec,
			   va_list *args)
{
	char text[24];
	const char *s;

	switch (spec->conversion) {
	case 'd':
	case 'i':
		put_signed(out, spec, spec->wide ? va_arg(*args, long long) :
						   va_arg(*args, int));
		break;
	case 'u':
	case 'o':
	case 'x':
	case 'X':
		put_unsigned(out, spec,
			     spec->wide ? va_arg(*args, unsigned long long) :
					  va_arg(*args, unsigned int));
		break;
	case 'c':
		text[0] = va_arg(*args, int);
		put_string(out, spec, text, 1);
		break;
	case 's':
		s = va_arg(*args, const char *);
		put_string(out, spec, s, string_length(spec, s));
		break;
	case 'p':
		put_number(out, spec, luaport_pointer_id(va_arg(*args, void *)),
			   16, "0x");
		break;
	case '%':
		put(out, '%');
		break;
	}
}

/**
 * luaport_snprintf() - format as C's snprintf() does
 * @buf: where the text goes, with a final NUL
 * @size: room in @buf
 * @fmt: with d i u o x X c s p %, their flags, width, precision, l and ll
 *
 * Context: Any.
 * Return: the length of the whole text, even where it does not fit.
 */
int luaport_snprintf(char *buf, size_t size, const char *fmt, ...)
{
	struct sink out = { .buf = buf, .size = size };
	struct spec spec;
	va_list args;

	va_start(args, fmt);
	while (*fmt) {
		if (*fmt != '%') {
			put(&out, *fmt++);
			continue;
		}
		fmt = scan(fmt + 1, &spec);
		put_conversion(&out, &spec, &args);
	}
	va_end(args);
	if (size)
		buf[min(out.used, size - 1)] = '\0';
	return out.used;
}
