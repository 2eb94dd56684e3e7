# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""How long files and functions are."""
import ast
import re

FILE_LINES = 500
FUNCTION_LINES = 40
# Cases that stand one after the other: nobody reads such a file as a whole.
LISTS = re.compile(r"tests/lua/same/")

# The line that names a function, and the one that ends it.
SHAPES = {
    "c": (re.compile(r"^(?!#|\s|struct \w+ \{)[\w *]*?(\w+)\([^;]*$"), re.compile(r"^\}")),
    "lua": (re.compile(r"^(?:local )?function ([\w.:]+)(?!.*\bend\b)"), re.compile(r"^end\b|^--# ")),
    "shell": (re.compile(r"^(\w+)\(\) ?[{(]$"), re.compile(r"^[})]")),
}
HEREDOC = re.compile(r"<<-?\s*'?(\w+)'?")


def without_heredocs(lines):
    """The lines of a shell script with None for each line of a here-document."""
    word = None
    for line in lines:
        yield None if word else line
        match = HEREDOC.search(line)
        if word and line.strip() == word:
            word = None
        elif match and not word:
            word = match[1]


def shaped_functions(file):
    """The same as functions_of for a language that has a shape."""
    begin, end = SHAPES[file.language]
    lines = list(file.lines)
    name, first, inside, missing = None, 0, False, 0
    if file.language == "shell":
        lines = list(without_heredocs(lines))
    for number, line in enumerate(lines, 1):
        if line is None:
            missing += 1
        elif inside and end.match(line):
            yield name, first, number - first + 1 - missing
            inside = False
        elif not inside and begin.match(line):
            name, first, inside, missing = begin.match(line)[1], number, file.language != "c", 0
        elif name and line == "{":
            inside = True


def functions_of(file):
    """Name, number of the first line, and length of each function."""
    if file.language in SHAPES:
        yield from shaped_functions(file)
    elif file.language == "python":
        for node in ast.walk(ast.parse(file.text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield node.name, node.lineno, node.end_lineno - node.lineno + 1


def check(files):
    """A line for each file and each function that is too long."""
    for file in files:
        listed = file.language in ("data", "patch", "markdown") or LISTS.match(file.path)
        if not listed and len(file.lines) > FILE_LINES:
            yield f"{file.path}: {len(file.lines)} lines, more than {FILE_LINES}"
        for name, first, length in functions_of(file):
            if length > FUNCTION_LINES:
                yield f"{file.path}:{first}: {name} has {length} lines, more than {FUNCTION_LINES}"
