// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* What scripts keep of the process that they come from. */
#include "driver/origin.h"
#include "driver/live.h"

#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <net/net_namespace.h>

/**
 * luadrv_origin_new() - take what a script keeps from the calling process
 *
 * Context: Process, one that has not let go of its namespaces and files yet.
 * Return: the origin, with one reference, or NULL when there is no memory.
 */
struct luadrv_origin *luadrv_origin_new(void)
{
	struct luadrv_origin *origin = kzalloc(sizeof(*origin), GFP_KERNEL_ACCOUNT);

	if (!origin)
		return NULL;
	kref_init(&origin->ref);
	origin->net = get_net_track(current->nsproxy->net_ns, &origin->net_tracker,
				    GFP_KERNEL);
	luadrv_live_add(LUADRV_LIVE_NETNS, 1);
	origin->cred = get_current_cred();
	if (current->mm)
		origin->memcg = get_mem_cgroup_from_mm(current->mm);
	cpumask_copy(&origin->cpus, current->cpus_ptr);
	origin->nice = task_nice(current);
	origin->umask = current_umask();
	return origin;
}

struct luadrv_origin *luadrv_origin_get(struct luadrv_origin *origin)
{
	kref_get(&origin->ref);
	return origin;
}

static void origin_release(struct kref *ref)
{
	struct luadrv_origin *origin = container_of(ref, struct luadrv_origin, ref);

	put_net_track(origin->net, &origin->net_tracker);
	luadrv_live_add(LUADRV_LIVE_NETNS, -1);
	put_cred(origin->cred);
	mem_cgroup_put(origin->memcg);
	kfree(origin);
}

void luadrv_origin_put(struct luadrv_origin *origin)
{
	kref_put(&origin->ref, origin_release);
}

/**
 * luadrv_origin_assume() - have this kernel thread act as an origin's process
 * @origin: the origin; to be kept until luadrv_origin_leave()
 * @self: takes what that call needs
 *
 * A processor that has gone since is no reason to fail: the thread then runs
 * where the kernel lets it.
 *
 * Context: Process, in a kernel thread of the driver's. May sleep.
 */
void luadrv_origin_assume(struct luadrv_origin *origin, struct luadrv_self *self)
{
	self->cred = override_creds(origin->cred);
	self->memcg = compat_set_active_memcg(origin->memcg);
	set_cpus_allowed_ptr(current, &origin->cpus);
	set_user_nice(current, origin->nice);
}

void luadrv_origin_leave(struct luadrv_self *self)
{
	compat_set_active_memcg(self->memcg);
	revert_creds(self->cred);
}
