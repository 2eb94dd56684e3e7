/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The parts of the prompt. */
#ifndef REPL_H
#define REPL_H

#include "command/session.h"

/*
 * struct repl - a prompt
 * @session: where lines run
 * @terminal: they are typed
 * @interrupted: the last one was, by SIGINT
 * @over: one has called os.exit()
 * @status: what to exit with
 */
struct repl {
	struct session session;
	bool terminal;
	bool interrupted;
	bool over;
	int status;
};

int repl_run(struct repl *r, struct sink *sink, const char *code, size_t len);

/* input.c: lines from a terminal, or from anywhere else. */
void input_open(struct repl *r);
char *input_line(bool more, bool *interrupted);
void input_close(void);

/* complete.c */
size_t complete(struct repl *r, const char *line, size_t len, struct sink *sink, char **names);

#endif
