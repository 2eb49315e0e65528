#!/usr/bin/env python3
"""count_junit.py FILE - "PASSED FAILED SKIPPED" of a report of meson's. No report, or none in it: one failed."""
import sys
import xml.etree.ElementTree as tree


def main():
    try:
        cases = list(tree.parse(sys.argv[1]).getroot().iter("testcase"))
    except (OSError, tree.ParseError):
        cases = []
    failed = sum(1 for case in cases if case.find("failure") is not None or case.find("error") is not None)
    skipped = sum(1 for case in cases if case.find("skipped") is not None)
    if not cases:
        failed = 1
    print(len(cases) - failed - skipped if cases else 0, failed, skipped)


main()
