// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Lines for the prompt: with libedit from a terminal, plain from anywhere else. */
#include "command/repl.h"

#include <errno.h>
#include <histedit.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#define HISTORY_LENGTH 1000

static EditLine *editor;
static History *history_list;
static char *history_file;
static struct repl *repl;
static bool continued;
static volatile sig_atomic_t came_int, came_cont, came_winch;

static void note(int number)
{
	if (number == SIGINT)
		came_int = 1;
	else if (number == SIGCONT)
		came_cont = 1;
	else
		came_winch = 1;
}

static char *prompt(EditLine *el)
{
	(void)el;
	return continued ? ">> " : "> ";
}

/* The terminal's state is what the shell set when the process was stopped. */
static void attend(EditLine *el)
{
	if (came_winch)
		el_resize(el);
	if (came_cont) {
		el_set(el, EL_PREP_TERM, 1);
		el_set(el, EL_REFRESH);
	}
	came_winch = 0;
	came_cont = 0;
}

/* One character, as libedit's own function gives it, but SIGINT ends the line. */
static int read_character(EditLine *el, wchar_t *to)
{
	mbstate_t state = { 0 };
	size_t len;
	ssize_t n;
	char c;

	for (;;) {
		n = came_int ? -1 : read(STDIN_FILENO, &c, 1);
		if (n < 0 && !came_int && errno == EINTR) {
			attend(el);
			continue;
		}
		if (n <= 0)
			return n;
		len = mbrtowc(to, &c, 1, &state);
		if (len <= 1)
			return 1;
		if (len == (size_t)-1)
			memset(&state, 0, sizeof(state));
	}
}

static size_t common(const char *words, size_t shortest)
{
	const char *word = words;
	size_t i;

	while ((word = strchr(word, '\n')) && *++word)
		for (i = 0; i < shortest; i++)
			if (word[i] != words[i])
				shortest = i;
	return shortest;
}

/* All candidates below the line, as many on each as fit. */
static void list(const char *words)
{
	struct winsize size;
	size_t width = 0, at = 0, len;
	const char *w;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col)
		size.ws_col = 80;
	for (w = words; *w; w += len + 1) {
		len = strcspn(w, "\n");
		if (len + 2 > width)
			width = len + 2;
	}
	putchar('\n');
	for (w = words; *w; w += len + 1) {
		len = strcspn(w, "\n");
		if (at && at + width > size.ws_col) {
			putchar('\n');
			at = 0;
		}
		printf("%.*s%*s", (int)len, w, (int)(width - len), "");
		at += width;
	}
	putchar('\n');
	fflush(stdout);
}

/* What all names have in common goes into the line; if that is there already, they are listed. */
static unsigned char put(EditLine *el, const char *names, size_t typed)
{
	size_t len = common(names, strcspn(names, "\n"));
	char *rest;

	if (len > typed) {
		rest = must(strndup(names + typed, len - typed));
		el_insertstr(el, rest);
		free(rest);
		return CC_REFRESH;
	}
	if (strchr(names, '\n')[1])
		list(names);
	return CC_REDISPLAY;
}

/* The tab key. */
static unsigned char on_tab(EditLine *el, int key)
{
	const LineInfo *line = el_line(el);
	struct sink sink = { .before = "\n" };
	unsigned char result = CC_ERROR;
	char *names;
	size_t typed;

	(void)key;
	typed = complete(repl, line->buffer, line->cursor - line->buffer, &sink, &names);
	if (repl->interrupted)
		came_int = 1;
	if (*names)
		result = put(el, names, typed);
	free(names);
	return sink.shown ? CC_REDISPLAY : result;
}

static void open_history(void)
{
	const char *home = getenv("HOME");
	HistEvent event;

	history_list = must(history_init());
	history(history_list, &event, H_SETSIZE, HISTORY_LENGTH);
	history(history_list, &event, H_SETUNIQUE, 1);
	el_set(editor, EL_HIST, history, history_list);
	if (!home || !*home)
		return;
	if (asprintf(&history_file, "%s/.luadrv_history", home) < 0)
		history_file = NULL;
	history(history_list, &event, H_LOAD, must(history_file));
}

static void remember(const char *line)
{
	HistEvent event;

	if (!line[strspn(line, " \t\n")])
		return;
	history(history_list, &event, H_ENTER, line);
	/* Now, for whatever may end the process. */
	if (history_file)
		history(history_list, &event, H_SAVE, history_file);
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = note };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGCONT, &action, NULL);
	sigaction(SIGWINCH, &action, NULL);
}

/* Gets ready; with a prompt if standard input and output are a terminal. */
void input_open(struct repl *r)
{
	r->terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	if (!r->terminal)
		return;
	repl = r;
	printf("Lua 5.3 in the kernel. Ctrl-C stops a line, Ctrl-D leaves.\n");
	fflush(stdout);
	editor = must(el_init("luadrv", stdin, stdout, stderr));
	el_set(editor, EL_PROMPT, prompt);
	el_set(editor, EL_SIGNAL, 0);
	el_set(editor, EL_EDITOR, "emacs");
	el_set(editor, EL_GETCFN, read_character);
	el_set(editor, EL_ADDFN, "luadrv-complete", "Complete a name", on_tab);
	el_set(editor, EL_BIND, "^I", "luadrv-complete", NULL);
	open_history();
	el_source(editor, NULL);
	catch_signals();
}

static char *edited_line(bool *interrupted)
{
	const char *text;
	char *line;
	int len;

	came_int = 0;
	/* libedit shows the prompt first, and a Ctrl-D that comes then would be lost. */
	el_set(editor, EL_PREP_TERM, 1);
	text = el_gets(editor, &len);
	if (came_int) {
		*interrupted = true;
		el_reset(editor);
		putchar('\n');
		fflush(stdout);
		return NULL;
	}
	if (!text || len <= 0) {
		putchar('\n');
		return NULL;
	}
	remember(text);
	line = must(strdup(text));
	line[strcspn(line, "\n")] = '\0';
	return line;
}

/*
 * The next line, which belongs to the one before if @more; NULL at the end, and
 * when SIGINT came.
 */
char *input_line(bool more, bool *interrupted)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	*interrupted = false;
	continued = more;
	if (editor)
		return edited_line(interrupted);
	len = getline(&line, &size, stdin);
	if (len < 0) {
		if (ferror(stdin))
			complain("standard input: %s", strerror(errno));
		free(line);
		return NULL;
	}
	if (len && line[len - 1] == '\n')
		line[len - 1] = '\0';
	return line;
}

void input_close(void)
{
	if (!editor)
		return;
	el_end(editor);
	history_end(history_list);
	free(history_file);
}
