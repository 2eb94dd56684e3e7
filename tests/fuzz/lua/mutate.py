# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""Scripts made of existing ones: the corpus, the tests of the other suites, and generated programs."""
import os
import re

from harness import luafile
from lua import program
from lua.script import Script
from lua.values import BOUNDARIES, STRINGS, Values

HERE = os.path.dirname(os.path.realpath(__file__))
TESTS = os.path.dirname(os.path.dirname(HERE))
CORPUS = os.path.join(os.path.dirname(HERE), "corpus")
# Suites whose scripts are good material: short, and about the libraries.
SUITES = ("data", "poll", "socket", "lua", "limits")
TOKEN = re.compile(r"""--\[\[.*?\]\]|--[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'"""
                   r"""|\w+|\.\.\.?|[=~<>]=|//|<<|>>|::|\s+|.""", re.S)
WORDS = ["and", "or", "not", "nil", "end", "do", "then", "local", "function", "return", "break", "goto", "for", "in",
         "while", "repeat",
         "until", "else", "elseif", "if", "true", "...", "..", "(", ")", "{", "}", "[", "]", "=", "==", "~", "<", ">>",
         "//", "#", "%",
         ",", ";", ":", "::", ".", "-", "\n"]


def corpus():
    """The paths of the corpus, in order."""
    return sorted(os.path.join(CORPUS, name) for name in os.listdir(CORPUS) if name.endswith(".lua"))


def material():
    """Texts to change."""
    texts = []
    for path in corpus():
        with open(path, "rb") as file:
            texts.append(Script.read(file.read()).program.decode("utf-8", "surrogateescape"))
    for suite in SUITES:
        folder = os.path.join(TESTS, suite)
        for name in sorted(os.listdir(folder)):
            if name.endswith(".lua") and name != "lib.lua":
                texts += [test.script for test in luafile.read(os.path.join(folder, name))]
    return texts


def change(rng, values, tokens):
    """Change one token, or some, in place."""
    spot = rng.randrange(len(tokens))
    token = tokens[spot]
    chance = rng.random()
    if token[:1].isdigit():
        tokens[spot] = rng.choice(BOUNDARIES)
    elif token[:1] in "\"'":
        tokens[spot] = rng.choice(STRINGS)
    elif chance < 0.2:
        tokens[spot] = values.any()
    elif chance < 0.4:
        del tokens[spot:spot + rng.randint(1, 3)]
    elif chance < 0.6:
        tokens[spot:spot] = tokens[spot:spot + rng.randint(1, 40)]
    elif chance < 0.8:
        tokens[spot] = rng.choice(tokens)
    else:
        tokens[spot] = rng.choice(WORDS)


def calls_only(rng, tokens):
    """Change numbers and strings alone, so that what comes out still compiles."""
    spots = [i for i, token in enumerate(tokens) if token[:1].isdigit() or token[:1] in "\"'"]
    for spot in rng.sample(spots, min(len(spots), rng.randint(1, 4))):
        tokens[spot] = rng.choice(BOUNDARIES if tokens[spot][0].isdigit() else STRINGS)


def make(rng, texts):
    """A changed script."""
    text = rng.choice(texts) if rng.random() < 0.7 else "\n".join(program.Program(rng).lines())
    tokens = TOKEN.findall(text)
    if rng.random() < 0.5:
        calls_only(rng, tokens)
    else:
        values = Values(rng)
        for _ in range(rng.choice([1, 1, 2, 4, 8])):
            if tokens:
                change(rng, values, tokens)
    return Script("".join(tokens).encode("utf-8", "surrogateescape"), program.options(rng))
