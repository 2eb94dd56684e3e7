/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The table of all scripts, as the device gives it and as people see it. */
#ifndef TABLE_H
#define TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * struct table - lines of fields
 * @text: what the fields point into
 * @columns: how many fields a line has
 * @rows: how many lines, without the header
 * @cells: the fields, the header's first
 */
struct table {
	char *text;
	size_t columns;
	size_t rows;
	char **cells;
};

int table_read(struct table *t);
void table_parse(struct table *t, char *text);
void table_free(struct table *t);
char *table_cell(const struct table *t, size_t row, const char *column);
char **table_row(const struct table *t, size_t row);
bool table_is_name(const struct table *t, size_t column);
bool table_is_number(const char *text);
size_t table_scripts(const struct table *t);
size_t table_find(const struct table *t, const char *wanted, uint32_t *ids);
bool table_id(const char *text, uint32_t *id);

/* show.c */
void table_show(const struct table *t, FILE *out, bool human);
void table_json(const struct table *t, FILE *out);

#endif
