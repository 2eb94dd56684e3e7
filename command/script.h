/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A script as the command line names it: its options, its text, its arguments. */
#ifndef SCRIPT_H
#define SCRIPT_H

#include "command/session.h"

/*
 * struct script - what shall run
 * @options: with name and arguments
 * @code: its text, if the command line has it, or NULL
 * @file: where its text is, or NULL
 */
struct script {
	struct luadrv_options options;
	const char *code;
	const char *file;
};

/* What the command line names: a script, nothing as lines are typed, or a workload. */
enum script_kind { SCRIPT_GIVEN, SCRIPT_TYPED, SCRIPT_LOAD };

int script_parse(struct script *script, int argc, char **argv, enum script_kind kind);
int script_status(const struct script *script, const struct sink *sink, int err);
int script_load(struct script *script, struct session *s, struct sink *copy);

#endif
