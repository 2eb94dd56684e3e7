/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The page that a result is put into, as it is in the tree. */
	.section .rodata, "a"
	.globl	report_page
	.globl	report_page_end
report_page:
	.incbin	"report.html"
report_page_end:
	.section .note.GNU-stack, "", %progbits
