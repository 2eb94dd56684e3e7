// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* luadrv run, spawn, check: what takes scripts. */
#include "command/script.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

int run_main(int argc, char **argv)
{
	struct sink sink = { 0 };
	struct script script;
	struct session s;
	int err, number;

	err = script_parse(&script, argc, argv, SCRIPT_GIVEN);
	if (err)
		return err;
	if (session_open(&s, &script.options) || script_load(&script, &s, NULL))
		return FAILED;
	err = session_run(&s, LUADRV_LAST, &sink, &number);
	if (number)
		die_of(number);
	return script_status(&script, &sink, err);
}

/* Whether it compiles; tells what is wrong with it. */
static int check(struct script *script, struct sink *copy)
{
	struct sink sink = { 0 };
	struct session s;
	int err;

	if (session_open(&s, &script->options))
		return FAILED;
	err = script_load(script, &s, copy) ? FAILED : 0;
	if (!err)
		err = script_status(script, &sink, session_check(&s, &sink));
	session_close(&s);
	return err;
}

/* It is compiled twice: what is wrong with it should be told here, not in a log. */
int spawn_main(int argc, char **argv)
{
	struct sink text = { 0 };
	struct script script;
	struct session s;
	int err, id;

	err = script_parse(&script, argc, argv, SCRIPT_GIVEN);
	if (!err)
		err = check(&script, &text);
	if (err)
		return err;
	if (session_open(&s, &script.options))
		return FAILED;
	id = session_write(&s, text.text, text.len) ? -1 : ioctl(s.fd, LUADRV_SPAWN);
	if (id < 0) {
		complain("%s: %s", script.options.name, strerror(errno));
		return FAILED;
	}
	printf("%d\n", id);
	return finish_output();
}

int check_main(int argc, char **argv)
{
	char *one[] = { argv[0], "--", NULL, NULL };
	struct script script;
	int err = 0;

	if (getopt(argc, argv, "+") >= 0)
		return try_help();
	if (optind == argc) {
		complain("check what? FILE...");
		return try_help();
	}
	for (argv += optind; *argv; argv++) {
		one[2] = *argv;
		optind = 0;
		err |= script_parse(&script, 3, one, SCRIPT_GIVEN) || check(&script, NULL);
	}
	return err ? FAILED : 0;
}
