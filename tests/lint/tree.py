"""tree.py - the files that the checks look at, and how a finding is said."""
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def files(*suffixes):
    """Every file of the project with one of these suffixes (all without), by its path from the top, without what git ignores."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, check=True, capture_output=True).stdout.decode()
    names = sorted(name for name in listed.split("\0") if name and (ROOT / name).is_file())
    return [name for name in names if not suffixes or name.endswith(suffixes)]


def lines(name):
    return (ROOT / name).read_text(encoding="utf-8").splitlines()


class Findings:
    """Collects what is wrong and says it in the way compilers do, so that editors can jump there."""

    def __init__(self, check):
        self.check = check
        self.count = 0

    def add(self, name, number, text):
        self.count += 1
        print(f"{name}:{number}: {text}")

    def end(self, fine):
        found = "1 finding" if self.count == 1 else f"{self.count} findings"
        print(f"{self.check}: {found if self.count else fine}")
        sys.exit(1 if self.count else 0)
