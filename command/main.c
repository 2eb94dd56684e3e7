// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* luadrv: runs Lua in the kernel, and looks after what runs there. */
#include "command/command.h"

#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *name;
	int (*main)(int argc, char **argv);
} commands[] = {
	{ "run", run_main },
	{ "spawn", spawn_main },
	{ "ps", ps_main },
	{ "top", top_main },
	{ "log", log_main },
	{ "stop", stop_main },
	{ "repl", repl_main },
	{ "check", check_main },
	{ "load", load_main },
	{ "report", report_main },
};

static const char help[] =
	"Usage: luadrv                                        a prompt for Lua in the kernel\n"
	"       luadrv run [OPTION]... SCRIPT [--] [ARG]...   run a script\n"
	"       luadrv spawn [OPTION]... SCRIPT [--] [ARG]... run it detached; print its number\n"
	"       luadrv ps [--json]                            list what runs\n"
	"       luadrv top [-d SECONDS] [-n TIMES]            watch what runs\n"
	"       luadrv log [-f] ID|NAME                       what a detached script printed last\n"
	"       luadrv stop ID|NAME...|--all                  stop scripts\n"
	"       luadrv repl [OPTION]... [ARG]...              a prompt, with options\n"
	"       luadrv check FILE...                          find errors of syntax\n"
	"       luadrv load [--json|--csv] [OPTION]... WORKLOAD [ARG]...\n"
	"                                                     run tcp_rr, tcp_crr, tcp_stream, udp_rr or udp_stream\n"
	"       luadrv report FILE                            make a page of what load --json or --csv printed\n"
	"\n"
	"SCRIPT is FILE, - for standard input, or -e CODE. OPTION is one of:\n"
	"  --memory SIZE         what it may hold, such as 16M\n"
	"  --instructions COUNT  what it may execute, such as 1e9\n"
	"  --sockets COUNT       how many it may hold\n"
	"  --output SIZE         how much of what it prints is kept\n"
	"  --stack SIZE          how deep it may call: of the 16K of a kernel stack, 10K at most\n"
	"  --max-script SIZE     how long its text and each of its modules may be, such as 4M\n"
	"  --name NAME           what it is called; without, FILE\n"
	"\n"
	"The exit status is 0, 1 if something failed, 2 if the command line is wrong.\n"
	"man luadrv tells more.\n";

/*
 * Standard files that are closed become ones that cannot be used, so that no
 * other file gets their numbers.
 */
static void fill_standard_files(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (fd == STDIN_FILENO) {
			close(fd);
			fd = open("/dev/null", O_WRONLY);
		} else if (fd == STDOUT_FILENO || fd == STDERR_FILENO) {
			close(fd);
			fd = open("/dev/null", O_RDONLY);
		}
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0)
		_exit(FAILED);
	close(fd);
}

/*
 * The first line "#!/usr/sbin/luadrv run --memory 1M" gives one argument for
 * what follows the path. argv with its words instead.
 */
static char **split_first(int *argc, char **argv)
{
	char *words = strdup(argv[1]), *word, *rest = words;
	char **out;
	int n = 1;

	out = must(calloc(*argc + strlen(argv[1]) + 1, sizeof(*out)));
	must(words);
	out[0] = argv[0];
	while ((word = strsep(&rest, " \t")))
		if (*word)
			out[n++] = word;
	memcpy(out + n, argv + 2, (*argc - 1) * sizeof(*out));
	*argc += n - 2;
	return out;
}

static int dispatch(int argc, char **argv)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(argv[1], commands[i].name))
			continue;
		argv[1] = "luadrv";
		return commands[i].main(argc - 1, argv + 1);
	}
	complain("there is no command '%s'", argv[1]);
	return try_help();
}

int main(int argc, char **argv)
{
	fill_standard_files();
	setlocale(LC_CTYPE, "");
	if (argc < 2)
		return repl_main(1, (char *[]){ "luadrv", NULL });
	if (!strncmp(argv[1], "run ", 4) || !strncmp(argv[1], "spawn ", 6))
		argv = split_first(&argc, argv);
	if (!strcmp(argv[1], "help") || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		fputs(help, stdout);
		return finish_output();
	}
	return dispatch(argc, argv);
}
