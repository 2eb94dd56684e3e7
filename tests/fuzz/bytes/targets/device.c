// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Files of the device: opened, written in pieces of any size, some of which
 * fault, shared, read, called, closed. What runs, how often, where, and every
 * result is predicted. What runs prints, and lets others go on meanwhile.
 *
 * Each operation is a byte: the file in the low two bits, then what to do.
 */
#include "device_model.h"

const enum fuzz_setup target_setup = FUZZ_SETUP_FIRST;

#define DEPTH	6

struct fuzz_input *device_in;
u8 device_user[USER_SIZE];
struct device_script device_detached[MAX_DETACHED];
unsigned int device_spawned, device_ended;

static struct device_file files[FILES];
static struct text_model logs[MAX_DETACHED];
static struct device_script *expected;
static unsigned int depth, begun, pattern;
static size_t limit;

bool device_fit(void)
{
	return !(current->flags & (PF_EXITING | PF_KTHREAD | PF_IO_WORKER)) && !current->in_execve;
}

void device_take(struct device_file *f, struct device_script *script)
{
	*script = (struct device_script){ .len = f->len, .setup = f->setup };
	script->text = malloc(f->len + 1);
	memcpy(script->text, f->text, f->len);
	f->len = 0;
	f->broken = 0;
}

struct device_script *device_expect(struct device_script *script)
{
	return xchg(&expected, script);
}

long device_made(void)
{
	return world_threads() + begun - device_spawned;
}

void device_add_detached(const struct device_script *script, u32 id)
{
	struct device_script *new = &device_detached[device_spawned];

	*new = *script;
	new->text = malloc(script->len + 1);
	memcpy(new->text, script->text, script->len);
	new->id = id;
	new->output = &logs[device_spawned++];
	text_begin(new->output, NULL);
	new->output->active = true;
}

/* The script that runs */

static void check_script(const struct luadrv_runtime *rt, const struct device_script *script,
			 const char *text, size_t len, enum luadrv_job job)
{
	const struct device_setup *setup = &script->setup;

	world_check(!script->ran, "it runs twice");
	world_check(len == script->len && (!len || !memcmp(text, script->text, len)),
		    "another script");
	world_check(job == script->job, "another job");
	world_check(rt->args_size == setup->args_size &&
		    (!rt->args || !memcmp(rt->args, setup->args, rt->args_size)), "arguments");
	if (*setup->name)
		world_check(rt->named && strlen(rt->name) == strlen(setup->name), "name");
}

struct printing {
	struct luadrv_runtime *rt;
	enum luadrv_log_level level;
	size_t len;
};

static int print(void *data, const char *text, size_t len)
{
	struct printing *printing = data;

	return luadrv_log(printing->rt, printing->level, text, printing->len);
}

static void do_print(struct luadrv_runtime *rt, struct text_model *output)
{
	u8 size = fuzz_byte(device_in), how = fuzz_byte(device_in) % 4;
	struct printing printing = { rt, how ? LUADRV_LOG_PRINT : LUADRV_LOG_ERROR };
	size_t i, len = size < 128 ? size : (size - 127) * 71;
	char *text = malloc(len + 1);

	for (i = 0; i < len; i++)
		text[i] = (char)(pattern++ * 7);
	/* An error gets a line end. */
	text[len] = '\n';
	printing.len = len;
	if (output)
		text_write(output, how ? LUADRV_OUTPUT : LUADRV_ERRORS, text, len + !how, print,
			   &printing);
	else
		print(&printing, text, len);
	free(text);
}

static bool meanwhile(void);

static int act(struct luadrv_runtime *rt, struct text_model *output)
{
	static const int results[] = { 0, -EINVAL, -ECANCELED, -ENOMEM, -ETIME, -ECHRNG };
	u8 op;

	while (device_in->left) {
		op = fuzz_byte(device_in);
		if (op % 4 == 0)
			return results[op / 4 % ARRAY_SIZE(results)];
		if (op % 4 == 1)
			do_print(rt, output);
		else if (op % 4 == 2)
			meanwhile();
		else if (luaport_attend(&rt->port))
			world_check(rt->stopping || signal_pending(current), "stops for nothing");
	}
	return 0;
}

int target_state_run(struct luadrv_runtime *rt, const char *text, size_t len,
		     enum luadrv_job job)
{
	struct device_script *script = rt->detached ? &device_detached[begun++] :
						      device_expect(NULL);
	struct text_model *output;

	world_check(script && (!rt->detached || begun <= device_spawned), "nothing should run");
	output = script->file ? &script->file->output : script->output;
	world_check(device_fit() == !rt->detached, "it runs in an unfit task");
	world_check(!rt->output == !output, "it prints elsewhere");
	world_check(rt->task == current && rt->origin->net == &world_net, "another task's");
	world_check(current->fs->root.of && current->fs->pwd.of, "it runs in other directories");
	check_script(rt, script, text, len, job);
	script->ran++;
	if (script->file)
		script->file->running = true;
	if (rt->detached)
		script->id = rt->id;
	if (output) {
		output->out = rt->output;
		output->active = true;
	}
	script->result = act(rt, output);
	if (output)
		output->active = false;
	if (script->file)
		script->file->running = false;
	if (rt->detached) {
		output->out = NULL;
		script->order = ++device_ended;
	}
	return script->result;
}

/* Files */

static void do_open(struct device_file *f, unsigned int mode)
{
	int err;

	if (f->open)
		return;
	memset(f, 0, offsetof(struct device_file, text));
	memset(&f->setup, 0, sizeof(f->setup));
	text_begin(&f->output, NULL);
	f->reading = f->ran = f->running = false;
	f->writer = 0;
	memset(f->closers, 0, sizeof(f->closers));
	f->closings = 0;
	f->file.f_mode = mode;
	f->file.f_op = world_fops;
	err = world_fops->open(NULL, &f->file);
	world_check(!err || (err == -ENOMEM && world.fail_alloc), "open");
	f->open = !err;
	f->fds = f->open;
	if (f->open && device_is_session(f))
		f->output.out = ((struct luadrv_session *)f->file.private_data)->output;
}

/* How many of @n bytes arrive; a negative errno otherwise. */
static ssize_t predict_write(struct device_file *f, size_t n, size_t good)
{
	size_t most = f->setup.max_script ? f->setup.max_script : limit;

	if (!n)
		return 0;
	if (f->broken)
		return f->broken;
	if (f->len > most || n > most - f->len)
		return -EFBIG;
	return good < n ? good ? (ssize_t)good : -EFAULT : (ssize_t)n;
}

static void do_write(struct device_file *f)
{
	u8 size = fuzz_byte(device_in), fault = fuzz_byte(device_in), fill = fuzz_byte(device_in);
	size_t n = size < 128 ? size : (size - 127) * 97;
	size_t good = fault < 128 ? n : min(n, (size_t)(fault - 128) * 8);
	static u8 bytes[MAX_SCRIPT];
	struct iov_iter from = { bytes, n, good };
	struct kiocb iocb = { &f->file };
	ssize_t want = predict_write(f, n, good), got;

	memset(bytes, fill, n);
	f->writer = current->tgid;
	got = world_fops->write_iter(&iocb, &from);
	if (got == -ENOMEM && !f->broken && world.fail_alloc)
		want = -ENOMEM;
	if (got != want)
		world_fail("write gives %zd, not %zd", got, want);
	if (n && got < (ssize_t)n && !f->broken)
		f->broken = got < 0 ? (int)got : -EFAULT;
	if (got > 0) {
		memcpy(f->text + f->len, bytes, got);
		f->len += got;
	}
}

/* Closes or releases what was only written, and expects it to run here, elsewhere, or not. */
static void finish(struct device_file *f, bool known, int (*call)(struct device_file *f))
{
	bool runs = f->len && !f->broken, here = known && device_fit();
	struct device_script script, *before;
	int err, broken = f->broken;
	long threads;

	device_take(f, &script);
	before = device_expect(runs && here ? &script : NULL);
	err = call(f);
	device_expect(before);
	threads = device_made();
	if (runs && !here && threads == 1)
		device_add_detached(&script, 0);
	else
		world_check(!threads, "it is detached for nothing");
	if (runs && !script.ran && !threads)
		world_check(world.fail_alloc && (err == 1 || err == -ENOMEM), "it did not run");
	if (err != 1 && broken)
		world_check(err == broken, "close hides a failed write");
	else if (err != 1 && script.ran)
		world_check(err == script.result, "close hides how it went");
	else if (err != 1 && threads)
		world_check(!err, "close of what is detached");
	free(script.text);
}

static int call_flush(struct device_file *f)
{
	return world_fops->flush(&f->file, NULL);
}

static int call_release(struct device_file *f)
{
	f->file.f_op->release(NULL, &f->file);
	return 1;
}

static void flush_shared(struct device_file *f)
{
	struct luadrv_session *session = f->file.private_data;
	bool last = device_is_session(f) && f->file.count - 1 <= f->pins;

	f->closers[f->closings++ % 4] = current->tgid;
	world_check(!call_flush(f), "close of one of many");
	if (last && f->running)
		world_check(session->rt->stopping, "nobody stops what nobody reads");
	f->output.closed |= last;
}

static void do_flush(struct device_file *f)
{
	if (f->fds - 1 < f->borrowed)
		return;
	f->file.count = f->fds-- + f->pins;
	f->borrowed++;
	if (f->file.f_mode == FMODE_READ) {
		world_check(!f->file.f_op->flush, "a close of the table");
	} else if (f->file.count > 1) {
		flush_shared(f);
	} else if (device_is_session(f)) {
		world_check(!call_flush(f), "close of a session");
		f->output.closed = true;
	} else {
		finish(f, true, call_flush);
	}
	f->borrowed--;
}

static bool known(const struct device_file *f)
{
	int i;

	for (i = 0; i < 4; i++)
		if (f->closers[i] == current->tgid)
			return true;
	return f->writer == current->tgid;
}

static void do_release(struct device_file *f)
{
	if (f->pins || f->borrowed)
		return;
	f->file.count = f->fds = 0;
	f->borrowed++;
	f->output.out = NULL;
	if (f->file.f_mode == FMODE_WRITE)
		finish(f, known(f), call_release);
	else
		call_release(f);
	f->borrowed--;
	f->open = false;
}

static void do_task(u8 what)
{
	static const unsigned int flags[] = { 0, 0, PF_EXITING, PF_IO_WORKER };

	current->tgid = 100 + (what & 7);
	current->flags = flags[what >> 3 & 3];
	current->in_execve = what >> 5 == 7;
	current->files->count.n = what >> 5 == 6 ? 2 : 1;
}

/* It is looked again whether calls have lost a session's last descriptor. */
static bool do_later(void)
{
	const struct luadrv_session *session;
	struct device_file *f;

	for (f = files; f < files + FILES; f++)
		f->file.count = f->fds + f->pins;
	if (!world_later())
		return false;
	for (f = files; f < files + FILES; f++) {
		session = f->file.private_data;
		if (!f->open || !device_is_session(f) || !session->output->closed)
			continue;
		world_check(f->output.closed || (f->pins && !f->fds), "a session is cut for nothing");
		f->output.closed = true;
	}
	return true;
}

/* The rest of the operations. */
static void do_more(struct device_file *f, u8 what)
{
	if (what == 8)
		do_open(f, fuzz_byte(device_in) % 8 ? FMODE_READ | FMODE_WRITE : FMODE_READ);
	else if (what == 9 || what == 10 || what == 13)
		device_ioctl(f);
	else if (what == 11 || what == 14)
		device_read(f);
	else if (what == 12 && !do_later() && begun < device_spawned && depth < DEPTH)
		world_thread();
	else if (what == 15)
		f->file.f_flags ^= O_NONBLOCK;
}

static void step(void)
{
	u8 op = fuzz_byte(device_in), what = op / FILES % 16;
	struct device_file *f = &files[op % FILES];

	if (device_spawned > MAX_DETACHED - FILES - 2)
		return;
	if (what == 0)
		do_open(f, FMODE_WRITE);
	else if (what <= 2 && f->fds && f->file.f_mode & FMODE_WRITE)
		do_write(f);
	else if (what == 3 && f->fds)
		do_flush(f);
	else if (what == 4 && f->open)
		do_release(f);
	else if (what == 5 && f->fds)
		f->fds++;
	else if (what == 6)
		do_task(fuzz_byte(device_in));
	else if (what == 7)
		limit = fuzz_byte(device_in) * 64;
	else if (what == 8 || what == 12 || f->fds)
		do_more(f, what);
	*(unsigned int *)world_param_max_script.param.arg = limit;
}

/* Others go on, in a process of their own. */
static bool meanwhile(void)
{
	struct task_struct other = world_task, *before = current;
	struct world_files its_files = { { 2 } };

	if (!device_in->left || depth >= DEPTH)
		return false;
	depth++;
	other.signalled = other.kicked = false;
	other.flags = 0;
	other.in_execve = false;
	other.refs = 0;
	other.files = &its_files;
	current = &other;
	step();
	current = before;
	depth--;
	return true;
}

void target_run(struct fuzz_input *in)
{
	unsigned int i;

	for (i = 0; i < FILES; i++)
		files[i].open = files[i].fds = 0;
	device_in = in;
	depth = begun = pattern = device_spawned = device_ended = 0;
	limit = 16384;
	*(unsigned int *)world_param_max_script.param.arg = limit;
	world.user = device_user;
	world.readable = world.writable = USER_SIZE;
	world.meanwhile = meanwhile;
	while (in->left)
		step();
	for (i = 0; i < FILES; i++)
		if (files[i].open)
			do_release(&files[i]);
	while (world_thread())
		;
	world_check(begun == device_spawned, "a detached script did not run");
	for (i = 0; i < device_spawned; i++)
		free(device_detached[i].text);
}
