// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* A script as the command line names it: its options, its text, its arguments. */
#include "command/script.h"
#include "command/number.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As long as sessions' names are; of a longer one, the end tells more. */
static void set_name(struct script *script, const char *name)
{
	char *to = script->options.name;
	size_t len = strlen(name), room = sizeof(script->options.name) - 1;

	if (len > room)
		name += len - room;
	strcpy(to, name);
	if (len > room)
		memcpy(to, "...", 3);
}

static int set_number(const char *option, bool valid, const char *form)
{
	if (valid)
		return 0;
	complain("--%s: '%s' is not %s", option, optarg, form);
	return try_help();
}

static int set_limit(struct luadrv_options *o, int option)
{
	uint64_t value = 0;
	int err;

	switch (option) {
	case 'm':
		err = set_number("memory", number_size(optarg, INT64_MAX, &value), "a size such as 16M");
		o->memory = value;
		break;
	case 'i':
		err = set_number("instructions", number_count(optarg, INT64_MAX, &value), "a count such as 1e9");
		o->instructions = value;
		break;
	case 's':
		err = set_number("sockets", number_count(optarg, INT32_MAX, &value), "a count such as 1000");
		o->sockets = value;
		break;
	case 't':
		err = set_number("stack", number_size(optarg, LUADRV_STACK_MOST, &value), "a size up to 10K");
		o->stack = value;
		break;
	case 'x':
		err = set_number("max-script", number_size(optarg, INT32_MAX, &value), "a size such as 4M");
		o->max_script = value;
		break;
	case 'o':
		err = set_number("output", number_size(optarg, INT32_MAX, &value), "a size such as 64K");
		o->output = value;
		break;
	default:
		err = try_help();
	}
	return err;
}

/* The first ones are those of a load alone. */
#define LOAD_OPTIONS	3
static const struct option names[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "json", no_argument, NULL, 'j' },
	{ "csv", no_argument, NULL, 'c' },
	{ "memory", required_argument, NULL, 'm' },
	{ "instructions", required_argument, NULL, 'i' },
	{ "sockets", required_argument, NULL, 's' },
	{ "output", required_argument, NULL, 'o' },
	{ "stack", required_argument, NULL, 't' },
	{ "max-script", required_argument, NULL, 'x' },
	{ "name", required_argument, NULL, 'n' },
	{ NULL, 0, NULL, 0 }
};

/* What a load is: all is done by the library, which reads the arguments and prints what neper does. */
static const char load_lines[] = "require('load').run()";
static const char help_lines[] = "require('load').run{ help = true, table.unpack(arg) }";
/* The same with nothing printed but all of the result: no lines of progress. */
#define LOAD_AS(form) \
	"local words = { table.unpack(arg) }\n" \
	"words[#words + 1] = '--iostat_ms=0'\n" \
	"local result = require('load').run(words)\n" \
	"if result." form " then print(result:" form "()) end\n" \
	"require('load.script').judge(result)\n"

static int set_option(struct script *script, int option)
{
	const size_t most = sizeof(script->options.name) - 1;

	switch (option) {
	case 'e':
		script->code = optarg;
		return 0;
	case 'h':
		script->code = help_lines;
		return 0;
	case 'j':
		script->code = LOAD_AS("json");
		return 0;
	case 'c':
		script->code = LOAD_AS("csv");
		return 0;
	case 'n':
		if (!*optarg || strlen(optarg) > most) {
			complain("--name: one to %zu bytes", most);
			return try_help();
		}
		set_name(script, optarg);
		return 0;
	default:
		return set_limit(&script->options, option);
	}
}

/* The arguments as the device wants them, each with its NUL. */
static int set_args(struct script *script, char **args)
{
	size_t len = 0;
	char *text;
	char **a;

	for (a = args; *a; a++)
		len += strlen(*a) + 1;
	if (len > LUADRV_ARGS_SIZE) {
		complain("the script's arguments have %zu bytes, more than %d", len, LUADRV_ARGS_SIZE);
		return USAGE;
	}
	text = must(malloc(len + 1));
	script->options.args = (uintptr_t)text;
	script->options.args_size = len;
	for (a = args; *a; a++)
		text = stpcpy(text, *a) + 1;
	return 0;
}

static int set_default(struct script *script, const char *name, char **args)
{
	if (!script->options.name[0])
		set_name(script, name);
	return set_args(script, args);
}

/* Which script, and what is left of the command line for it, behind a "--" if there is one. */
static int set_source(struct script *script, int argc, char **argv)
{
	const char *name = "(command line)";

	if (!script->code) {
		if (optind == argc) {
			complain("which script? A FILE, - for standard input, or -e CODE");
			return try_help();
		}
		script->file = argv[optind++];
		name = strcmp(script->file, "-") ? script->file : "stdin";
		if (argv[optind] && !strcmp(argv[optind], "--"))
			optind++;
	}
	return set_default(script, name, argv + optind);
}

static int set_load(struct script *script, int argc, char **argv)
{
	if (optind == argc && script->code != help_lines) {
		complain("which workload? tcp_rr, tcp_crr, tcp_stream, udp_rr or udp_stream");
		return try_help();
	}
	if (!script->code)
		script->code = load_lines;
	if (optind < argc)
		argv[--optind] = "--workload";
	return set_default(script, "load", argv + optind);
}

/*
 * Takes the command line of the subcommands that run scripts. 0, or the exit
 * status after a complaint.
 */
int script_parse(struct script *script, int argc, char **argv, enum script_kind kind)
{
	int option, err;

	memset(script, 0, sizeof(*script));
	for (;;) {
		option = getopt_long(argc, argv, kind == SCRIPT_GIVEN ? "+e:" : kind == SCRIPT_LOAD ? "+h" : "+",
				     kind == SCRIPT_LOAD ? names : names + LOAD_OPTIONS, NULL);
		if (option < 0)
			break;
		err = set_option(script, option);
		if (err)
			return err;
	}
	switch (kind) {
	case SCRIPT_GIVEN:
		return set_source(script, argc, argv);
	case SCRIPT_LOAD:
		return set_load(script, argc, argv);
	default:
		return set_default(script, "repl", argv + optind);
	}
}

static int give(struct script *script, struct session *s, struct sink *copy, const char *text, size_t len)
{
	if (copy)
		sink_keep(copy, text, len);
	if (!session_write(s, text, len))
		return 0;
	complain("%s: %s%s", script->options.name, strerror(errno),
		 errno == EFBIG ? " (limit: module parameter max_script, --max-script)" : "");
	return -1;
}

/*
 * Writes the script's text into the session, and into @copy unless that is
 * NULL; 0, or -1 after a complaint.
 */
int script_load(struct script *script, struct session *s, struct sink *copy)
{
	int fd = STDIN_FILENO, err = 0;
	char piece[65536];
	ssize_t n;

	if (script->code)
		return give(script, s, copy, script->code, strlen(script->code));
	if (strcmp(script->file, "-"))
		fd = open(script->file, O_RDONLY | O_CLOEXEC);
	do {
		n = fd < 0 ? -1 : read(fd, piece, sizeof(piece));
		if (n > 0)
			err = give(script, s, copy, piece, n);
	} while (!err && (n > 0 || (n < 0 && fd >= 0 && errno == EINTR)));
	if (n < 0)
		complain("%s: %s", script->file, strerror(errno));
	if (fd > STDIN_FILENO)
		close(fd);
	return n < 0 ? -1 : err;
}

/* A script's end with what session_run() gave, told unless it told itself; the exit status. */
int script_status(const struct script *script, const struct sink *sink, int err)
{
	if (err >= 0)
		return err & ~LUADRV_EXIT;
	if (!sink->errors)
		complain("%s: %s", script->options.name, strerror(-err));
	return FAILED;
}
