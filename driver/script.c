// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The script of an open file, as it is written, and how it shall run. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "driver/session.h"

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/uio.h>

/* Makes room for @more bytes. */
static int reserve(struct luadrv_session *session, size_t more)
{
	size_t limit = session->setup.max_script ? session->setup.max_script :
						   READ_ONCE(luadrv_max_script);
	size_t room;
	char *bigger;

	if (session->len > limit || more > limit - session->len) {
		pr_err("%s[%d]: script is longer than %zu bytes (limit: module parameter max_script, --max-script)\n",
		       current->comm, task_pid_nr(current), limit);
		return -EFBIG;
	}
	if (session->len + more <= session->room)
		return 0;
	room = max3(session->len + more, 2 * session->room, (size_t)PAGE_SIZE);
	bigger = kvmalloc(room, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!bigger)
		return -ENOMEM;
	if (session->len)
		memcpy(bigger, session->script, session->len);
	kvfree(session->script);
	session->script = bigger;
	session->room = room;
	return 0;
}

static ssize_t append(struct luadrv_session *session, struct iov_iter *from)
{
	size_t count = iov_iter_count(from);
	size_t copied;
	int err;

	if (!count)
		return 0;
	err = session->broken;
	if (!err)
		err = reserve(session, count);
	if (!err) {
		copied = copy_from_iter(session->script + session->len, count,
					from);
		session->len += copied;
		if (copied == count)
			return copied;
		session->broken = -EFAULT;
		return copied ? copied : -EFAULT;
	}
	session->broken = err;
	return err;
}

/**
 * luadrv_session_append() - more of the script
 * @session: of which file
 * @from: the bytes
 *
 * What is lost here must not run: a failure is told again by the next call and
 * by whoever takes the script.
 *
 * Context: Process. May sleep.
 * Return: how many bytes; -EFBIG, -ENOMEM, -EFAULT, -ERESTARTSYS.
 */
ssize_t luadrv_session_append(struct luadrv_session *session, struct iov_iter *from)
{
	ssize_t ret;

	if (mutex_lock_interruptible(&session->lock))
		return -ERESTARTSYS;
	session->writer = task_tgid_nr(current);
	ret = append(session, from);
	mutex_unlock(&session->lock);
	return ret;
}

/**
 * luadrv_session_take() - take the script that was written; a new one begins
 * @session: from which file
 * @text: takes the script; its text is NULL if nothing was written
 *
 * Context: Process. May sleep; not at the last close, when nobody writes.
 * Return: 0; the negative errno of a write that lost some of it: then there is
 * no script; -EINTR.
 */
int luadrv_session_take(struct luadrv_session *session, struct luadrv_text *text)
{
	int err;

	text->script = NULL;
	if (mutex_lock_interruptible(&session->lock))
		return -EINTR;
	text->script = session->script;
	text->len = session->len;
	err = session->broken;
	session->script = NULL;
	session->len = 0;
	session->room = 0;
	session->broken = 0;
	mutex_unlock(&session->lock);
	if (err) {
		kvfree(text->script);
		text->script = NULL;
	}
	return err;
}

/* Copies the arguments of a script from user space. */
static char *copy_args(const struct luadrv_options *options)
{
	char *args;

	if (!options->args_size)
		return NULL;
	if (options->args_size > LUADRV_ARGS_SIZE)
		return ERR_PTR(-E2BIG);
	args = kvmalloc(options->args_size, GFP_KERNEL_ACCOUNT);
	if (!args)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(args, u64_to_user_ptr(options->args), options->args_size)) {
		kvfree(args);
		return ERR_PTR(-EFAULT);
	}
	if (args[options->args_size - 1]) {
		kvfree(args);
		return ERR_PTR(-EINVAL);
	}
	return args;
}

/**
 * luadrv_session_options() - LUADRV_OPTIONS
 * @session: of which file
 * @from: a struct luadrv_options in user space
 *
 * Context: Process. May sleep.
 * Return: 0; -EFAULT, -EINVAL, -E2BIG, -ENOMEM, -EINTR; -EBUSY when there is a runtime.
 */
int luadrv_session_options(struct luadrv_session *session, const void __user *from)
{
	struct luadrv_options options;
	struct luadrv_setup *setup = &session->setup;
	char *args;

	if (copy_from_user(&options, from, sizeof(options)))
		return -EFAULT;
	if (options.reserved || options.stack > LUADRV_STACK_MOST ||
	    strnlen(options.name, LUADRV_NAME_SIZE) == LUADRV_NAME_SIZE)
		return -EINVAL;
	if (READ_ONCE(session->rt))
		return -EBUSY;
	args = copy_args(&options);
	if (IS_ERR(args))
		return PTR_ERR(args);
	if (mutex_lock_interruptible(&session->lock)) {
		kvfree(args);
		return -EINTR;
	}
	setup->memory = min_t(u64, options.memory, LONG_MAX);
	setup->instructions = min_t(u64, options.instructions, LONG_MAX);
	setup->sockets = options.sockets;
	setup->output = options.output;
	setup->stack = options.stack;
	setup->max_script = options.max_script;
	kvfree(setup->args);
	setup->args = args;
	setup->args_size = options.args_size;
	memcpy(setup->name, options.name, sizeof(setup->name));
	mutex_unlock(&session->lock);
	return 0;
}

/**
 * luadrv_session_setup() - how the next script shall run
 * @session: of which file
 * @setup: takes it; the caller frees the arguments unless somebody takes them over
 *
 * Context: Process. May sleep.
 * Return: 0; -ENOMEM, -EINTR.
 */
int luadrv_session_setup(struct luadrv_session *session, struct luadrv_setup *setup)
{
	int err = 0;

	setup->args = NULL;
	if (mutex_lock_interruptible(&session->lock))
		return -EINTR;
	*setup = session->setup;
	if (setup->args) {
		setup->args = kvmalloc(setup->args_size, GFP_KERNEL_ACCOUNT);
		if (setup->args)
			memcpy(setup->args, session->setup.args, setup->args_size);
		else
			err = -ENOMEM;
	}
	mutex_unlock(&session->lock);
	if (!setup->memory)
		setup->memory = READ_ONCE(luadrv_memory);
	if (!setup->instructions)
		setup->instructions = READ_ONCE(luadrv_instructions);
	if (!setup->sockets)
		setup->sockets = READ_ONCE(luadrv_sockets);
	if (!setup->output)
		setup->output = READ_ONCE(luadrv_output);
	if (!setup->stack)
		setup->stack = READ_ONCE(luadrv_stack);
	if (!setup->max_script)
		setup->max_script = READ_ONCE(luadrv_max_script);
	return err;
}
