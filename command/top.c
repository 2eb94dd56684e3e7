// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* luadrv top: what runs, again and again, the busiest first. */
#include "command/command.h"
#include "command/table.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

/* How much of a processor each script had since the last look, and its fields. */
struct busy {
	double share;
	char percent[16];
	char **row;
};

static int busier(const void *a, const void *b)
{
	double x = ((const struct busy *)a)->share, y = ((const struct busy *)b)->share;

	return (x < y) - (x > y);
}

static double seconds(const struct table *t, size_t row, const char *column)
{
	return strtod(table_cell(t, row, column), NULL);
}

/* CPU time by time, both since @before, or since the script began. */
static double share_of(const struct table *t, size_t row, const struct table *before)
{
	double cpu = seconds(t, row, "CPU"), age = seconds(t, row, "AGE");
	size_t old;

	for (old = 0; old < before->rows; old++) {
		if (strcmp(table_cell(before, old, "ID"), table_cell(t, row, "ID")))
			continue;
		cpu -= seconds(before, old, "CPU");
		age -= seconds(before, old, "AGE");
		break;
	}
	return age > 0 && cpu > 0 ? cpu / age * 100 : 0;
}

/* A row for the screen, where names shall be seen: without PARENT, with one more. */
static size_t pick(const struct table *t, char **from, char *percent, char **to)
{
	size_t i, n = 0;

	for (i = 0; i + 1 < t->columns; i++)
		if (strcmp(t->cells[i], "PARENT"))
			to[n++] = from[i];
	to[n++] = percent;
	to[n++] = from[i];
	return n;
}

/* The table sorted by use. Its cells are the fields of @t, so it goes with it. */
static struct table sorted(const struct table *t, struct busy *busy, const struct table *before)
{
	struct table out = { .rows = t->rows };
	size_t row;

	for (row = 0; row < t->rows; row++) {
		busy[row].share = share_of(t, row, before);
		busy[row].row = table_row(t, row);
		snprintf(busy[row].percent, sizeof(busy->percent), "%.1f", busy[row].share);
	}
	qsort(busy, t->rows, sizeof(*busy), busier);
	out.cells = must(calloc((t->columns + 1) * (t->rows + 1), sizeof(*out.cells)));
	out.columns = pick(t, t->cells, "%CPU", out.cells);
	for (row = 0; row < t->rows; row++)
		pick(t, busy[row].row, busy[row].percent, out.cells + (row + 1) * out.columns);
	return out;
}

/* What fits on the screen, from its first line on; the cursor takes the last one. */
static void on_screen(char *text, const struct winsize *size)
{
	unsigned int lines = 0;
	char *line;

	fputs("\033[H", stdout);
	while ((line = strsep(&text, "\n")) && text && lines + 1 < size->ws_row) {
		printf("%.*s\033[K\n", size->ws_col, line);
		if (!lines++ && lines + 1 < size->ws_row) {
			fputs("\033[K\n", stdout);
			lines++;
		}
	}
	fputs("\033[J", stdout);
}

static void show(const struct table *t, const struct table *before)
{
	struct winsize size;
	struct busy *busy = must(calloc(t->rows + 1, sizeof(*busy)));
	bool terminal = isatty(STDOUT_FILENO);
	struct table view = sorted(t, busy, before);
	char *text = NULL;
	size_t len, scripts;
	FILE *out = must(open_memstream(&text, &len));

	scripts = table_scripts(t);
	fprintf(out, "%zu script%s\n", scripts, scripts == 1 ? "" : "s");
	table_show(&view, out, terminal);
	fclose(out);
	if (terminal) {
		if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_row || !size.ws_col)
			size = (struct winsize){ .ws_row = 24, .ws_col = 80 };
		on_screen(text, &size);
	} else {
		fputs(text, stdout);
	}
	free(text);
	free(view.cells);
	free(busy);
}

static int watch(double delay, unsigned long times)
{
	struct timespec pause = { delay, (delay - (time_t)delay) * 1000000000 };
	struct table now, before = { 0 };
	unsigned long i;

	if (isatty(STDOUT_FILENO))
		fputs("\033[2J", stdout);
	for (i = 0; !times || i < times; i++) {
		if (i) {
			nanosleep(&pause, NULL);
			if (!isatty(STDOUT_FILENO))
				putchar('\n');
		}
		if (table_read(&now))
			return FAILED;
		if (now.columns)
			show(&now, &before);
		table_free(&before);
		before = now;
		if (finish_output())
			return FAILED;
	}
	table_free(&before);
	return 0;
}

int top_main(int argc, char **argv)
{
	unsigned long times = 0;
	double delay = 1;
	int option;
	char *end = "";

	while ((option = getopt(argc, argv, "+d:n:")) >= 0) {
		if (option == 'd')
			delay = strtod(optarg, &end);
		else if (option == 'n')
			times = strtoul(optarg, &end, 10);
		else
			return try_help();
		if (end == optarg || *end || !(delay >= 0.01 && delay <= 86400) ||
		    (option == 'n' && (!times || *optarg == '-'))) {
			complain("-%c %s: not a number that makes sense", option, optarg);
			return try_help();
		}
	}
	if (optind < argc) {
		complain("top takes no arguments");
		return try_help();
	}
	return watch(delay, times);
}
