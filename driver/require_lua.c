// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * require and package: libraries built in, and files of Lua text. What the
 * kernel does with files is in driver/file.c.
 */

/***
 * Libraries and modules. As in Lua 5.3, but modules are Lua text and nothing else.
 * @module package
 */
#include <string.h>

#include "driver/binding.h"
#include "driver/embedded.h"
#include "driver/file.h"
#include "driver/script.h"

#define DEFAULT_PATH "/usr/share/luadrv/?.lua"
/* How much of a file is read between two looks at the world. */
#define PIECE 16384

/* A string argument that goes to the kernel, and so ends at its first NUL. */
static const char *check_text(lua_State *L, int arg, const char *def)
{
	size_t len;
	const char *text = luaL_optlstring(L, arg, def, &len);

	if (!text)
		luaL_checkstring(L, arg);
	if (strlen(text) != len)
		luaL_argerror(L, arg, "string contains zeros");
	return text;
}

static void check_stack(lua_State *L)
{
	if (luadrv_file_stack_low())
		luaL_error(L, "C stack overflow (no room to read a file)");
}

static int open_file(lua_State *L, const char *path, void **slot)
{
	struct file *file;
	int err;

	luadrv_wait_begin(L, "require");
	err = luadrv_file_open(path, &file);
	luadrv_wait_end(L);
	if (!err)
		*slot = file;
	return err;
}

static void close_file(lua_State *L, void **slot)
{
	luadrv_wait_begin(L, "require");
	luadrv_file_close(*slot);
	luadrv_wait_end(L);
	*slot = NULL;
}

/* Pops the name of a file that could not be opened and pushes a line that says so; raises what ends the search. */
static void note_failure(lua_State *L, const char *path, int err)
{
	switch (-err) {
	case ENOENT:
	case ENOTDIR:
		lua_pushfstring(L, "\n\tno file '%s'", path);
		break;
	case EINVAL:
		lua_pushfstring(L, "\n\t'%s' is not a regular file", path);
		break;
	case EACCES:
	case EISDIR:
	case ELOOP:
	case ENAMETOOLONG:
		luadrv_push_error_text(L, err);
		lua_pushfstring(L, "\n\tcannot open '%s': %s", path, lua_tostring(L, -1));
		lua_remove(L, -2);
		break;
	default:
		luadrv_raise(L, err, "open", "%s", path);
	}
	lua_remove(L, -2);
}

/*
 * Goes through the templates of @path for a module of which @name is the form
 * that goes into them. Opens the first file that it can into @slot and pushes
 * its name, which it returns; or pushes what it tried and returns NULL.
 */
static const char *search(lua_State *L, const char *name, const char *path, void **slot)
{
	const char *file;
	luaL_Buffer tried;
	size_t len;
	int err;

	check_stack(L);
	luaL_buffinit(L, &tried);
	for (; *path; path += path[len] ? len + 1 : len) {
		luadrv_check_stop(L);
		len = strcspn(path, ";");
		if (!len)
			continue;
		lua_pushlstring(L, path, len);
		file = luaL_gsub(L, lua_tostring(L, -1), "?", name);
		lua_remove(L, -2);
		err = open_file(L, file, slot);
		if (!err)
			return file;
		note_failure(L, file, err);
		luaL_addvalue(&tried);
	}
	luaL_pushresult(&tried);
	return NULL;
}

/***
 * The file that a search for a module would find.
 * @function package.searchpath
 * @tparam string name
 * @tparam string path templates with `;` between them; each `?` stands for the name
 * @tparam[opt="."] string sep what is replaced in the name; "" for nothing
 * @tparam[optchain="/"] string rep what it is replaced by
 * @treturn ?string the first file that can be opened to be read, or nil
 * @treturn ?string what was tried if there is none
 * @usage local file, tried = package.searchpath("config.site", "/etc/luadrv/?.lua;/usr/share/luadrv/?.lua")
 */
static int l_searchpath(lua_State *L)
{
	const char *name = check_text(L, 1, NULL);
	const char *path = check_text(L, 2, NULL);
	const char *sep = check_text(L, 3, ".");
	const char *rep = check_text(L, 4, "/");
	void **slot = luadrv_box_new(L, LUADRV_FILE_TYPE, luadrv_file_close);

	if (*sep)
		name = luaL_gsub(L, name, sep, rep);
	if (search(L, name, path, slot)) {
		close_file(L, slot);
		return 1;
	}
	lua_pushnil(L);
	lua_insert(L, -2);
	return 2;
}

static void read_error(lua_State *L, const char *name, const char *path, const char *what)
{
	luaL_error(L, "error loading module '%s' from file '%s':\n\t%s", name, path, what);
}

static size_t longest(lua_State *L)
{
	return luadrv_runtime_max_script((struct luadrv_runtime *)luaport_of(L));
}

/* Pushes the text of an open file, or the beginning of one that is too long: then it gives false. */
static bool push_text(lua_State *L, const char *path, void **slot)
{
	size_t most = longest(L);
	size_t total = 0;
	luaL_Buffer text;
	char *piece;
	long n;

	luaL_buffinit(L, &text);
	do {
		luadrv_check_stop(L);
		piece = luaL_prepbuffsize(&text, PIECE);
		luadrv_wait_begin(L, "require");
		n = luadrv_file_read(*slot, piece, PIECE);
		luadrv_wait_end(L);
		if (n < 0)
			luadrv_raise(L, (int)n, "read", "%s", path);
		luaL_addsize(&text, n);
		total += n;
	} while (n && total <= most);
	luaL_pushresult(&text);
	return total <= most;
}

bool luadrv_push_file(lua_State *L, const char *path)
{
	void **slot = luadrv_box_new(L, LUADRV_FILE_TYPE, luadrv_file_close);
	int err;

	check_stack(L);
	err = open_file(L, path, slot);
	if (!err) {
		push_text(L, path, slot);
		close_file(L, slot);
		lua_remove(L, -2);
		return true;
	}
	if (err == -EINTR)
		luadrv_raise(L, err, "open", "%s", path);
	lua_pop(L, 1);
	return false;
}

/* Compiles the text on the top of the stack. A byte order mark and a first line for the shell are not Lua. */
static int compile(lua_State *L, const char *path)
{
	size_t len;
	const char *text = lua_tolstring(L, -1, &len);
	const char *end = text + len;

	if (!strncmp(text, "\xef\xbb\xbf", 3))
		text += 3;
	if (*text == '#') {
		text = memchr(text, '\n', end - text);
		if (!text)
			text = end;
	}
	return luaL_loadbufferx(L, text, end - text, lua_pushfstring(L, "@%s", path), "t");
}

/* Pushes the main chunk of a module's file, and the file's name; or a text of where it was looked for, and gives 0. */
static int load_file(lua_State *L, const char *name)
{
	void **slot = luadrv_box_new(L, LUADRV_FILE_TYPE, luadrv_file_close);
	const char *path;
	size_t len;

	lua_getfield(L, lua_upvalueindex(1), "path");
	path = lua_tolstring(L, -1, &len);
	if (!path)
		luaL_error(L, "'package.path' must be a string");
	if (strlen(path) != len)
		luaL_error(L, "'package.path' contains zeros");
	path = search(L, luaL_gsub(L, name, ".", "/"), path, slot);
	if (!path)
		return 0;
	if (!push_text(L, path, slot))
		read_error(L, name, path,
			   lua_pushfstring(L, "it is longer than %I bytes (limit: module parameter max_script, --max-script)",
					   (LUAI_UACINT)longest(L)));
	close_file(L, slot);
	if (compile(L, path) != LUA_OK)
		read_error(L, name, path, lua_tostring(L, -1));
	lua_pushstring(L, path);
	return 1;
}

/* Pushes the function that makes a module, and what it is to be told of where it comes from. */
static void find_loader(lua_State *L, const char *name)
{
	const char *no_preload;

	lua_getfield(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
	lua_getfield(L, -1, name);
	if (lua_isfunction(L, -1)) {
		lua_pushnil(L);
		return;
	}
	if (lua_isnil(L, -1))
		no_preload = lua_pushfstring(L, "\n\tno field package.preload['%s']", name);
	else
		no_preload = lua_pushfstring(L, "\n\tpackage.preload['%s'] is a %s, not a function",
					     name, luaL_typename(L, -1));
	if (luadrv_embedded_push(L, name))
		return;
	if (!load_file(L, name))
		luaL_error(L, "module '%s' not found:%s%s", name, no_preload,
			   lua_tostring(L, -1));
}

void luadrv_push_library(lua_State *L, const char *name)
{
	luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
	if (lua_getfield(L, -1, name) == LUA_TNIL) {
		lua_pop(L, 1);
		luadrv_embedded_push(L, name);
		lua_pushstring(L, name);
		lua_insert(L, -2);
		lua_call(L, 2, 1);
		lua_pushvalue(L, -1);
		lua_setfield(L, -3, name);
	}
	lua_remove(L, -2);
}

/***
 * The library or module of a name: what `package.loaded` has, or else what the function `package.preload[name]`, a
 * library of the module that is written in Lua, or the first file found in `package.path` gives. What is called gets the
 * name and the file's name; what it returns, or true, is put into `package.loaded`.
 *
 * Files are read with the rights, root and working directory of the process that runs the script.
 * @function _G.require
 * @tparam string name its dots become slashes in names of files
 * @return the library or module
 * @raise an error that lists where it was looked for; what the module raises; an error object if the kernel
 * fails to read the file
 * @usage local data = require "data"
 * local ok, why = pcall(require, "no.such.module")
 */
static int l_require(lua_State *L)
{
	const char *name = check_text(L, 1, NULL);

	lua_settop(L, 1);
	lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
	lua_getfield(L, 2, name);
	if (lua_toboolean(L, -1))
		return 1;
	find_loader(L, name);
	/* The function and where it comes from; below these nothing is needed any more. */
	lua_replace(L, 4);
	lua_replace(L, 3);
	lua_settop(L, 4);
	lua_pushvalue(L, 3);
	lua_pushvalue(L, 1);
	lua_pushvalue(L, 4);
	lua_call(L, 2, 1);
	if (!lua_isnil(L, -1))
		lua_setfield(L, 2, name);
	if (lua_getfield(L, 2, name) == LUA_TNIL) {
		lua_pushboolean(L, 1);
		lua_pushvalue(L, -1);
		lua_setfield(L, 2, name);
	}
	return 1;
}

/***
 * A script may change what is in these. As in Lua 5.3, `require` goes on with the tables `loaded` and `preload` that
 * there were, whatever other ones are put into their place.
 * @table package
 * @field path templates of files, with `;` between them: `/usr/share/luadrv/?.lua`
 * @field loaded what `require` gave so far, by name; the libraries built in are there from the beginning
 * @field preload functions that make modules, by name
 */
void luadrv_require_open(lua_State *L)
{
	luadrv_box_type(L, LUADRV_FILE_TYPE, NULL, NULL);
	lua_newtable(L);
	lua_pushliteral(L, DEFAULT_PATH);
	lua_setfield(L, -2, "path");
	luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
	lua_pushvalue(L, -2);
	lua_setfield(L, -2, "package");
	lua_setfield(L, -2, "loaded");
	luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
	lua_setfield(L, -2, "preload");
	lua_pushcfunction(L, l_searchpath);
	lua_setfield(L, -2, "searchpath");
	lua_pushvalue(L, -1);
	lua_setglobal(L, "package");
	lua_pushcclosure(L, l_require, 1);
	lua_setglobal(L, "require");
}
