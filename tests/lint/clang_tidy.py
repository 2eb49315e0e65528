#!/usr/bin/env python3
"""clang_tidy.py BUILD - clang-tidy over the program's sources, as many at a time as there are processors.

What was fine stays fine until the file, a header, or the choice of checks changes: build/tidy/ remembers."""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import subprocess
import sys

from tree import ROOT, files

MEMORY = ROOT / "build" / "tidy"


def fingerprint(names):
    digest = hashlib.sha256()
    for name in names:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def commands(build):
    """What clang understands of the compiler's lines: one command a source."""
    found = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        name = os.path.relpath(os.path.join(entry["directory"], entry["file"]), ROOT)
        if name.startswith(("engine/", "connectors/")) and (ROOT / name).is_file():
            found[name] = entry["directory"]
    return found


def check(name, build, seal):
    mark = MEMORY / (name.replace("/", "_") + "." + hashlib.sha256((ROOT / name).read_bytes()).hexdigest()[:16])
    if mark.is_file() and mark.read_text() == seal:
        return ""
    extra = ["-Wno-unknown-warning-option", "-Wno-everything", "-fno-sanitize=all"]
    done = subprocess.run(
        ["clang-tidy", "--quiet", "-p", str(build)] + [f"--extra-arg={one}" for one in extra] + [name],
        cwd=ROOT, capture_output=True, text=True)
    if done.returncode == 0:
        mark.write_text(seal)
        return ""
    return done.stdout or done.stderr


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    MEMORY.mkdir(parents=True, exist_ok=True)
    seal = fingerprint([".clang-tidy"] + [name for name in files(".h") if not name.startswith("tests/")])
    names = sorted(commands(build))
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for said in pool.map(lambda name: check(name, build, seal), names):
            if said:
                bad += 1
                print(said)
    print(f"clang-tidy: {len(names)} sources, {bad} with findings")
    sys.exit(1 if bad else 0)


main()
