/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Libraries that are written in Lua: their texts, as they are in the tree.
 * driver/embedded_lua.c says what they are called.
 */
	.macro	embed symbol, file
	.globl	\symbol
	.globl	\symbol\()_end
\symbol:
	.incbin	"\file"
\symbol\()_end:
	.endm

	.section .rodata, "a"
	embed	luadrv_text_resolve, "socket/resolve.lua"
