// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* What a name that is being typed may become: the session itself is asked. */
#include "command/repl.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Prints the names that go on from the two strings before: the path to a value,
 * as "socket." or "s:", and the beginning of a name. No metamethod is called.
 * Metatables of sockets and the like are hidden, so their methods stay unknown.
 */
static const char search[] =
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
	"for _, name in ipairs(found) do print(name) end\n";

static bool part_of_path(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.' || c == ':';
}

/*
 * Looks at the @len bytes before the cursor. @found takes the names, a line
 * each; returns how many bytes of them are typed already.
 */
size_t complete(struct repl *r, const char *line, size_t len, struct sink *found)
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
	if (from == len || (!isalpha((unsigned char)line[from]) && line[from] != '_'))
		return 0;
	if (asprintf(&code, "local path, start, method = '%.*s', '%.*s', %s\n%s",
		     (int)(name - from), line + from, (int)(len - name), line + name,
		     name > from && line[name - 1] == ':' ? "true" : "false", search) < 0)
		code = NULL;
	repl_run(r, found, must(code), strlen(code));
	free(code);
	if (found->errors)
		found->len = 0;
	return len - name;
}
