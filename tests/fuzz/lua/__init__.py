# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""Lua programs made by chance, run in the kernel (tests/fuzz/fuzz)."""
