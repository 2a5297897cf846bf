"""vgpuctl top on a terminal: it draws again and again, ends as it should, and gives the terminal back as it was.

usage: terminal.py VGPUCTL PID: PID lives in a session.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

vgpuctl, pid = sys.argv[1:3]
ENTER, LEAVE = "\x1b[?1049h", "\x1b[?1049l"


class Run:
    """The program on a terminal of its own, whose other end is ours."""

    def __init__(self, *words, columns=100, lines=30, shell=(), **environment):
        self.ours, theirs = pty.openpty()
        self.size(columns, lines)
        self.before = termios.tcgetattr(theirs)
        self.theirs = theirs
        env = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS", "LINES")}
        env.update({"TERM": "xterm", **environment})
        self.process = subprocess.Popen(
            [*shell, vgpuctl, "top", "--session", pid, *words], stdin=theirs, stdout=theirs, stderr=theirs, env=env,
            start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        self.seen = ""

    def size(self, columns, lines):
        fcntl.ioctl(self.ours, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def until(self, condition, what):
        end = time.monotonic() + 30
        while not condition(self.seen):
            assert time.monotonic() < end, f"not {what}: {self.seen!r}"
            if select.select([self.ours], [], [], 0.1)[0]:
                self.seen += os.read(self.ours, 65536).decode()

    def key(self, text):
        os.write(self.ours, text.encode())

    def ended(self):
        """Its status, once all it wrote was read."""
        self.until(lambda seen: self.process.poll() is not None, "ended")
        while select.select([self.ours], [], [], 0.2)[0]:
            self.seen += os.read(self.ours, 65536).decode()
        return self.process.returncode

    def check_given_back(self):
        assert self.seen.count(ENTER) == self.seen.count(LEAVE) and self.seen.endswith(LEAVE), repr(self.seen[-80:])
        assert self.seen.rindex("\x1b[?25h") > self.seen.rindex("\x1b[?25l"), "no cursor"
        assert self.seen.rindex("\x1b[?7h") > self.seen.rindex("\x1b[?7l"), "no wrapping"
        assert termios.tcgetattr(self.theirs) == self.before, "another line discipline"
        os.close(self.ours)
        os.close(self.theirs)


def plain(text):
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text)


def frames(seen):
    return [plain(frame) for frame in seen.split("\x1b[H")[1:]]


def echoes(run):
    return termios.tcgetattr(run.theirs)[3] & termios.ECHO


# It draws several times, in colour, and q ends it.
run = Run("--interval", "0.1")
run.until(lambda seen: seen.count("\x1b[H") >= 4, "drawn four times")
assert not echoes(run)
assert all(pid in frame and "q quits" in frame for frame in frames(run.seen)[:3]), frames(run.seen)
assert "\x1b[32m[" in run.seen, "no colour"
run.key("xq")
assert run.ended() == 0
run.check_given_back()

# Without colour where it is not wanted.
run = Run("--interval", "0.1", NO_COLOR="1")
run.until(lambda seen: seen.count("\x1b[H") >= 2, "drawn")
run.key("q")
assert run.ended() == 0 and not re.search(r"\x1b\[[0-9]*m", run.seen), repr(run.seen)
run.check_given_back()

# Ctrl-C and other signals end it as if nobody had caught them, and the terminal is as before.
for number, send in ((signal.SIGINT, lambda run: run.key("\x03")), (signal.SIGQUIT, lambda run: run.key("\x1c")),
                     (signal.SIGTERM, lambda run: run.process.terminate()),
                     (signal.SIGHUP, lambda run: run.process.send_signal(signal.SIGHUP))):
    run = Run("--interval", "60")
    run.until(lambda seen: pid in seen and "q quits" in seen and seen.endswith("\x1b[J"), "drawn")
    send(run)
    assert run.ended() == -number, (number, run.process.returncode)
    run.check_given_back()

# Another width: drawn at once, no line wider than the terminal, and no more lines than it has.
run = Run("--interval", "60")
run.until(lambda seen: pid in seen and seen.endswith("\x1b[J"), "drawn")
for columns, lines in ((120, 10), (70, 10), (50, 10), (20, 5), (9, 2), (1, 1)):
    count = run.seen.count("\x1b[H")
    run.size(columns, lines)
    run.until(lambda seen: seen.count("\x1b[H") > count and seen.endswith("\x1b[J"), f"drawn at {columns}")
    rows = [row.rstrip("\r") for row in frames(run.seen)[-1].split("\n")]  # the terminal adds a \r of its own
    assert len(rows) <= lines and max(map(len, rows)) <= columns, (columns, lines, rows)
    if columns >= 50:
        assert any(pid in row and "%" in row for row in rows), rows
run.key("q")
assert run.ended() == 0
run.check_given_back()

# Ctrl-Z: the terminal is the shell's, until the foreground is ours again.
run = Run("--interval", "60", shell=("bash", "-mc", '"$@"; echo "stopped $?"; read -r; fg >/dev/null', "bash"))
run.until(lambda seen: pid in seen and seen.endswith("\x1b[J"), "drawn")
assert not echoes(run)
run.key("\x1a")
run.until(lambda seen: f"stopped {128 + signal.SIGTSTP}" in seen, "stopped")
assert run.seen.index("stopped") > run.seen.index(LEAVE) and echoes(run)
run.key("\n")
run.until(lambda seen: seen.count(ENTER) == 2 and seen.endswith("\x1b[J"), "drawn again")
assert not echoes(run)
run.key("q")
assert run.ended() == 0
run.check_given_back()

# Once, and on what is no more than lines: no control sequence but colours.
for words, environment in ((("--once",), {}), ((), {"TERM": "dumb"}), ((), {"TERM": ""})):
    run = Run(*words, **environment)
    assert run.ended() == 0
    assert pid in run.seen and not re.search(r"\x1b\[[0-9;?]*[^0-9;?m]", run.seen), repr(run.seen)
    assert environment == {} or "\x1b" not in run.seen, repr(run.seen)
    assert termios.tcgetattr(run.theirs) == run.before

# Without a keyboard it goes on, and ends by a signal.
run = Run("--interval", "0.1")
run.until(lambda seen: seen.count("\x1b[H") >= 2, "drawn")
run.process.kill()  # nobody can give anything back then; the next one must not mind
run.process.wait()

# The terminal goes away.
run = Run("--interval", "0.1")
run.until(lambda seen: seen.count("\x1b[H") >= 2, "drawn")
os.close(run.ours)
assert run.process.wait(30) is not None
