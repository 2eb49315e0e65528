#!/usr/bin/env python3
"""tidy.py - sizes, first lines, functions that nobody should call, words that are for nobody else to read, the map, and links.

Long files and functions are not wrong at once: beyond the soft limit they are listed, beyond the hard one refused."""
import re
from collections import namedtuple

from tree import ROOT, Findings, files, lines

FILE_SOFT, FILE_HARD = 600, 700
TEST_HARD = 900             # a test's table of cases is long and still one job
FUNCTION_SOFT, FUNCTION_HARD = 70, 100
WIDTH_HARD = 200            # what clang-format leaves alone: comments and tables
LONGEST = 5

Function = namedtuple("Function", "name number length")

# Without a bound, without thread safety, by locale, or by way of a shell. Tests may be simpler, but they never wait for time to pass.
ALWAYS = r"gets|scanf|strtok|alloca|rand|srand|random|setlocale|sleep|usleep|nanosleep|tmpnam|mktemp|tempnam"
IN_THE_PROGRAM = (r"strcpy|strcat|stpcpy|sprintf|vsprintf|atoi|atol|atof|strdup|localtime|gmtime|ctime|asctime|mktime|system|popen|"
                  + ALWAYS)
BANNED = {True: re.compile(rf"(?<![\w.>])({IN_THE_PROGRAM})\s*\("), False: re.compile(rf"(?<![\w.>])({ALWAYS})\s*\(")}

# Notes to oneself, and places on somebody's machine.
PRIVATE = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|(?<![\w./])/(home|root|work)/[a-z]+/|\b[Ii]ssue #?\d")
TEXTS = (".c", ".h", ".py", ".sh", ".mjs", ".js", ".ts", ".tsx", ".css", ".sql", ".yaml", ".yml", ".build", "options.txt", ".md", "dev", ".ci/run")

ROW = re.compile(r"^\| (`[^|]+`) \| *(\S.*?) *\|$")


def without_texts(line):
    """The line without what stands in quotes or comments, as far as one line shows it."""
    line = re.sub(r'"(\\.|[^"\\])*"', '""', line)
    return re.sub(r"/\*.*?(\*/|$)|//.*|^\s*\*.*", "", line)


def functions(text):
    """Bodies begin with a brace of their own in the first column; that is our style, and clang-format keeps it."""
    begin, name = None, ""
    for number, line in enumerate(text, 1):
        called = re.match(r"[a-z].*?\b(\w+)\(", line)
        if called:
            name = called[1]
        if line == "{":
            begin = number
        elif line == "}" and begin is not None:
            yield Function(name, begin, number - begin - 1)
            begin = None


def check_first_line(findings, name, text):
    stem = name.split("/")[-1]
    if name.endswith(".h") and not re.match(rf"/\* {re.escape(stem)} - \S", text[0] if text else ""):
        findings.add(name, 1, f'a header begins with "/* {stem} - what it promises"')
    if name.endswith(".h") and not any(line.startswith("#ifndef ") for line in text):
        findings.add(name, 1, "a header guards itself with #ifndef")


def check_code(findings, name, text, long_functions):
    is_program = name.startswith(("engine/", "connectors/", "ui-static/"))
    hard = FILE_HARD if is_program else TEST_HARD
    if len(text) > hard:
        findings.add(name, len(text), f"longer than {hard} lines: it has two jobs")
    for number, line in enumerate(text, 1):
        banned = BANNED[is_program].search(without_texts(line))
        if banned:
            findings.add(name, number, f"{banned[1]}() is not used here")
        if "\t" in line:
            findings.add(name, number, "a tab")
        if len(line) > WIDTH_HARD:
            findings.add(name, number, f"wider than {WIDTH_HARD}")
    for function in functions(text):
        long_functions.append((function.length, name, function))
        if function.length > FUNCTION_HARD:
            findings.add(name, function.number, f"{function.name}() is longer than {FUNCTION_HARD} lines")


def check_text(findings, name, text):
    for number, line in enumerate(text, 1):
        private = PRIVATE.search(line)
        if private:
            findings.add(name, number, f'"{private[0].strip()}" is for nobody else to read')
        if line != line.rstrip() and not name.endswith(".md"):
            findings.add(name, number, "spaces at the end")


def check_map(findings):
    """engine/README.md has one line for every source of the engine and the connectors, and no line for what is not there."""
    told, folder = {}, ""
    for number, line in enumerate(lines("engine/README.md"), 1):
        heading = re.match(r"#+ `([\w./-]+)/`", line)
        if heading:
            folder = heading[1]
        row = ROW.match(line)
        for file in re.findall(r"`([\w./-]+\.(?:[ch]|sql|py))`", row[1]) if row else []:
            told[f"{folder}/{file}"] = number
    there = {name for name in files(".c", ".h", ".sql") if name.startswith(("engine/", "connectors/"))}
    for name in sorted(there - told.keys()):
        findings.add("engine/README.md", 1, f"no line for {name}")
    for name in sorted(told.keys() - there):
        if not name.endswith(".py"):
            findings.add("engine/README.md", told[name], f"there is no {name}")


def check_problems(findings):
    """docs/operations.md says what to do about every problem there is, and about no other."""
    there = set(re.findall(r'X\(\w+, \d+, "([a-z-]+)"', "\n".join(lines("engine/base/problem.h"))))
    told = set()
    for number, line in enumerate(lines("docs/operations.md"), 1):
        row = re.match(r"\| `([a-z-]+)` \| \d+ \|", line)
        if row:
            told.add(row[1])
            if row[1] not in there:
                findings.add("docs/operations.md", number, f"there is no problem '{row[1]}'")
    for slug in sorted(there - told):
        findings.add("docs/operations.md", 1, f"no row for the problem '{slug}'")


def check_links(findings):
    """Links to files of the project lead somewhere."""
    for name in files(".md"):
        folder = (ROOT / name).parent
        for number, line in enumerate(lines(name), 1):
            for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", line):
                if "://" not in link and not (folder / link).exists():
                    findings.add(name, number, f"leads nowhere: {link}")


def say_longest(sizes, long_functions):
    print(f"longest files (about {FILE_SOFT} at most):")
    for length, name in sorted(sizes, reverse=True)[:LONGEST]:
        print(f"  {length:5} {name}")
    print(f"longest functions (about {FUNCTION_SOFT} at most):")
    for length, name, function in sorted(long_functions, reverse=True)[:LONGEST]:
        print(f"  {length:5} {name}:{function.number} {function.name}()")


def main():
    findings = Findings("tidy")
    sizes, long_functions = [], []
    for name in files(*TEXTS):
        if name.startswith("tests/lint/"):
            continue
        text = lines(name)
        check_text(findings, name, text)
        if name.endswith((".c", ".h")):
            check_first_line(findings, name, text)
            check_code(findings, name, text, long_functions)
            sizes.append((len(text), name))
    check_map(findings)
    check_problems(findings)
    check_links(findings)
    say_longest(sizes, long_functions)
    findings.end(f"{len(sizes)} sources, {len(long_functions)} functions, all on the map")


main()
