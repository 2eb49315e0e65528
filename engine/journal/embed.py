"""Turns a text file into a C array: embed.py FILE NAME OUTPUT."""

import sys

source, name, output = sys.argv[1:4]
with open(source, "rb") as file:
    data = file.read() + b"\0"
with open(output, "w", encoding="ascii") as file:
    file.write(f'#include "journal/db.h"\n\nconst char {name}[] = {{\n')
    for at in range(0, len(data), 16):
        file.write("    " + " ".join(f"{byte}," for byte in data[at : at + 16]) + "\n")
    file.write("};\n")
