/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the files of the command luadrv share. */
#ifndef COMMAND_H
#define COMMAND_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "driver/uapi/luadrv.h"

/* Exit statuses: a script, or what was asked for, failed; wrong usage. */
#define FAILED	1
#define USAGE	2

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* The subcommands; each returns the exit status. argv[0] is "luadrv". */
int run_main(int argc, char **argv);
int spawn_main(int argc, char **argv);
int check_main(int argc, char **argv);
int load_main(int argc, char **argv);
int report_main(int argc, char **argv);
int ps_main(int argc, char **argv);
int top_main(int argc, char **argv);
int log_main(int argc, char **argv);
int stop_main(int argc, char **argv);
int repl_main(int argc, char **argv);

/* say.c: words to the user, and writing. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
int try_help(void);
int write_all(int fd, const char *text, size_t len);
int finish_output(void);
void *must(void *memory);

/* signals.c: signals while a script runs. */
void signals_begin(int fd);
int signals_end(void);
void die_of(int number) __attribute__((noreturn));

#endif
