// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* luadrv report: what a load measured, as a page that needs no other file. */
#include "command/command.h"
#include "command/json.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* page.S: the page, with PLACE where the result belongs. */
extern const char report_page[], report_page_end[];

#define PLACE	"RESULT"

/* What a result of the library load has at least: members of its JSON, the first columns of its CSV. */
static const char *const members[] = { "workload", "options", "throughput", "snapshots", NULL };
static const char columns[] = "tid,flow_id,time,";

/* The whole file, to be freed whatever comes of it; 0, or -1 after a complaint. */
static int read_all(const char *path, char **text, size_t *len)
{
	FILE *file = strcmp(path, "-") ? fopen(path, "re") : stdin;
	size_t room = 0;
	ssize_t n = -1;
	int err = 0;

	/* A result has no NUL; of another file the first part will do. */
	*text = NULL;
	if (file)
		n = getdelim(text, &room, '\0', file);
	if (!*text || ferror(file)) {
		complain("%s: %s", path, strerror(errno));
		err = -1;
	} else if (n < 0) {
		n = **text = 0;
	}
	if (file && file != stdin)
		fclose(file);
	*len = n;
	return err;
}

static size_t commas(const char *text, const char *end)
{
	size_t n = 0;

	while (text < end)
		n += *text++ == ',';
	return n;
}

/* Lines of numbers, one at least, and as many in each as the first line has names. */
static bool is_csv(const char *text)
{
	const char *end = strchr(text, '\n');
	size_t names;

	if (!end || strncmp(text, columns, strlen(columns)) || memchr(text, '<', end - text))
		return false;
	names = commas(text, end);
	do {
		text = end + 1;
		end = text + strspn(text, "0123456789.,-");
		if ((*end && *end != '\n') || commas(text, end) != names)
			return false;
	} while (*end && end[1]);
	return true;
}

/* Nothing in it can end the element that it stands in: in JSON, < is in strings only. */
static void put(const char *text, size_t len)
{
	const char *end = text + len;
	size_t n;

	while (text < end) {
		n = strcspn(text, "<");
		fwrite(text, 1, n, stdout);
		text += n;
		if (text < end) {
			fputs("\\u003c", stdout);
			text++;
		}
	}
}

/* The page with the text in it; the exit status. */
static int report(const char *path, const char *text, size_t len)
{
	const char *at = memmem(report_page, report_page_end - report_page, PLACE, strlen(PLACE));

	if (!json_object_has(text, len, members) && !is_csv(text)) {
		complain("%s: this is neither JSON nor CSV of a load's result", path);
		return FAILED;
	}
	fwrite(report_page, 1, at - report_page, stdout);
	put(text, len);
	at += strlen(PLACE);
	fwrite(at, 1, report_page_end - at, stdout);
	return finish_output();
}

int report_main(int argc, char **argv)
{
	size_t len;
	char *text;
	int err;

	if (getopt(argc, argv, "+") >= 0)
		return try_help();
	if (optind != argc - 1) {
		complain("report of what? One FILE, or - for standard input");
		return try_help();
	}
	err = read_all(argv[optind], &text, &len) ? FAILED : report(argv[optind], text, len);
	free(text);
	return err;
}
