// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * luadrv repl: a prompt for a session. What is typed is an expression, whose
 * values are printed, or else statements; both may take several lines.
 */
#include "command/repl.h"
#include "command/script.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How Lua's errors about code that has no end yet end. */
#define UNFINISHED "near <eof>"

/* What prints the values of an expression; the line break ends a comment. */
#define EXPRESSION_HEAD "(function(...) if select('#', ...) > 0 then print(...) end end)((function(...) return "
#define EXPRESSION_TAIL "\nend)(...))"

enum verdict { GOOD, BAD, PARTIAL };

/* Runs code, so that @sink is given what it prints; 0 or a negative errno. */
int repl_run(struct repl *r, struct sink *sink, const char *code, size_t len)
{
	int number, err;

	if (session_write(&r->session, code, len))
		return -errno;
	err = session_run(&r->session, sink, &number);
	r->interrupted = number == SIGINT;
	if (number && !r->interrupted) {
		input_close();
		die_of(number);
	}
	return err;
}

static bool ends_unfinished(const char *text, size_t len)
{
	size_t tail = strlen(UNFINISHED);

	while (len && text[len - 1] == '\n')
		len--;
	return len >= tail && !memcmp(text + len - tail, UNFINISHED, tail);
}

/* Whether this compiles, or would with more lines. */
static enum verdict try(struct repl *r, const char *head, const char *code)
{
	struct sink error = { .take = sink_capture };
	enum verdict verdict = BAD;

	if (session_write(&r->session, head, strlen(head)) == 0 &&
	    session_write(&r->session, code, strlen(code)) == 0 &&
	    session_check(&r->session, &error) == 0)
		verdict = GOOD;
	else if (error.text && ends_unfinished(error.text, error.len))
		verdict = PARTIAL;
	free(error.text);
	return verdict;
}

static void run_shown(struct repl *r, const char *code)
{
	struct sink sink = { .take = sink_show };
	int err = repl_run(r, &sink, code, strlen(code));

	if (err && !sink.errors)
		complain("%s", strerror(-err));
}

static void run_expression(struct repl *r, const char *code)
{
	char *text;

	if (asprintf(&text, EXPRESSION_HEAD "%s" EXPRESSION_TAIL, code) < 0)
		text = NULL;
	run_shown(r, must(text));
	free(text);
}

/* Runs what was typed so far unless more must follow, which @more allows; whether it is done with. */
static bool take(struct repl *r, const char *code, bool more)
{
	enum verdict expression, statement;

	if (!code[strspn(code, " \t\r\n")])
		return true;
	if (*code == '=')
		code++;
	expression = try(r, "return ", code);
	if (expression == GOOD) {
		run_expression(r, code);
		return true;
	}
	statement = try(r, "", code);
	if (more && (statement == PARTIAL || (statement == BAD && expression == PARTIAL)))
		return false;
	run_shown(r, code);
	return true;
}

/* @code and a line, which is freed, behind it. */
static char *joined(char *code, char *line)
{
	char *text;

	if (!code)
		return line;
	if (asprintf(&text, "%s\n%s", code, line) < 0)
		text = NULL;
	free(code);
	free(line);
	return must(text);
}

static void loop(struct repl *r)
{
	bool interrupted;
	char *code = NULL, *line;

	for (;;) {
		line = input_line(code, &interrupted);
		if (!line && !interrupted)
			break;
		if (line) {
			code = joined(code, line);
			if (!take(r, code, true))
				continue;
		}
		free(code);
		code = NULL;
	}
	if (code)
		take(r, code, false);
	free(code);
}

int repl_main(int argc, char **argv)
{
	struct script script;
	struct repl r = { 0 };
	int err;

	err = script_parse(&script, argc, argv, true);
	if (err)
		return err;
	if (session_open(&r.session, &script.options))
		return FAILED;
	input_open(&r);
	loop(&r);
	input_close();
	return 0;
}
