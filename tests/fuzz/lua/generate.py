# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""The script of a seed and a number: always the same one, in the same state of the repository."""
import functools
import random

from lua import mutate, program, pure


@functools.lru_cache(maxsize=1)
def material():
    """What there is to mutate; read once."""
    return mutate.material()


def script(seed, number):
    """Make the script."""
    rng = random.Random(f"{seed}/{number}")
    chance = rng.random()
    if chance < 0.15:
        return pure.make(rng)
    if chance < 0.35:
        return mutate.make(rng, material())
    return program.make(rng)
