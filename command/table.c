// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The table of all scripts, as the device gives it. */
#include "command/table.h"
#include "command/session.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Cuts a field off; the last one of a line is the rest of it, since names may have spaces. */
static char *field(char **line, bool last)
{
	char *at = *line + strspn(*line, " \t");
	size_t len = last ? strlen(at) : strcspn(at, " \t");

	*line = at + len;
	if (**line)
		*(*line)++ = '\0';
	return at;
}

static size_t count_fields(const char *line)
{
	size_t n = 0;

	for (;;) {
		line += strspn(line, " \t");
		if (!*line)
			return n;
		line += strcspn(line, " \t");
		n++;
	}
}

/* Takes @text, a header line and lines of fields. */
void table_parse(struct table *t, char *text)
{
	size_t lines = 1, i, n = 0;
	char *line, *at;

	for (at = text; *at; at++)
		lines += *at == '\n';
	*t = (struct table){ .text = text };
	while ((line = strsep(&text, "\n"))) {
		if (!*line)
			continue;
		if (!t->cells) {
			t->columns = count_fields(line);
			t->cells = must(calloc(lines * t->columns + 1, sizeof(*t->cells)));
		}
		for (i = 0; i < t->columns; i++)
			t->cells[n * t->columns + i] = field(&line, i + 1 == t->columns);
		n++;
	}
	t->rows = n ? n - 1 : 0;
}

/* The table now; 0, or -1 after a complaint. */
int table_read(struct table *t)
{
	struct sink text = { 0 };
	int fd = device_open(O_RDONLY);
	char piece[16384];
	ssize_t n;

	if (fd < 0)
		return -1;
	sink_keep(&text, "", 0);
	do {
		n = read(fd, piece, sizeof(piece));
		if (n > 0)
			sink_keep(&text, piece, n);
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		complain("the table of scripts: %s", strerror(errno));
	close(fd);
	if (n < 0)
		free(text.text);
	else
		table_parse(t, text.text);
	return n < 0 ? -1 : 0;
}

void table_free(struct table *t)
{
	free(t->cells);
	free(t->text);
}

/* The fields of row 0, 1, ... */
char **table_row(const struct table *t, size_t row)
{
	return t->cells + (row + 1) * t->columns;
}

/* The field of a row in the column of this name; "" if there is no such column. */
char *table_cell(const struct table *t, size_t row, const char *column)
{
	static char none[1];
	size_t i;

	for (i = 0; i < t->columns; i++)
		if (!strcmp(t->cells[i], column))
			return table_row(t, row)[i];
	return none;
}

/* The last column has names, whatever they look like. */
bool table_is_name(const struct table *t, size_t column)
{
	return column + 1 == t->columns;
}

/* Whether JSON would take it for a number: 0, -12, 3.250 */
bool table_is_number(const char *text)
{
	text += *text == '-';
	if (!isdigit((unsigned char)*text) || (*text == '0' && isdigit((unsigned char)text[1])))
		return false;
	text += strspn(text, "0123456789");
	if (*text != '.')
		return !*text;
	return text[1] && !text[1 + strspn(text + 1, "0123456789")];
}

/* Whether @text is the number of a script. */
bool table_id(const char *text, uint32_t *id)
{
	unsigned long long value;

	if (!*text || text[strspn(text, "0123456789")])
		return false;
	errno = 0;
	value = strtoull(text, NULL, 10);
	*id = value;
	return !errno && value && value <= UINT32_MAX;
}

/* A thread has the name of its script, and ends with it. */
static bool is_script(const struct table *t, size_t row)
{
	return *table_cell(t, row, "PARENT") == '-';
}

/* How many rows are scripts, not threads of them. */
size_t table_scripts(const struct table *t)
{
	size_t row, n = 0;

	for (row = 0; row < t->rows; row++)
		n += is_script(t, row);
	return n;
}

/* A name fits if it is the one wanted or, if @loose, a path to it, with or without ".lua". */
static bool fits(const char *name, const char *wanted, bool loose)
{
	const char *base = strrchr(name, '/');
	size_t len = strlen(wanted);

	if (!loose)
		return !strcmp(name, wanted);
	base = base ? base + 1 : name;
	return !strncmp(base, wanted, len) && (!base[len] || !strcmp(base + len, ".lua"));
}

/*
 * Which scripts are meant by a number or a name. @ids has room for all rows;
 * returns how many it took.
 */
size_t table_find(const struct table *t, const char *wanted, uint32_t *ids)
{
	bool number = table_id(wanted, ids);
	size_t n = 0, row;
	int loose;

	for (loose = 0; loose < 2 && !n; loose++)
		for (row = 0; row < t->rows; row++)
			if (number ? !strcmp(table_cell(t, row, "ID"), wanted) :
				     is_script(t, row) &&
				     fits(table_cell(t, row, "NAME"), wanted, loose))
				n += table_id(table_cell(t, row, "ID"), &ids[n]);
	return n;
}
