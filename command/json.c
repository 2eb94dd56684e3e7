// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* JSON of others: whether it is that, to the last byte. It is read once, and nothing is kept of it. */
#include "command/json.h"

#include <ctype.h>
#include <string.h>

/* How deep values may be in others. */
#define DEPTH_MAX 64

/*
 * struct json - where the reader is
 * @at: what comes next
 * @end: behind the last byte
 * @names: members that the outermost object must have, ended by NULL
 * @found: a bit for each of them that was met
 * @depth: how many values are open
 */
struct json {
	const char *at;
	const char *end;
	const char *const *names;
	unsigned int found;
	unsigned int depth;
};

static bool value(struct json *j);

/* Whether nothing is left but space, which is gone over. */
static bool at_end(struct json *j)
{
	while (j->at < j->end && memchr(" \t\r\n", *j->at, 4))
		j->at++;
	return j->at == j->end;
}

/* Whether @c comes, after space, and is taken. */
static bool take(struct json *j, char c)
{
	if (at_end(j) || *j->at != c)
		return false;
	j->at++;
	return true;
}

static bool digits(struct json *j)
{
	const char *from = j->at;

	while (j->at < j->end && isdigit((unsigned char)*j->at))
		j->at++;
	return j->at > from;
}

static bool one_of(struct json *j, const char *set)
{
	if (j->at == j->end || !*j->at || !strchr(set, *j->at))
		return false;
	j->at++;
	return true;
}

static bool number(struct json *j)
{
	one_of(j, "-");
	if (!one_of(j, "0") && !digits(j))
		return false;
	if (one_of(j, ".") && !digits(j))
		return false;
	if (!one_of(j, "eE"))
		return true;
	one_of(j, "+-");
	return digits(j);
}

static bool escape(struct json *j)
{
	int i;

	if (!one_of(j, "u"))
		return one_of(j, "\"\\/bfnrt");
	for (i = 0; i < 4; i++)
		if (!one_of(j, "0123456789abcdefABCDEF"))
			return false;
	return true;
}

/* What is behind the first quote. */
static bool string(struct json *j)
{
	unsigned char c;

	while (j->at < j->end) {
		c = *j->at++;
		if (c == '"')
			return true;
		if (c < ' ' || (c == '\\' && !escape(j)))
			return false;
	}
	return false;
}

static bool word(struct json *j, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(j->end - j->at) < len || memcmp(j->at, word, len))
		return false;
	j->at += len;
	return true;
}

static void note(struct json *j, const char *name, size_t len)
{
	int i;

	for (i = 0; j->depth == 1 && j->names[i]; i++)
		if (strlen(j->names[i]) == len && !memcmp(j->names[i], name, len))
			j->found |= 1u << i;
}

static bool member(struct json *j)
{
	const char *name;

	if (!take(j, '"'))
		return false;
	name = j->at;
	if (!string(j))
		return false;
	note(j, name, j->at - 1 - name);
	return take(j, ':') && value(j);
}

/* What is behind the first bracket. */
static bool list(struct json *j, bool (*one)(struct json *j), char close)
{
	if (take(j, close))
		return true;
	do {
		if (!one(j))
			return false;
	} while (take(j, ','));
	return take(j, close);
}

static bool value(struct json *j)
{
	bool good;

	if (++j->depth > DEPTH_MAX)
		return false;
	if (take(j, '{'))
		good = list(j, member, '}');
	else if (take(j, '['))
		good = list(j, value, ']');
	else if (take(j, '"'))
		good = string(j);
	else
		good = word(j, "true") || word(j, "false") || word(j, "null") || number(j);
	j->depth--;
	return good;
}

/* Whether the text is an object, and nothing else, that has members of these names. */
bool json_object_has(const char *text, size_t len, const char *const *names)
{
	struct json j = { .at = text, .end = text + len, .names = names };
	int i;

	if (!take(&j, '{'))
		return false;
	j.at--;
	if (!value(&j) || !at_end(&j))
		return false;
	for (i = 0; names[i]; i++)
		if (!(j.found & 1u << i))
			return false;
	return true;
}
