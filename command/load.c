// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* luadrv load: a workload without a script, and the files that its options ask for. */
#include "command/script.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* struct product - a file: which option names it, and code that prints what belongs into it */
static const struct product {
	const char *option;
	const char *code;
} products[] = {
	{ "all_samples", "print(result:csv())" },
	{ "log_rtt",
	  "local comma = result.options.log_rtt:find('%.csv$') and ','\n"
	  "for line in result:rtt_lines(comma) do print(line) end" },
};

/* Prints the value of an option, if there is to be a run. What is wrong with any of them is told when it begins. */
static const char ask[] =
	"local ok, opt = pcall(require('load.options').parse, { table.unpack(arg) })\n"
	"if ok and opt.%1$s and not (opt.dry_run or opt.help or opt.version) then print(opt.%1$s) end";

/* A run that failed has no result. */
static const char tell[] = "local result = require('load').result() if result then %1$s end";

/* struct output - a file that is wanted, or NULL, and its descriptor */
struct output {
	char *name;
	int fd;
};

/* Runs a text with a word in it; 0, or -1 after a complaint about @what. */
static int run_text(struct session *s, const char *form, const char *word, struct sink *sink, const char *what)
{
	int number, err;
	char *text;

	if (asprintf(&text, form, word) < 0)
		text = NULL;
	err = session_write(s, must(text), strlen(text)) ? -errno : 0;
	free(text);
	if (!err) {
		err = session_run(s, LUADRV_RUN, sink, &number);
		if (number)
			die_of(number);
	}
	if (err && !sink->errors)
		complain("%s: %s", what, strerror(-err));
	return err ? -1 : 0;
}

/* Opens the file, if there is to be one: that it cannot be written is told before the run. */
static int open_output(struct session *s, const struct product *product, struct output *output)
{
	struct sink sink = { .keep = LUADRV_OUTPUT };

	if (run_text(s, ask, product->option, &sink, "load"))
		return -1;
	if (!sink.len)
		return 0;
	output->name = sink.text;
	output->name[sink.len - 1] = '\0';
	output->fd = open(output->name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (output->fd >= 0)
		return 0;
	complain("%s: %s", output->name, strerror(errno));
	return -1;
}

static int write_output(struct session *s, const struct product *product, const struct output *output)
{
	struct sink sink = { .file = output->name, .fd = output->fd };

	if (!output->name)
		return 0;
	if (run_text(s, tell, product->code, &sink, output->name))
		return -1;
	if (!close(output->fd))
		return 0;
	complain("%s: %s", output->name, strerror(errno));
	return -1;
}

/* Runs what was written; the exit status. @number: the signal that came, or 0. */
static int run(struct session *s, const struct script *script, unsigned long call, int *number)
{
	struct sink sink = { 0 };
	int err = session_run(s, call, &sink, number);

	/* A run that the signal only ended early has a result. */
	if (*number && err)
		die_of(*number);
	return script_status(script, &sink, err);
}

int load_main(int argc, char **argv)
{
	struct output outputs[ARRAY_SIZE(products)] = { 0 };
	struct script script;
	struct session s;
	int status, last, number, later;
	size_t i;

	status = script_parse(&script, argc, argv, SCRIPT_LOAD);
	if (status)
		return status;
	if (session_open(&s, &script.options))
		return FAILED;
	for (i = 0; i < ARRAY_SIZE(products); i++)
		if (open_output(&s, &products[i], &outputs[i]))
			return FAILED;
	if (script_load(&script, &s, NULL))
		return FAILED;
	status = run(&s, &script, LUADRV_RUN, &number);
	for (i = 0; i < ARRAY_SIZE(products); i++)
		if (write_output(&s, &products[i], &outputs[i]))
			status = FAILED;
	last = run(&s, &script, LUADRV_LAST, &later);
	if (number || later)
		die_of(number ? number : later);
	return status ? status : last;
}
