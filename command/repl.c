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
	err = session_run(&r->session, LUADRV_RUN, sink, &number);
	r->interrupted = number == SIGINT;
	if (number && !(r->interrupted && r->terminal)) {
		input_close();
		die_of(number);
	}
	return err;
}

/* The end of a line, or of all: what to exit with. */
static void judge(struct repl *r, const struct sink *sink, int err)
{
	if (err >= LUADRV_EXIT) {
		r->over = true;
		r->status = err & ~LUADRV_EXIT;
	} else if (err) {
		if (!sink->errors)
			complain("%s%s", strerror(-err),
				 err == -EFBIG ? " (limit: module parameter max_script, --max-script)" : "");
		/* Who types has seen it. */
		r->status = r->terminal ? 0 : FAILED;
	}
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
	struct sink error = { .keep = LUADRV_ERRORS };
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
	struct sink sink = { 0 };

	judge(r, &sink, repl_run(r, &sink, code, strlen(code)));
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
	struct sink sink = { 0 };

	if (!code[strspn(code, " \t\r\n")])
		return true;
	/* What threads have printed meanwhile, and their errors, which try() would take for its own. */
	session_check(&r->session, &sink);
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

	while (!r->over) {
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
	if (ferror(stdin))
		r->status = FAILED;
}

/* The state ends as that of a script does: finalizers may still print. */
static void end(struct repl *r)
{
	struct sink sink = { 0 };
	int number, err;

	if (!r->session.runs)
		return;
	err = session_run(&r->session, LUADRV_LAST, &sink, &number);
	if (number)
		die_of(number);
	judge(r, &sink, err);
}

int repl_main(int argc, char **argv)
{
	struct script script;
	struct repl r = { 0 };
	int err;

	err = script_parse(&script, argc, argv, SCRIPT_TYPED);
	if (err)
		return err;
	if (session_open(&r.session, &script.options))
		return FAILED;
	input_open(&r);
	loop(&r);
	input_close();
	end(&r);
	return r.status;
}
