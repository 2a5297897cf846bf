#!/usr/bin/env python3
"""usage: go_mutate.py HOW GO-PROGRAM [RESULT]

Writes a copy of a Go program with one thing changed:
  sections  it has no section headers
  table     the header of its function table is none
  twice     its Syscall6 stands at a second place too, where another function was
  bytes     RESULT.N: byte N of its Syscall6 is another, for all of them
  garbage   RESULT.N: some bytes are random among those that are not loaded: headers of sections, symbols, names; 40 times
or prints the address of the page with its Syscall6, relative to the program's start:
  page
"""

import pathlib
import random
import struct
import sys

HEAD = bytes.fromhex("4989f24889fa4889ce4889df0f05483d01f0ffff76")


def loads(program):
    offset, count = struct.unpack_from("<Q", program, 0x20)[0], struct.unpack_from("<H", program, 0x38)[0]
    for i in range(count):
        kind, flags, at, address, _, size, _, _ = struct.unpack_from("<IIQQQQQQ", program, offset + 56 * i)
        if kind == 1:
            yield flags, at, address, size


def write(path, program):
    path = pathlib.Path(path)
    path.write_bytes(program)
    path.chmod(0o755)


def garbage(program, seed):
    chance = random.Random(seed)
    end = max(at + size for _, at, _, size in loads(program))
    headers = struct.unpack_from("<Q", program, 0x28)[0]
    for _ in range(40):
        # Most of them in the section headers, and in the ELF header's own fields about these.
        places = [chance.randrange(end, len(program)), chance.randrange(headers, len(program)), chance.randrange(0x3A, 0x40)]
        program[chance.choice(places)] = chance.randrange(256)
    return program


def main():
    how, program = sys.argv[1], bytearray(pathlib.Path(sys.argv[2]).read_bytes())
    stub = program.find(HEAD)
    if how not in ("sections", "table") and (stub < 0 or program.find(HEAD, stub + 1) >= 0):
        sys.exit("not one Syscall6")
    if how == "page":
        print(hex(next(address + stub - at for _, at, address, size in loads(program) if at <= stub < at + size) & ~4095))
        return
    result = sys.argv[3]
    if how == "bytes":
        for i in range(50):
            mutant = bytearray(program)
            mutant[stub + i] ^= 0x10
            write(f"{result}.{i}", mutant)
    elif how == "garbage":
        for seed in range(40):
            write(f"{result}.{seed}", garbage(bytearray(program), seed))
    elif how == "sections":
        struct.pack_into("<Q", program, 0x28, 0)
        struct.pack_into("<HHH", program, 0x3A, 0, 0, 0)
        write(result, program)
    elif how == "table":
        place = max(program.find(bytes([last]) + b"\xff\xff\xff\0\0\x01\x08") for last in (0xF0, 0xF1))
        if place < 0:
            sys.exit("no function table")
        program[place] ^= 0x40
        write(result, program)
    elif how == "twice":
        program[stub + 0x100:stub + 0x100 + 64] = program[stub:stub + 64]
        write(result, program)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
