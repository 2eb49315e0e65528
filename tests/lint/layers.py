#!/usr/bin/env python3
"""layers.py - who may include whom. A folder is a layer: it uses what is below it and knows nothing of what is above.

The tables here are the law; engine/README.md tells them in prose."""
import re

from tree import Findings, files, lines

# What a layer names directly; what these may use, it may use too.
USES = {
    "base": [],
    "data": ["base"],
    "flow": ["data"],
    "run": ["flow"],
    "connector": ["data"],
    "connectors": ["connector"],
    "journal": ["data"],
    "drive": ["run", "journal", "connector"],
    "work": ["drive"],
    "trigger": ["drive"],
    "access": ["journal"],
    "http": ["data"],
    "ui-static": ["http"],
    "api": ["work", "trigger", "access", "http", "ui-static"],
    "cli": ["api", "connectors"],
}

# Libraries stand behind one layer each, so that they can be replaced there. jansson's values are everywhere above base; uv's loop is
# the shell's.
LIBRARIES = {
    r"jansson\.h": set(USES) - {"base"},
    r"uv\.h": {"connector", "connectors", "journal", "drive", "work", "trigger", "access", "http", "api", "cli"},
    r"sqlite3\.h": {"journal"},
    r"libpq-fe\.h": {"journal"},
    r"microhttpd\.h": {"http"},
    r"curl/.*": {"connector", "connectors", "access"},
    r"openssl/.*": {"base", "journal", "access", "connectors", "cli"},
    r"(jq|jv)\.h": {"data"},
    r"yaml\.h": {"data"},
    r"pcre2\.h": {"data"},
    r"libxml/.*": {"connectors"},
    r"idn2\.h": {"connector"},
}

# Data in, records out: what could look at the world outside is not even included.
PURE = {"flow", "run"}
WORLDLY = r"(uv|time|unistd|fcntl|dirent|signal|pthread|threads|poll|netdb|semaphore|sys/.*|arpa/.*|netinet/.*)\.h"

INCLUDE = re.compile(r'\s*#\s*include\s+([<"])([^>"]+)[>"]')


def layer_of(name):
    parts = name.split("/")
    if parts[0] in ("connectors", "ui-static"):
        return parts[0]
    return parts[1] if parts[0] == "engine" and len(parts) > 2 else None


def below(layer):
    found, waiting = {layer}, list(USES[layer])
    while waiting:
        other = waiting.pop()
        if other not in found:
            found.add(other)
            waiting += USES[other]
    return found


def check_own(findings, name, number, layer, included):
    used = included.split("/")[0]
    if "/" not in included or used not in USES:
        findings.add(name, number, f'"{included}": ours are included as "LAYER/FILE.h"')
    elif used not in below(layer):
        findings.add(name, number, f"{layer} may not use {used}: it is not below it")
    elif used == layer == "connectors":
        check_connector(findings, name, number, included)


def check_connector(findings, name, number, included):
    """Each connector is for itself; what several need stands beside their folders."""
    own, other = name.split("/")[1:-1], included.split("/")[1:-1]
    if other and own and own != other:
        findings.add(name, number, f"connector {own[0]} may not use connector {other[0]}")


def check_library(findings, name, number, layer, included):
    for library, layers in LIBRARIES.items():
        if re.fullmatch(library, included) and layer not in layers:
            findings.add(name, number, f"<{included}> is for {', '.join(sorted(layers))} alone")
    if layer in PURE and re.fullmatch(WORLDLY, included):
        findings.add(name, number, f"<{included}>: {layer} is pure")


def check_table(findings):
    """A layer names only what was named before it: no circles."""
    order = list(USES)
    for layer, uses in USES.items():
        for other in uses:
            if order.index(other) >= order.index(layer):
                findings.add("tests/lint/layers.py", 1, f"{layer} uses {other}, which is not before it")


def main():
    findings = Findings("layers")
    count = 0
    check_table(findings)
    for name in files(".c", ".h"):
        layer = layer_of(name)
        if layer is None:
            continue
        if layer not in USES:
            findings.add(name, 1, f"the layer {layer} is not known here")
            continue
        for number, line in enumerate(lines(name), 1):
            include = INCLUDE.match(line)
            if not include:
                continue
            count += 1
            check = check_own if include[1] == '"' else check_library
            check(findings, name, number, layer, include[2])
    findings.end(f"{count} includes, each downwards")


main()
