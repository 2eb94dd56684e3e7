// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The calls of the target device: each with arguments from the input, and what it must give. */
#include "device_model.h"
#include "driver/registry.h"

/* Behind the structure, in user memory. */
#define BUFFER	(device_user + 512)

/* How the user memory is: most of the time all of it is there. */
static void take_faults(void)
{
	u8 how = fuzz_byte(device_in);

	world.readable = how < 240 ? USER_SIZE : (how - 240) * 16;
	world.writable = how % 16 ? USER_SIZE : (size_t)how * 4;
}

static size_t take_size(void)
{
	u8 size = fuzz_byte(device_in);

	return size < 128 ? size : (size - 127) * 55;
}

static void take_name(char *name)
{
	u8 what = fuzz_byte(device_in);

	memset(name, 0, LUADRV_NAME_SIZE);
	if (what == 255)
		memset(name, 'x', LUADRV_NAME_SIZE);
	else if (what & 1)
		name[0] = (char)('a' + what % 3);
	else if (what & 2)
		memset(name, what & 4 ? '\n' : 'n', what % LUADRV_NAME_SIZE);
}

/* A call holds the file itself if other threads might close it. */
static long call(struct device_file *f, unsigned int cmd)
{
	bool pins = current->files->count.n != 1;
	int *count = pins ? &f->pins : &f->borrowed;
	long res;

	++*count;
	f->file.count = f->fds + f->pins;
	res = f->file.f_op->unlocked_ioctl(&f->file, cmd, (unsigned long)device_user);
	--*count;
	return res;
}

static void check_run(struct device_file *f, struct device_script *script, long res, int broken)
{
	if (f->file.f_mode == FMODE_READ)
		world_check(res == -ENOTTY, "the table runs something");
	else if (!device_is_session(f))
		world_check(res == -EBADF, "a file that nobody can read from runs something");
	else if (f->running)
		world_check(res == -EBUSY, "two run at a time");
	else if (broken)
		world_check(res == broken, "a run hides a failed write");
	else if (!script->ran)
		world_check((res == -ENOMEM && world.fail_alloc) ||
			    (res == -EINTR && f->output.closed), "it did not run");
	else
		world_check(res == script->result, "a run hides how it went");
}

static void do_run(struct device_file *f, unsigned int cmd)
{
	struct device_script script = {}, *before;
	bool session = device_is_session(f), was_running = f->running;
	int broken = f->broken;
	long res;

	if (!device_fit())
		return;
	/* While another one runs, what was written stays. */
	if (session && !was_running)
		device_take(f, &script);
	script.job = cmd == LUADRV_CHECK ? LUADRV_JOB_CHECK : LUADRV_JOB_RUN;
	script.file = f;
	before = device_expect(session && !broken && !f->running ? &script : NULL);
	res = call(f, cmd);
	device_expect(before);
	world_check(f->running == was_running, "running");
	check_run(f, &script, res, broken);
	if (cmd == LUADRV_LAST && script.ran)
		world_check(!((struct luadrv_session *)f->file.private_data)->rt,
			    "a state outlives its last run");
	if (session && !was_running && cmd != LUADRV_CHECK)
		f->output.runs++;
	free(script.text);
}

static void do_spawn(struct device_file *f)
{
	long res, threads;
	struct device_script script = {};
	int broken = f->broken;

	if (f->file.f_mode != FMODE_READ)
		device_take(f, &script);
	res = call(f, LUADRV_SPAWN);
	threads = device_made();
	world_check(threads == (res > 0), "a number without a script");
	if (f->file.f_mode == FMODE_READ)
		world_check(res == -ENOTTY, "the table spawns something");
	else if (broken)
		world_check(res == broken, "spawning hides a failed write");
	else if (res > 0)
		device_add_detached(&script, res);
	else
		world_check(res == -ENOMEM && world.fail_alloc, "spawn");
	free(script.text);
}

static void fill_options(struct luadrv_options *options)
{
	u8 what = fuzz_byte(device_in);
	size_t size = take_size();

	*options = (struct luadrv_options){
		.memory = (u64)what << (what % 64), .instructions = what, .sockets = what,
		.output = size * 16, .args_size = what == 255 ? LUADRV_ARGS_SIZE + size : size % MAX_ARGS,
		.reserved = what == 254, .stack = what == 253 ? LUADRV_STACK_MOST + 1 : what,
		.max_script = what % 4 ? 0 : size, .args = (unsigned long)(what % 32 == 31 ? NULL : BUFFER),
	};
	take_name(options->name);
	memset(BUFFER, what, MAX_ARGS);
	if (options->args_size && what % 8)
		BUFFER[options->args_size % MAX_ARGS - !!(options->args_size % MAX_ARGS)] = 0;
}

static int predict_options(struct device_file *f, const struct luadrv_options *options)
{
	const u8 *args = (const u8 *)(unsigned long)options->args;

	if (f->file.f_mode == FMODE_READ)
		return -ENOTTY;
	if (world.readable < sizeof(*options))
		return -EFAULT;
	if (options->reserved || options->stack > LUADRV_STACK_MOST || options->name[LUADRV_NAME_SIZE - 1])
		return -EINVAL;
	if (((struct luadrv_session *)f->file.private_data)->rt)
		return -EBUSY;
	if (!options->args_size)
		return 0;
	if (options->args_size > LUADRV_ARGS_SIZE)
		return -E2BIG;
	if (!args || world.readable < 512 + options->args_size)
		return -EFAULT;
	return args[options->args_size - 1] ? -EINVAL : 0;
}

static void do_options(struct device_file *f)
{
	struct luadrv_options options;
	int want;
	long res;

	fill_options(&options);
	memcpy(device_user, &options, sizeof(options));
	want = predict_options(f, &options);
	res = call(f, LUADRV_OPTIONS);
	if (res == -ENOMEM && world.fail_alloc)
		return;
	if (res != want)
		world_fail("options give %ld, not %d", res, want);
	if (res)
		return;
	memcpy(f->setup.name, options.name, sizeof(options.name));
	f->setup.args_size = options.args_size;
	f->setup.max_script = options.max_script;
	memcpy(f->setup.args, BUFFER, options.args_size);
}

static int count_selected(struct luadrv_runtime *rt, void *data)
{
	const struct luadrv_stop *stop = data;

	/* Nothing that runs here has threads. */
	if (stop->id)
		return rt->id == stop->id;
	return !*stop->name || !strcmp(rt->name, stop->name);
}

static void do_stop(struct device_file *f)
{
	u8 what = fuzz_byte(device_in);
	struct luadrv_stop stop = { .flags = what >> 6 };
	bool found;
	long res;

	if (what & 1)
		stop.id = what & 2 ? what >> 2 : device_spawned ? device_detached[device_spawned - 1].id : 0;
	take_name(stop.name);
	memcpy(device_user, &stop, sizeof(stop));
	found = !stop.name[LUADRV_NAME_SIZE - 1] && luadrv_registry_each(count_selected, &stop);
	res = call(f, LUADRV_STOP);
	if (world.readable < sizeof(stop))
		world_check(res == -EFAULT, "stop: fault");
	else if (stop.flags > 1 || stop.name[LUADRV_NAME_SIZE - 1] ||
		 (!stop.id && !*stop.name && !stop.flags))
		world_check(res == -EINVAL, "stop: invalid");
	else if (!found && (stop.id || *stop.name) && !stop.flags)
		world_check(res == -ESRCH, "stop: there is none");
	else if (res == -EFAULT)
		world_check(world.writable < sizeof(stop), "stop: EFAULT where nothing faults");
	else
		world_check(!res || (res == -EINTR && signal_pending(current)), "stop");
}

/* The detached script of a number of which there is a log. */
static struct device_script *find_log(u32 id)
{
	unsigned int i;

	for (i = 0; id && i < device_spawned; i++)
		if (device_detached[i].id == id &&
		    (!device_detached[i].order || device_detached[i].order + 16 > device_ended))
			return &device_detached[i];
	return NULL;
}

static void fill_log(struct luadrv_log *log, struct text_call *text)
{
	u8 what = fuzz_byte(device_in);

	*log = (struct luadrv_log){
		.id = device_spawned ? device_detached[what % device_spawned].id : what,
		.flags = what >> 5 == 7 ? 2 : what >> 5 & 1, .position = fuzz_byte(device_in) * 37ULL,
		.buffer = (unsigned long)BUFFER, .size = take_size(),
	};
	memcpy(device_user, log, sizeof(*log));
	*text = (struct text_call){
		.buffer = BUFFER, .asked = log->size, .position = log->position, .wait = log->flags,
	};
}

static void do_log(struct device_file *f)
{
	struct device_script *script;
	struct luadrv_log log;
	struct text_call text;
	long res;

	fill_log(&log, &text);
	script = find_log(log.id);
	res = call(f, LUADRV_LOG);
	if (world.readable < sizeof(log)) {
		world_check(res == -EFAULT, "log: fault");
	} else if (log.flags & ~LUADRV_LOG_WAIT) {
		world_check(res == -EINVAL, "log: flags");
	} else if (!script) {
		world_check(res == -ESRCH || res == -EINVAL, "log: there is none");
	} else {
		memcpy(&log, device_user, sizeof(log));
		text_check_log(script->output, &text, log.stream, log.position, res);
	}
}

/* LUADRV_READ, read(2), poll(2). One that reads already is waited for, so it is left out. */

static long read_call(struct device_file *f, struct text_call *text, u32 *stream)
{
	struct luadrv_read arg = { (unsigned long)BUFFER, text->asked, 0, text->run };
	bool pins = current->files->count.n != 1;
	int *count = pins ? &f->pins : &f->borrowed;
	loff_t pos = 0;
	long res;

	if (text->run) {
		memcpy(device_user, &arg, sizeof(arg));
		res = call(f, LUADRV_READ);
		memcpy(&arg, device_user, sizeof(arg));
		*stream = arg.stream;
		return res;
	}
	++*count;
	f->file.count = f->fds + f->pins;
	res = f->file.f_op->read(&f->file, (char *)BUFFER, text->asked, &pos);
	--*count;
	/* Who reads so does not see which. */
	*stream = f->output.streams[f->output.taken];
	return res;
}

static void read_session(struct device_file *f)
{
	struct text_call text = { .buffer = BUFFER, .nonblock = f->file.f_flags & O_NONBLOCK };
	u32 stream;
	long res;

	text.run = fuzz_byte(device_in) % 4;
	text.asked = take_size();
	/* What is read but cannot be told of is lost: not here. */
	world.writable = max(world.writable, sizeof(struct luadrv_read));
	if (f->reading)
		return;
	f->reading = true;
	res = read_call(f, &text, &stream);
	f->reading = false;
	if (text.run && world.readable < sizeof(struct luadrv_read)) {
		world_check(res == -EFAULT, "read: fault");
		return;
	}
	text_check_read(&f->output, &text, stream, res);
}

static void read_table(struct device_file *f)
{
	loff_t pos = 0;
	ssize_t n = f->file.f_op->read(&f->file, (char *)device_user, USER_SIZE - 1, &pos);
	const char *line = (const char *)device_user;

	world.readable = world.writable = USER_SIZE;
	if (n == -EFAULT)
		return;
	device_user[n] = '\0';
	world_check(!memcmp(line, "    ID ", 7), "a table without a header");
	for (; *line; line = strchr(line, '\n') + 1)
		world_check(strchr(line, '\n'), "a line that does not end");
}

static void do_poll(struct device_file *f)
{
	struct luadrv_session *session = f->file.private_data;
	poll_table table = {};
	__poll_t events = f->file.f_op->poll(&f->file, &table);

	if (!device_is_session(f)) {
		world_check(events == (EPOLLOUT | EPOLLWRNORM), "poll of what is only written");
		return;
	}
	text_sync(&f->output);
	world_check(table.queue == &session->output->changed, "polls for nothing");
	world_check(!(events & EPOLLIN) == (f->output.taken == f->output.end && f->output.active),
		    "poll");
}

void device_read(struct device_file *f)
{
	take_faults();
	if (f->file.f_mode == FMODE_READ)
		read_table(f);
	else if (!device_is_session(f) || device_in->left % 8 == 0)
		do_poll(f);
	else
		read_session(f);
	world.readable = world.writable = USER_SIZE;
}

/* What runs here heeds nothing. */
static void do_interrupt(struct device_file *f)
{
	long expected = f->file.f_mode == FMODE_READ ? -ENOTTY : device_is_session(f) ? -ESRCH : -EBADF;

	world_check(call(f, LUADRV_INTERRUPT) == expected, "an interrupt of what cannot be interrupted");
}

void device_ioctl(struct device_file *f)
{
	u8 what = fuzz_byte(device_in);

	take_faults();
	if (what % 8 < 2)
		do_run(f, what % 16 == 1 ? LUADRV_LAST : LUADRV_RUN);
	else if (what % 8 == 2)
		do_run(f, LUADRV_CHECK);
	else if (what % 8 == 3)
		do_options(f);
	else if (what % 8 == 4)
		do_spawn(f);
	else if (what % 8 == 5)
		do_stop(f);
	else if (what % 8 == 6)
		do_log(f);
	else if (what == 15)
		do_interrupt(f);
	else
		world_check(call(f, what << 24) == -ENOTTY, "an unknown call");
	world.readable = world.writable = USER_SIZE;
}
