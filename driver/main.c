// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The module: its parameters, its beginning and its end. */
#include "driver/live.h"
#include "driver/reaper.h"
#include "driver/registry.h"
#include "driver/runtime.h"
#include "socket/relay.h"
#include "socket/socket.h"
#include "socket/upcall.h"

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/sizes.h>

unsigned long luadrv_memory = SZ_64M;
unsigned long luadrv_output = SZ_64K;
unsigned int luadrv_sockets = 32768;
unsigned long luadrv_instructions;
unsigned int luadrv_max_script = SZ_1M;
unsigned int luadrv_stack = LUADRV_STACK_MOST;
unsigned long luadrv_fail_alloc;
unsigned int luadrv_fail_alloc_times;

/* Sizes are given as people write them: 16M. */
static int set_size(const char *text, const struct kernel_param *param)
{
	char *end;
	unsigned long long size = memparse(text, &end);

	if (end == text || (*end && *end != '\n') || size > LONG_MAX)
		return -EINVAL;
	*(unsigned long *)param->arg = size;
	return 0;
}

static const struct kernel_param_ops size_ops = {
	.set = set_size,
	.get = param_get_ulong,
};

/* More is not safe; a script that may not call at all is of no use. */
static int set_stack(const char *text, const struct kernel_param *param)
{
	unsigned int stack;
	int err = kstrtouint(text, 0, &stack);

	if (!err && (!stack || stack > LUADRV_STACK_MOST))
		err = -EINVAL;
	if (!err)
		*(unsigned int *)param->arg = stack;
	return err;
}

static const struct kernel_param_ops stack_ops = {
	.set = set_stack,
	.get = param_get_uint,
};

module_param_cb(memory, &size_ops, &luadrv_memory, 0644);
MODULE_PARM_DESC(memory, "memory that a script may hold, in bytes (K, M, G)");
module_param_cb(output, &size_ops, &luadrv_output, 0644);
MODULE_PARM_DESC(output, "what is kept of the output of a session or a detached script, in bytes (K, M, G)");
module_param_named(instructions, luadrv_instructions, ulong, 0644);
MODULE_PARM_DESC(instructions, "instructions that a script may execute (0: any number)");
module_param_named(sockets, luadrv_sockets, uint, 0644);
MODULE_PARM_DESC(sockets, "sockets that a script may hold; about 3 KiB each, beside memory");
module_param_named(max_script, luadrv_max_script, uint, 0644);
MODULE_PARM_DESC(max_script, "longest script, or file of a module, in bytes");
module_param_cb(stack, &stack_ops, &luadrv_stack, 0644);
MODULE_PARM_DESC(stack, "bytes of the 16 KiB of a kernel stack that a script's calls may fill (at most 10240)");
module_param_named(fail_alloc, luadrv_fail_alloc, ulong, 0600);
MODULE_PARM_DESC(fail_alloc, "for tests: from the Nth on, allocations of each script fail");
module_param_named(fail_alloc_times, luadrv_fail_alloc_times, uint, 0600);
MODULE_PARM_DESC(fail_alloc_times, "for tests: how many of them fail (0: all)");

static int __init luadrv_init(void)
{
	int err;

	luadrv_port_init();
	err = lsock_testing_init();
	if (err)
		return err;
	err = lupcall_init();
	if (err)
		goto err_exit_testing;
	err = lrelay_init();
	if (err)
		goto err_exit_upcall;
	err = luadrv_reaper_init();
	if (err)
		goto err_exit_relay;
	luadrv_live_init();
	err = luadrv_device_init();
	if (err)
		goto err_exit_live;
	return 0;

err_exit_live:
	luadrv_live_exit();
	luadrv_reaper_exit();
err_exit_relay:
	lrelay_exit();
err_exit_upcall:
	lupcall_exit();
err_exit_testing:
	lsock_testing_exit();
	return err;
}

static void __exit luadrv_exit(void)
{
	luadrv_device_exit();
	luadrv_reaper_exit();
	luadrv_registry_exit();
	luadrv_live_exit();
	lrelay_exit();
	lupcall_exit();
	lsock_testing_exit();
}

module_init(luadrv_init);
module_exit(luadrv_exit);

MODULE_DESCRIPTION("Lua scripts in the kernel, with its sockets");
MODULE_LICENSE("Dual MIT/GPL");
