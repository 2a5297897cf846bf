#!/usr/bin/env python3
"""usage: type.py SHELL... < LINES   types each line into an interactive shell and asks for all completions at its end.
The shell has a key for "insert all", ^X^A; the line is then handed to `shown`, which prints its words. Here one stands in a
line each, and behind the last a line with a dot."""
import fcntl, os, pty, re, select, struct, sys, termios, time

pid, terminal = pty.fork()
if pid == 0:
    os.environ.update(TERM="dumb", COLUMNS="4000", LINES="200")
    os.execvp(sys.argv[1], sys.argv[1:])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 200, 8000, 0, 0))

def until(text, limit=20):
    seen, end = "", time.monotonic() + limit
    while text not in seen:
        left = end - time.monotonic()
        if left <= 0 or not select.select([terminal], [], [], left)[0]:
            sys.exit(f"type.py: no {text!r} in {seen!r}")
        try:
            seen += os.read(terminal, 65536).decode(errors="replace")
        except OSError:
            sys.exit(f"type.py: the shell ended: {seen!r}")
    return seen

until("READY")
for line in iter(sys.stdin.readline, ""):
    line = line.rstrip("\n")
    os.write(terminal, (line + "\x18\x01" + "\x01shown \x05\r").encode())
    shown = until("<<END>>")
    words = re.findall(r"<<WORD:(.*?)>>", shown)
    print("\n".join(words) + "\n.", flush=True)
os.write(terminal, b"exit\r")
