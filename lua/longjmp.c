// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The kernel's part of longjmp: keeping KASAN's idea of the stack right. */
#include <linux/kernel.h>

#include "port.h"

void luaport_jump(struct luaport_jmpbuf *buf);

#ifdef CONFIG_KASAN_STACK
/* As the compiler knows it. */
void __asan_allocas_unpoison(void *stack_top, long stack_bottom);
#endif

#define LUAPORT_JMPBUF_SP 6

/**
 * luaport_longjmp() - return from the luaport_try() that filled @buf
 * @buf: in a frame that is still active
 *
 * The frames in between never return and so never clear the red zones that
 * KASAN put around their variables.
 */
void luaport_longjmp(struct luaport_jmpbuf *buf)
{
#ifdef CONFIG_KASAN_STACK
	unsigned long here = (unsigned long)__builtin_frame_address(0);

	__asan_allocas_unpoison((void *)(here & ~7UL),
				buf->regs[LUAPORT_JMPBUF_SP] & ~7UL);
#endif
	luaport_jump(buf);
}
