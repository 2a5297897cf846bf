"""Argument vectors through systemd's own parser: what our code writes is what systemd reads.

usage: round_trip.py VECTORS_PROGRAM COUNT SEED

`systemd --test --user` prints a unit as it was parsed; as somebody who is not root, and with no manager running.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

program, count, seed = sys.argv[1], int(sys.argv[2]), sys.argv[3]
SYSTEMD = next((path for path in ("/usr/lib/systemd/systemd", "/lib/systemd/systemd") if os.path.exists(path)), None)
if SYSTEMD is None:
    print("SKIPPED: there is no systemd")
    sys.exit(1 if os.environ.get("CI") == "true" else 77)

ESCAPES = {b"a": 7, b"b": 8, b"f": 12, b"n": 10, b"r": 13, b"t": 9, b"v": 11}


def words(line):
    """A line of systemd's dump as words: quoted as in C, with the shell's characters behind a backslash, too."""
    result, at = [], 0
    while at < len(line):
        if line[at:at + 1] == b" ":
            at += 1
            continue
        word, quoted = bytearray(), line[at:at + 1] == b'"'
        at += quoted
        while at < len(line) and line[at:at + 1] != (b'"' if quoted else b" "):
            if line[at:at + 1] != b"\\":
                word.append(line[at])
                at += 1
            elif octal := re.match(rb"[0-3][0-7][0-7]", line[at + 1:at + 4]):
                word.append(int(octal[0], 8))
                at += 4
            elif hexadecimal := re.match(rb"x([0-9a-f]{2})", line[at + 1:at + 4]):
                word.append(int(hexadecimal[1], 16))
                at += 4
            else:
                word.append(ESCAPES.get(line[at + 1:at + 2], line[at + 1]))
                at += 2
        at += quoted
        result.append(bytes(word))
    return result


def parsed(directory, unit):
    environment = {"SYSTEMD_UNIT_PATH": f"{directory}:/usr/lib/systemd/user", "XDG_RUNTIME_DIR": f"{directory}/run",
                   "HOME": "/nonexistent", "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    command = [SYSTEMD, "--test", "--user", f"--unit={unit}"]
    if os.geteuid() == 0:
        command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command]
    answer = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    ours = re.search(rb"^\s*-> Unit %s:$(.*?)(?=^\s*-> Unit |\Z)" % re.escape(unit.encode()), answer.stdout, re.M | re.S)  # others are loaded with it
    lines = [words(line) for line in re.findall(rb"^\s*Command Line: (.*)$", ours[1] if ours else b"", re.M)]
    if not lines:
        sys.exit(f"systemd printed no command of {unit}:\n" + answer.stdout[:3000].decode(errors="replace"))
    complaints = re.findall(rb".*%s:\d+: .*" % unit.encode(), answer.stdout)
    return lines, complaints


wrong = 0
with tempfile.TemporaryDirectory() as directory:
    os.chmod(directory, 0o755)
    os.mkdir(f"{directory}/run")
    os.chmod(f"{directory}/run", 0o777)
    subprocess.run([program, str(count), seed, directory], check=True)
    for name in ("quoted", "wrapped"):
        found, complaints = parsed(directory, f"{name}.service")
        for line in complaints[:5]:
            wrong += 1
            print(f"{name}: systemd complains:", line.decode(errors="replace"))
        wanted = []
        for line in pathlib.Path(directory, f"{name}.wanted").read_text().splitlines():
            expands, first, *rest = line.split(" ")
            wanted.append((expands == "$", first == "p", [bytes.fromhex(word[1:]) for word in rest]))
        if len(found) != len(wanted):
            sys.exit(f"{name}: {len(found)} commands instead of {len(wanted)}")
        for i, ((expands, path_first, vector), got) in enumerate(zip(wanted, found)):
            # The last step, "$$" to "$", is made when the process starts; a path is no word that it looks at.
            got = [word if not expands or (path_first and at == 0) else word.replace(b"$$", b"$") for at, word in enumerate(got)]
            if got != vector:
                wrong += 1
                if wrong <= 10:
                    print(f"{name} {i}: wanted {vector}\n   got {got}")
print(f"{2 * count} argument vectors, {wrong} differences, seed {seed}")
sys.exit(1 if wrong else 0)
