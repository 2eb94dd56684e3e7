# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""The host's side: boots machines, finds out which script was to blame, makes it small."""
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter

from lua import generate, mutate
from lua.reduce import Reducer
from lua.script import Script

REPO = os.path.normpath(os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", ".."))
OUT = os.path.join(REPO, "build", "fuzz")
# More findings than this are not waited for.
MOST_FINDINGS = 5
# How often a script is run to see whether it fails, and for how many seconds one is made small.
REPEAT = 3
REDUCE_SECONDS = 900


def say(text):
    """Print a line at once."""
    print(text, flush=True)


class Boot:
    """One machine's life: what the guest said and how it ended."""

    def __init__(self, kernel, arguments, share=None, timeout=600):
        command = ["tools/vm", "--kernel", kernel, "--timeout", str(int(timeout))]
        command += (["--share", share] if share else []) + ["--", "tests/fuzz/guest"] + arguments
        self.last, self.findings, self.ended = None, [], Counter()
        self.told = time.monotonic()
        with tempfile.TemporaryFile() as errors:
            with subprocess.Popen(command, cwd=REPO, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
                                  text=True, errors="replace") as process:
                for line in process.stdout:
                    self.read(line.split())
            self.status = process.returncode
            errors.seek(0)
            self.console = errors.read().decode("utf-8", "replace")

    def read(self, words):
        """Take in a line of lua/guest.py."""
        if words[:1] == ["at"]:
            self.last = int(words[1])
        elif words[:1] == ["finding"]:
            self.last = int(words[1])
            self.findings.append((self.last, " ".join(words[2:])))
        elif words[:1] == ["stat"]:
            self.tell()
            self.ended.update({key: int(count) for key, count in (word.split("=") for word in words[1:])})

    def tell(self):
        """Say that it goes on, once a minute."""
        if time.monotonic() - self.told > 60:
            self.told = time.monotonic()
            say(f"  {sum(self.ended.values())} scripts")

    def died(self):
        """Whether the machine did not live to the end."""
        return self.status in (124, 125)

    def suspect(self):
        """The number of the script that is to blame."""
        if self.findings and not self.died():
            return self.findings[0][0]
        named = re.findall(r"Comm: fuzz-(\d+)", self.console) or re.findall(r"fuzz-(\d+)\[", self.console)[-1:]
        return int(named[0]) if named else self.last

    def symptom(self):
        """What went wrong, as one line; None if nothing did."""
        if self.findings and not self.died():
            return self.findings[0][1]
        if not self.died():
            return None if self.status == 0 else f"the guest's program ended with {self.status}"
        match = re.search(r"\] *(?:\[[^]]*\] *)?((?:BUG|WARNING|Oops|UBSAN|INFO|watchdog|Kernel panic).*)",
                          self.console)
        return "the machine died: " + (match[1].strip() if match else f"tools/vm ended with {self.status}")

    def failed(self, wanted):
        """Numbers of scripts that failed in a way."""
        numbers = {number for number, text in self.findings if kind(text) == wanted}
        if self.died() and kind(self.symptom()) == wanted:
            numbers.add(self.suspect())
        return sorted(number for number in numbers if number is not None)


def kind(symptom):
    """What went wrong, less what differs from run to run."""
    return re.sub(r"0x[0-9a-f]+|\d+|\+\S+", "#", symptom)[:50]


def run_files(kernel, scripts, timeout):
    """Boot a machine for scripts of which the first that fails ends it; the Boot."""
    with tempfile.TemporaryDirectory() as folder:
        share = os.path.join(folder, "scripts")
        os.mkdir(share)
        names = []
        for number, script in enumerate(scripts):
            names.append(f"/share/scripts/{number:05}.lua")
            with open(f"{share}/{number:05}.lua", "wb") as file:
                file.write(script.text())
        return Boot(kernel, [str(int(timeout))] + names, share, timeout + 300)


class Campaign:
    """Fuzzing for some time."""

    def __init__(self, kernel, seed, seconds):
        self.kernel = kernel
        self.seed = seed
        self.seconds = seconds
        self.ended = Counter()
        self.busy = 0
        self.findings = 0

    def run(self):
        """Fuzz until the time is over; the number of findings."""
        self.run_corpus()
        deadline = time.monotonic() + self.seconds
        number = 0
        while time.monotonic() < deadline and self.findings < MOST_FINDINGS:
            seconds = max(deadline - time.monotonic(), 5)
            start = time.monotonic()
            boot = Boot(self.kernel, [str(int(seconds)), str(self.seed), str(number)], timeout=seconds + 300)
            self.busy += time.monotonic() - start
            self.ended.update(boot.ended)
            if boot.symptom() is None:
                break
            self.findings += 1
            if boot.last is None:
                say(f"{boot.symptom()}\n{boot.console}")
                break
            self.examine(boot)
            number = max(boot.last, boot.suspect()) + 1
        return self.findings

    def run_corpus(self):
        """What failed once comes first; it does not count, nor do the builds that it may need."""
        scripts = []
        for path in mutate.corpus():
            with open(path, "rb") as file:
                scripts.append(Script.read(file.read()))
        boot = run_files(self.kernel, scripts, 300)
        if boot.symptom():
            self.findings += 1
            say(f"corpus: {mutate.corpus()[boot.suspect() or 0]}: {boot.symptom()}\n{boot.console}")

    def examine(self, boot):
        """Store what is known of a finding; make it small if it happens again."""
        number = boot.suspect()
        say(f"script {number}: {boot.symptom()}")
        path = os.path.join(OUT, f"{self.seed}-{number}")
        os.makedirs(OUT, exist_ok=True)
        with open(path + ".log", "w", encoding="utf-8") as file:
            file.write(boot.symptom() + "\n" + boot.console)
        script = generate.script(self.seed, number)
        with open(path + ".lua", "wb") as file:
            file.write(script.text())
        say(f"  the script is {path}.lua, the console {path}.log; again: make fuzz SEED={self.seed} SCRIPT={number}")
        reduce_script(self.kernel, script, path)


def reduce_script(kernel, script, path):
    """Run a script alone; if it fails, make it small and store it. Whether it failed."""
    boot = run_files(kernel, [script] * REPEAT, 120)
    if boot.symptom() is None:
        say("  alone it does not fail")
        return False
    wanted = kind(boot.symptom())
    say(f"  alone it fails, too: {boot.symptom()}")
    with open(path + ".log", "w", encoding="utf-8") as file:
        file.write(boot.symptom() + "\n" + boot.console)
    deadline = time.monotonic() + REDUCE_SECONDS

    def failing(scripts):
        done = 0
        while done < len(scripts) and time.monotonic() < deadline:
            boot = run_files(kernel, scripts[done:], 300)
            failed = boot.failed(wanted)
            if failed or not boot.died() or boot.suspect() is None:
                return [done + number for number in failed]
            done += boot.suspect() + 1
        return []

    def smaller(script):
        say(f"  {len(script.program)} bytes fail as well")
        with open(path + "-small.lua", "wb") as file:
            file.write(script.text())

    small = Reducer(script, failing, smaller).reduce()
    smaller(small)
    say(f"  small: {path}-small.lua\n" + small.text().decode("utf-8", "replace"))
    return True


def main(kernel, seed, seconds):
    """Fuzz, and print a summary; the exit status."""
    say(f"fuzz: kernel {kernel}, seed {seed}, {seconds} s")
    campaign = Campaign(kernel, seed, seconds)
    findings = campaign.run()
    total = sum(campaign.ended.values())
    ways = ", ".join(f"{count} {name}" for name, count in campaign.ended.most_common())
    rate = total / max(campaign.busy, 1)
    say(f"fuzz: {total} scripts in {campaign.busy:.0f} s ({rate:.1f}/s): {ways}; {findings} findings")
    return 1 if findings else 0


def run_one(kernel, seed, number):
    """Make one script again and run it; the exit status."""
    os.makedirs(OUT, exist_ok=True)
    path = os.path.join(OUT, f"{seed}-{number}")
    script = generate.script(seed, number)
    with open(path + ".lua", "wb") as file:
        file.write(script.text())
    sys.stdout.buffer.write(script.text())
    say(f"-- {path}.lua")
    return 1 if reduce_script(kernel, script, path) else 0
