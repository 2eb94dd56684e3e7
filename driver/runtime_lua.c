// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* What bindings ask of the runtime around them. */
#include "driver/binding.h"
#include "driver/script.h"

/* The port is the first member of the runtime (driver/runtime.h). */
static struct luadrv_runtime *runtime_of(lua_State *L)
{
	return (struct luadrv_runtime *)luaport_of(L);
}

void luadrv_wait_begin(lua_State *L, const char *wait)
{
	luadrv_runtime_sleep(runtime_of(L), wait);
}

void luadrv_wait_end(lua_State *L)
{
	luadrv_runtime_wake(runtime_of(L));
}

void luadrv_count_bytes(lua_State *L, size_t received, size_t sent)
{
	luadrv_runtime_count(runtime_of(L), received, sent);
}

void luadrv_heed(lua_State *L, bool heeds)
{
	luadrv_runtime_heed(runtime_of(L), heeds);
}

bool luadrv_is_asked(lua_State *L)
{
	return luadrv_runtime_asked(runtime_of(L));
}

void luadrv_check_stop(lua_State *L)
{
	luaport_interrupt(L);
}

struct luadrv_account *luadrv_account_of(lua_State *L)
{
	return luadrv_runtime_account(runtime_of(L));
}

struct net *luadrv_net_of(lua_State *L)
{
	return luadrv_runtime_net(runtime_of(L));
}
