#!/usr/bin/env python3
"""purity.py BUILD - flow and run are data in, records out: their libraries must not even refer to a clock, a file, a socket, a thread
or chance. Read from the symbols that the archives leave undefined (`nm -u`), so that no clever include hides anything."""
import pathlib
import re
import subprocess
import sys

from tree import Findings

PURE = ["flow", "run"]

# Of libc and the libraries, by what they would let in.
DENIED = {
    "a clock": r"time|time64|clock_\w+|gettimeofday|ftime|times|localtime\w*|gmtime\w*|mktime|strftime|timegm|timer_\w+|setitimer|alarm",
    "waiting": r"\w*sleep|select|pselect|poll|ppoll|epoll_\w+|sigwait\w*|pause",
    "a file": r"f?open(64|at|dir)?|fdopen|freopen|creat|read|write|pread|pwrite|close|f?stat\w*|lstat\w*|access|rename\w*|unlink\w*|mkdir\w*|"
              r"opendir|readdir\w*|f(read|write|puts|gets|printf|flush|close|seek)|v?f?printf|puts|putchar|perror|getline|mmap|"
              r"__\w*printf_chk(?<!snprintf_chk)|std(in|out|err)",
    "a socket": r"socket\w*|connect|bind|listen|accept4?|send\w*|recv\w*|getaddrinfo|gethostby\w+",
    "a thread": r"pthread_\w+|thrd_\w+|mtx_\w+|cnd_\w+|fork|vfork|exec\w+|posix_spawn\w*|system|popen|kill|raise|signal|sigaction",
    "chance": r"rand|srand|random|srandom|[dejlmn]rand48|getrandom|getentropy|arc4random\w*|RAND_\w+|random_bytes",
    "the surroundings": r"(secure_)?getenv|setenv|setlocale|getpid|getuid|gethostname|uname|getcwd|isatty|sysconf",
    "a library of the shell": r"uv_\w+|sqlite3_\w+|curl_\w+|MHD_\w+|PQ\w+|jq_\w+",
    # Of our own, which would only pass the request on.
    "a clock, by way of base": r"clock_wall_ms|clock_monotonic_\w+",
    "the log": r"log_\w+",
}
EXPECTED = {"flow": "flow_read", "run": "run_decide"}


def symbols(archive, defined):
    listed = subprocess.run(["nm", "--defined-only" if defined else "-u", str(archive)],
                            check=True, capture_output=True, text=True).stdout
    member, found = "", []
    for line in listed.splitlines():
        if line.endswith(":"):
            member = line[:-1]
        elif line.split():
            found.append((member, line.split()[-1].split("@")[0]))
    return found


def main():
    build = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build")
    findings = Findings("purity")
    for layer in PURE:
        archive = build / "engine" / layer / f"lib{layer}.a"
        if not archive.is_file():
            sys.exit(f"purity: there is no {archive}: build first")
        own = {symbol for _, symbol in symbols(archive, True)}
        if EXPECTED[layer] not in own:
            findings.add(str(archive), 1, f"{EXPECTED[layer]} is not in it: is this the right archive?")
        for member, symbol in symbols(archive, False):
            for what, pattern in DENIED.items():
                if symbol not in own and re.fullmatch(pattern, symbol):
                    findings.add(f"engine/{layer}/{pathlib.Path(member).stem}", 1, f"{symbol} is {what}")
    findings.end(" and ".join(PURE) + " refer to nothing outside")


main()
