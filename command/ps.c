// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* luadrv ps: what runs. */
#include "command/command.h"
#include "command/table.h"

#include <getopt.h>
#include <unistd.h>

int ps_main(int argc, char **argv)
{
	static const struct option names[] = {
		{ "json", no_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 }
	};
	bool json = false;
	struct table t;
	int option;

	while ((option = getopt_long(argc, argv, "+", names, NULL)) >= 0) {
		if (option != 'j')
			return try_help();
		json = true;
	}
	if (optind < argc) {
		complain("ps takes no arguments");
		return try_help();
	}
	if (table_read(&t))
		return FAILED;
	if (json)
		table_json(&t, stdout);
	else
		table_show(&t, stdout, isatty(STDOUT_FILENO));
	table_free(&t);
	return finish_output();
}
