# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""Many clients at once: who comes next is the seed's choice, what becomes of them is counted."""
import asyncio
import collections
import random

from soaking.clients import BAD, GOOD
from soaking.wire import end_tasks

# One of so many places is for good clients only.
GOOD_PLACES = 5
# Who takes longer than this hangs.
HANG = 60
# What is wrong is told so often; then it is counted only.
TOLD = 20


class Load:
    """A number of places, each taken by one client after another."""

    def __init__(self, servers, places, seed, slow):
        self.servers = servers
        self.places = places
        self.seed = seed
        self.rng = random.Random(f"{seed}")
        self.hang = HANG * slow
        self.clients = collections.Counter()
        self.wrong = {"good": [], "bad": []}
        self.going_on = False
        self.serial = [0] * places
        self.decks = {}

    def start(self):
        """Let the clients come."""
        self.going_on = True
        tasks = [asyncio.create_task(self.place(number)) for number in range(self.places)]
        share = len(tasks) // GOOD_PLACES
        return tasks[:share], tasks[share:]

    async def run(self, seconds):
        """Load for some time. Then the good clients go on until they are served; the bad ones vanish."""
        served, others = self.start()
        await asyncio.sleep(seconds)
        self.going_on = False
        await asyncio.gather(*served)
        await end_tasks(others)
        self.servers.hang_up()

    def deal(self, kinds):
        """The name of one of these kinds; none comes again before all have come."""
        names = tuple(kinds)
        if not self.decks.get(names):
            self.decks[names] = self.rng.sample(names, len(names))
        return self.decks[names].pop()

    async def place(self, number):
        """One client after another; good ones only in the first places."""
        kinds = {**GOOD, **({} if number < self.places // GOOD_PLACES else BAD)}
        while self.going_on:
            self.serial[number] += 1
            who = f"{self.seed}/{number}/{self.serial[number]}"
            rng = random.Random(who)
            name = self.deal(kinds)
            await self.client(name, kinds[name], rng, who)

    async def client(self, name, kind, rng, who):
        """One client, and what is wrong with how it fares."""
        self.clients[name] += 1
        try:
            async with asyncio.timeout(self.hang):
                await kind(self.servers, rng)
        except (OSError, EOFError, AssertionError) as error:
            wrong = self.wrong["good" if name in GOOD else "bad"]
            wrong.append(f"{name} {who}: {error!r}")
