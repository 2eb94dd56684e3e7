// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The table of all scripts, for people and for programs. */
#include "command/command.h"
#include "command/number.h"
#include "command/table.h"
#include "command/text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static bool one_of(const char *name, const char *const *names)
{
	for (; *names; names++)
		if (!strcmp(name, *names))
			return true;
	return false;
}

/* A field as it is shown; @room is for those that are written anew. */
static const char *shown(const struct table *t, size_t line, size_t column, bool human,
			 char *room, size_t size)
{
	static const char *const bytes[] = { "MEMORY", "PEAK", "RECEIVED", "SENT", NULL };
	const char *cell = t->cells[line * t->columns + column];

	if (!line || !human || !one_of(t->cells[column], bytes) || !isdigit((unsigned char)*cell))
		return cell;
	number_human(strtoull(cell, NULL, 10), room, size);
	return room;
}

static int width_of(const struct table *t, size_t column, bool human)
{
	size_t width = 0, line, len;
	char room[32];

	for (line = 0; line <= t->rows; line++) {
		len = strlen(shown(t, line, column, human, room, sizeof(room)));
		if (len > width)
			width = len;
	}
	return width;
}

/* In columns; sizes in few characters if @human. */
void table_show(const struct table *t, FILE *out, bool human)
{
	static const char *const words[] = { "STATE", "WAIT", NULL };
	int *widths = must(calloc(t->columns + 1, sizeof(*widths)));
	const char *cell;
	size_t line, i;
	char room[32];

	for (i = 0; i + 1 < t->columns; i++) {
		widths[i] = width_of(t, i, human);
		if (one_of(t->cells[i], words))
			widths[i] = -widths[i];
	}
	for (line = 0; t->columns && line <= t->rows; line++) {
		for (i = 0; i + 1 < t->columns; i++) {
			cell = shown(t, line, i, human, room, sizeof(room));
			fprintf(out, "%*s ", widths[i], cell);
		}
		text_plain(out, t->cells[line * t->columns + i]);
		putc('\n', out);
	}
	free(widths);
}

static void json_field(const struct table *t, char **row, size_t column, FILE *out)
{
	const char *cell = row[column], *c;

	putc('"', out);
	for (c = t->cells[column]; *c; c++)
		putc(tolower((unsigned char)*c), out);
	fputs("\": ", out);
	if (!table_is_name(t, column) && table_is_number(cell))
		fputs(cell, out);
	else if (!table_is_name(t, column) && !strcmp(cell, "-"))
		fputs("null", out);
	else
		text_json(out, cell);
}

/* An array of objects, one a line. What is not there is null. */
void table_json(const struct table *t, FILE *out)
{
	size_t row, i;

	putc('[', out);
	for (row = 0; row < t->rows; row++) {
		fputs(row ? ",\n {" : "\n {", out);
		for (i = 0; i < t->columns; i++) {
			if (i)
				fputs(", ", out);
			json_field(t, table_row(t, row), i, out);
		}
		putc('}', out);
	}
	fputs(t->rows ? "\n]\n" : "]\n", out);
}
