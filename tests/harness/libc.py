# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""System calls that Python lacks."""
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


def check(result):
    """Turn the result of a C function into an exception if it failed."""
    if result:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
