// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* What a name that is being typed may become: the session itself is asked. */
#include "command/repl.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Stands before the names and behind them: threads may print, too, and that is shown. */
#define MARK "\1names\n"

/*
 * Prints the names that go on from the two strings before: the path to a value,
 * as "socket." or "s:", and the beginning of a name. No metamethod is called.
 * Metatables of sockets and the like are hidden, so their methods stay unknown.
 */
static const char search[] =
	"local ok, names = pcall(function()\n"
	"local value, seen, found = _G, {}, {}\n"
	"local function index(v)\n"
	"  local meta = debug.getmetatable and debug.getmetatable(v) or getmetatable(v)\n"
	"  return type(meta) == 'table' and rawget(meta, '__index') or nil\n"
	"end\n"
	"local function get(v, name)\n"
	"  for _ = 1, 10 do\n"
	"    if type(v) == 'table' and rawget(v, name) ~= nil then return rawget(v, name) end\n"
	"    v = index(v)\n"
	"  end\n"
	"end\n"
	"for name in string.gmatch(path, '[%w_]+') do value = get(value, name) end\n"
	"for _ = 1, 10 do\n"
	"  if type(value) == 'table' then\n"
	"    for name, v in next, value do\n"
	"      if type(name) == 'string' and string.find(name, '^[%a_][%w_]*$')\n"
	"          and string.sub(name, 1, #start) == start\n"
	"          and (not method or type(v) == 'function') and not seen[name] then\n"
	"        seen[name] = true\n"
	"        found[#found + 1] = name\n"
	"      end\n"
	"    end\n"
	"  end\n"
	"  value = index(value)\n"
	"end\n"
	"if path == '' then\n"
	"  for name in string.gmatch('and break do else elseif end false for function goto if in local nil not or repeat return then true until while', '%a+') do\n"
	"    if string.sub(name, 1, #start) == start then found[#found + 1] = name end\n"
	"  end\n"
	"end\n"
	"table.sort(found)\n"
	"for i, name in ipairs(found) do found[i] = name .. '\\n' end\n"
	"return table.concat(found)\n"
	"end)\n"
	"local print = rawget(_G, 'print')\n"
	"if ok and print then print('\\1names\\n' .. names .. '\\1names') end\n";

static bool part_of_path(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.' || c == ':';
}

static void show(struct sink *sink, const char *from, const char *to)
{
	if (from < to)
		sink_show(sink, LUADRV_OUTPUT, from, to - from);
}

/* Takes the names out of the text that was kept, and shows the rest. */
static char *names_in(struct sink *sink)
{
	const char *end = sink->text + sink->len;
	const char *names = memmem(sink->text, sink->len, MARK, strlen(MARK)), *rest = NULL;

	if (names) {
		names += strlen(MARK);
		rest = memmem(names, end - names, MARK, strlen(MARK));
	}
	if (!rest) {
		show(sink, sink->text, end);
		return must(strdup(""));
	}
	show(sink, sink->text, names - strlen(MARK));
	show(sink, rest + strlen(MARK), end);
	return must(strndup(names, rest - names));
}

/* Runs code that prints names, of which @sink shows all but these. */
static char *ask(struct repl *r, struct sink *sink, const char *code)
{
	char *names;

	/* What has been printed meanwhile goes first. */
	session_check(&r->session, sink);
	sink->keep = LUADRV_OUTPUT;
	sink_keep(sink, "", 0);
	repl_run(r, sink, code, strlen(code));
	names = names_in(sink);
	free(sink->text);
	return names;
}

/*
 * Looks at the @len bytes before the cursor. @names takes the names, a line
 * each, to be freed; returns how many bytes of them are typed already. What
 * else is printed is shown by @sink.
 */
size_t complete(struct repl *r, const char *line, size_t len, struct sink *sink, char **names)
{
	size_t from = len, name = len, dots;
	char *code;

	while (from && part_of_path(line[from - 1]))
		from--;
	while (name > from && line[name - 1] != '.' && line[name - 1] != ':')
		name--;
	/* Two dots join strings. */
	for (dots = from; dots + 2 <= name; dots++)
		if (line[dots] == '.' && line[dots + 1] == '.')
			from = dots + 2;
	/* Nothing is known of a number's fields, or of those of what ends in a parenthesis. */
	if (from == len || (!isalpha((unsigned char)line[from]) && line[from] != '_')) {
		*names = must(strdup(""));
		return 0;
	}
	if (asprintf(&code, "local path, start, method = '%.*s', '%.*s', %s\n%s",
		     (int)(name - from), line + from, (int)(len - name), line + name,
		     name > from && line[name - 1] == ':' ? "true" : "false", search) < 0)
		code = NULL;
	*names = ask(r, sink, must(code));
	free(code);
	return len - name;
}
