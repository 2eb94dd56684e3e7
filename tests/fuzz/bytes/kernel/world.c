// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The machine under the stand-in kernel. */
#include "kernel.h"
#include "driver/registry.h"

#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#endif
#undef snprintf

/* No run needs more at a time; the sanitizer would give up above its own limit. */
#define LARGEST_ALLOC	(64UL << 20)

struct world world;
struct task_struct world_task, *world_current = &world_task;
const struct file_operations *world_fops;
unsigned long jiffies;
long world_steps;

static struct nsproxy nsproxy = { &world_net };
static struct cred cred;
static struct cpumask cpus;
static struct world_files files;
static struct fs_struct fs = { .root = { 1 }, .pwd = { 1 } };
static long blocks, spins, sleepers, irqs_off, allocs;
static bool in_irq;
static u64 random_state;
static struct hrtimer *tick, *soft_timers;

void world_fail(const char *what, ...)
{
	va_list args;

	va_start(args, what);
	fputs("==== the stand-in kernel: ", stderr);
	vfprintf(stderr, what, args);
	fputs("\n", stderr);
	va_end(args);
	abort();
}

void world_begin(void)
{
	static bool loaded;

	world_task = (struct task_struct){
		.comm = "fuzz", .tgid = 100, .nsproxy = &nsproxy, .cred = &cred,
		.mm = &world_memcg, .cpus_ptr = &cpus, .files = &files,
		.fs = &fs,
	};
	files.count.n = 1;
	/* So far down that nothing comes near it, unless the target wants less. */
	world_task.stack = (char *)__builtin_frame_address(0) -
			   (world.stack ? world.stack : 2UL << 20);
	jiffies = 1000000;
	random_state = 1;
	allocs = 0;
	if (!world.tick)
		world.tick = 1000;
	if (!world.ticks)
		world.ticks = 100;
	world_steps = world.tick;
	if (!loaded) {
		*(bool *)world_param_testing.param.arg = true;
		world_check(!world_module_init(), "the module does not load");
		loaded = true;
	}
}

void world_end(void)
{
	world_check(!spins && !sleepers, "a lock is still held");
	world_check(!irqs_off, "interrupts are still off");
	world_check(!tick && !soft_timers, "a timer is still running");
	world_check(!world_delayed, "work is left for later");
	world_check(!world_sockets(), "a socket is left");
	luadrv_registry_exit();
	world_check(current == &world_task && !world_task.refs, "another task is left");
	world_check(!world_net.refs, "a network namespace is left");
	world_check(!world_cred.refs, "credentials are left");
	world_check(!world_memcg.refs, "a memory cgroup is left");
	world_check(!world_paths, "a directory is left");
	world_check(!world_module_users, "the module is still in use");
	world_show_live(NULL, NULL);
	if (blocks)
		world_fail("%ld blocks of memory are left", blocks);
	memset(&world, 0, sizeof(world));
}

void world_live(const char *fmt, ...)
{
	char line[80], *number;
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	number = strchr(line, ' ');
	world_check(number, "a line of live objects without a number");
	if (strcmp(number, " 0\n"))
		world_fail("still alive: %s", line);
}

/* Memory */

static bool fails(size_t n)
{
	allocs++;
	if (n > LARGEST_ALLOC)
		return true;
	return world.fail_alloc && (world.fail_all ? allocs >= world.fail_alloc :
						     allocs == world.fail_alloc);
}

void *world_alloc(size_t n, bool zero)
{
	void *p;

	world_may_sleep();
	if (fails(n))
		return NULL;
	/* As the kernel's are, blocks of a power of two are aligned to that. */
	p = zero ? calloc(1, n) : is_power_of_2(n) ? aligned_alloc(n, n) : malloc(n);
	blocks++;
	return p;
}

void *world_realloc(void *p, size_t n)
{
	world_may_sleep();
	if (!p)
		return world_alloc(n, false);
	return fails(n) ? NULL : realloc(p, n);
}

void world_free(void *p)
{
	if (p)
		blocks--;
	free(p);
}

void world_touch(const void *bytes, size_t len)
{
#if __has_feature(address_sanitizer)
	if (len && __asan_region_is_poisoned((void *)bytes, len))
		world_fail("%zu bytes are not all memory", len);
#endif
}

/* Locks and interrupts */

void world_lock(bool *held, bool spin)
{
	world_check(!*held, "a lock is taken twice");
	*held = true;
	*(spin ? &spins : &sleepers) += 1;
}

void world_unlock(bool *held, bool spin)
{
	world_check(*held, "a lock is released that nobody holds");
	*held = false;
	*(spin ? &spins : &sleepers) -= 1;
}

void world_irqs_off(void)
{
	irqs_off++;
}

void world_irqs_on(void)
{
	world_check(irqs_off-- > 0, "interrupts are on already");
}

void world_may_sleep(void)
{
	world_check(!spins && !irqs_off && !in_irq, "something sleeps in atomic context");
}

void hrtimer_cancel(struct hrtimer *timer)
{
	struct hrtimer **at = &soft_timers;

	if (tick == timer)
		tick = NULL;
	while (*at && *at != timer)
		at = &(*at)->next;
	if (*at)
		*at = timer->next;
}

void hrtimer_start(struct hrtimer *timer, ktime_t when, enum hrtimer_mode mode)
{
	hrtimer_cancel(timer);
	if (mode == HRTIMER_MODE_REL_HARD) {
		tick = timer;
		return;
	}
	timer->due = when;
	timer->next = soft_timers;
	soft_timers = timer;
}

/* The soft timer that is due first, if it is by then. */
static struct hrtimer *first_timer(ktime_t by)
{
	struct hrtimer *first = NULL;

	for (struct hrtimer *timer = soft_timers; timer; timer = timer->next)
		if (timer->due <= by && (!first || timer->due < first->due))
			first = timer;
	return first;
}

static void fire_soft_timers(void)
{
	struct hrtimer *timer;

	while ((timer = first_timer(ktime_get_ns()))) {
		hrtimer_cancel(timer);
		in_irq = true;
		world_check(timer->function(timer) == HRTIMER_NORESTART, "a soft timer goes on by itself");
		in_irq = false;
	}
}

static void fire_timer(void)
{
	if (tick) {
		in_irq = true;
		jiffies += 10;
		if (tick->function(tick) == HRTIMER_NORESTART)
			tick = NULL;
		in_irq = false;
	}
	fire_soft_timers();
}

/* Sleeps until a timer is due that is so sooner than after @timeout; false if there is none. */
static bool sleep_for_timer(long timeout)
{
	struct hrtimer *timer = first_timer(timeout == MAX_SCHEDULE_TIMEOUT ? LONG_MAX :
					    (ktime_t)ktime_get_ns() + ms_to_ktime(timeout));

	if (!timer)
		return false;
	jiffies = max(jiffies, (unsigned long)DIV_ROUND_UP(timer->due, 1000000));
	fire_soft_timers();
	return true;
}

/* Steps of the Lua core arrive here. No lock is held while a script runs. */
void world_interrupt(void)
{
	char *sp = __builtin_frame_address(0);

	world_steps = world.tick;
	if (in_irq)
		return;
	world_check(sp > world_task.stack, "the stack overflowed");
	world_check(!spins && !sleepers, "a script runs under a lock");
	current->signalled |= --world.ticks <= 0;
	fire_timer();
}

/* Who sleeps for ever is woken by a signal. */
int world_sleep(long timeout)
{
	world_may_sleep();
	if (signal_pending(current))
		return -ERESTARTSYS;
	fire_timer();
	if (world_answer() & 1)
		world_net_event();
	if (sleep_for_timer(timeout)) {
		current->signalled |= --world.ticks <= 0;
		return signal_pending(current) ? -ERESTARTSYS : 0;
	}
	current->signalled |= timeout == MAX_SCHEDULE_TIMEOUT || --world.ticks <= 0;
	if (signal_pending(current))
		return -ERESTARTSYS;
	jiffies += timeout;
	return 0;
}

u8 world_answer(void)
{
	if (!world.answers_left)
		return 0;
	world.answers_left--;
	return *world.answers++;
}

/* The rest */

void world_log(char level, const char *fmt, ...)
{
	char text[2048];
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	world_check(n > 0 && n < (int)sizeof(text) && text[n - 1] == '\n', "a record of the log");
	if (getenv("FUZZ_LOG"))
		fputs(text, stderr);
	if (world.record)
		world.record(level, text, n - 1);
}

u64 world_random(void)
{
	return random_state = random_state * 6364136223846793005ULL + 1442695040888963407ULL;
}

u64 world_hash(const void *bytes, size_t len, u64 seed)
{
	const u8 *p = bytes;
	u64 hash = seed ^ 0xcbf29ce484222325ULL;

	while (len--)
		hash = (hash ^ *p++) * 0x100000001b3ULL;
	return hash ^ hash >> 32;
}

unsigned long long memparse(const char *text, char **end)
{
	static const char units[] = "KMGTPE";
	unsigned long long n = strtoull(text, end, 0);
	const char *unit = **end ? strchr(units, **end & ~0x20) : NULL;

	if (unit && *unit) {
		n <<= 10 * (unit - units + 1);
		++*end;
	}
	return n;
}
