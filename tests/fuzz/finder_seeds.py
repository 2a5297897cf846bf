#!/usr/bin/env python3
"""usage: finder_seeds.py DIRECTORY (tests/fuzz/corpus/finder; the files are committed)

Writes the seeds of the finder's fuzz target: programs of one page, with a stub that is found in one of the three ways.
By hand, when the finder looks at something new."""

import pathlib
import struct
import sys

STUB = bytes.fromhex("4989f24889fa4889ce4889df0f05483d01f0ffff761548f7d84889c148c7c0ffffffff48c7c300000000c3"
                     "4889d348c7c100000000c3")
NAME = b"internal/runtime/syscall.Syscall6\0"
BASE = 0x123400000000  # kBase in finder.cpp
CODE, TABLE, MODULE, NOTE, NAMES = 0x200, 0x280, 0x400, 0x4C0, 0x500


def load(kind, flags, at, size):
    return struct.pack("<IIQQQQQQ", kind, flags, at, at, at, size, size, 8)


def section(name, kind, at, size, link=0, entry=0):
    return struct.pack("<IIQQQQIIQQ", name, kind, 0, at, at, size, link, 0, 8, entry)


def function_table(text):
    """One function, as runtime/symtab.go has it: header, functions, then names."""
    header = struct.pack("<IHBB8Q", 0xFFFFFFF1, 0, 1, 8, 1, 1, text, 72, 72, 72, 72, 112)
    names = NAME.ljust(40, b"\0")
    functions = struct.pack("<II", 0, 8) + struct.pack("<II", 0, 0)
    return header + names + functions + bytes(64)


def program(way):
    sections = [section(0, 0, 0, 0)]
    names = b"\0.text\0.symtab\0.strtab\0.shstrtab\0.gopclntab\0.go.buildinfo\0"
    body = bytearray(0x1000)
    body[CODE:CODE + len(STUB)] = STUB
    body[NOTE:NOTE + 16] = struct.pack("<III", 4, 0, 4) + b"Go\0\0"
    if way != "signature":
        table = function_table(0 if way == "near_text" else BASE + CODE)
        body[TABLE:TABLE + len(table)] = table
    if way == "module":
        table, code = BASE + TABLE, BASE + CODE
        words = [table, table + 72, 40, 40] + [table + 72, 8, 8] * 5 + [0, code, code + 64, code]
        body[MODULE:MODULE + 8 * len(words)] = struct.pack(f"<{len(words)}Q", *words)
    elif way != "signature":
        body[NAMES:NAMES + len(names)] = names
        sections += [section(names.index(b".shstrtab"), 3, NAMES, len(names)), section(names.index(b".text"), 1, CODE, 64)]
        if way in ("function_table", "near_text"):
            sections.append(section(names.index(b".gopclntab"), 1, TABLE, 0x100))
        else:
            strings = b"\0" + NAME
            body[0x600:0x600 + len(strings)] = strings
            body[0x680:0x698] = struct.pack("<IBBHQQ", 1, 2, 0, 2, CODE, len(STUB))
            sections += [section(names.index(b".strtab"), 3, 0x600, len(strings)),
                         section(names.index(b".symtab"), 2, 0x680, 24, 3, 24)]
    count = 0 if way in ("module", "signature") else len(sections)
    for i in range(count):
        body[0x700 + 64 * i:0x740 + 64 * i] = sections[i]
    headers = load(6, 4, 64, 56 * 4) + load(1, 5, 0, 0x1000) + load(1, 6, MODULE, 0xC0) + load(4, 4, NOTE, 16)
    elf = b"\177ELF\2\1\1".ljust(16, b"\0") + struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, CODE, 64, 0x700 if count else 0, 0,
                                                         64, 56, 4, 64 if count else 0, count, 1 if count else 0)
    body[:64], body[64:64 + len(headers)] = elf, headers
    return bytes(body)


for how in ("symbol_table", "function_table", "near_text", "module", "signature"):
    pathlib.Path(sys.argv[1], how).write_bytes(program(how))
