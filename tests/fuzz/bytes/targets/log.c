// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * What a script prints arrives in the kernel's log: the records, joined, are
 * the text with its control characters as escapes.
 */
#include "kernel/kernel.h"
#include "driver/runtime.h"
#include "fuzz.h"

const enum fuzz_setup target_setup = FUZZ_SETUP_NONE;

#define PREFIX	"luadrv: x[7]: "

static struct fuzz_input left;
static unsigned int records;
static bool line_open;

/* Takes what one byte of the text must look like; false if @text is at its end. */
static bool take(const char **text, u8 byte)
{
	char want[8];
	size_t n;

	if ((byte < ' ' && byte != '\t') || byte == 127)
		n = sprintf(want, "\\%d", byte);
	else
		n = sprintf(want, "%c", byte);
	if (strncmp(*text, want, n))
		return false;
	*text += n;
	return true;
}

static void on_record(char level, const char *text, size_t len)
{
	const char *end = text + len;

	world_check(!strncmp(text, PREFIX, strlen(PREFIX)), "prefix");
	world_check(len < 600, "a record is too long");
	world_check(!memchr(text, '\n', len), "a record of two lines");
	text += strlen(PREFIX);
	while (left.left && *left.data != '\n' && take(&text, *left.data))
		fuzz_byte(&left);
	world_check(text == end, "a record with something else");
	/* Where the record is full the line goes on, otherwise it ends. */
	if (left.left && *left.data == '\n')
		fuzz_byte(&left);
	else
		world_check(!left.left || len > 500, "a record ends within a line");
	records++;
}

static void log_all(enum luadrv_log_level level, const struct fuzz_input *in)
{
	struct luadrv_runtime rt = { .name = "x", .pid = 7 };

	left = *in;
	/* The end of what is printed is the end of a record. */
	if (level == LUADRV_LOG_PRINT && left.left && left.data[left.left - 1] == '\n')
		left.left--;
	records = 0;
	luadrv_log(&rt, level, (const char *)in->data, in->left);
}

void target_run(struct fuzz_input *in)
{
	world.record = on_record;
	log_all(LUADRV_LOG_PRINT, in);
	world_check(!left.left, "not everything arrived");
	world.record = on_record;
	log_all(LUADRV_LOG_ERROR, in);
	world_check(!left.left || records == 100 || in->left - left.left == SZ_16K,
		    "an error is cut short");
}
