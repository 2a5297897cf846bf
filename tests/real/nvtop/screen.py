"""Runs a program on a terminal for some seconds, then presses q: screen.py SECONDS COMMAND... Prints the last screen, without colours."""
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time

ROWS, COLUMNS = 40, 160
# A program that draws whole screens: where the cursor goes, what is written, and nothing else.
TOKEN = re.compile(r"\x1b\[(?P<at>[0-9;]*)(?P<what>[A-Za-z])|\x1b\[[?0-9;]*[A-Za-z]|\x1b[()][0AB]|\x1b[=>78]|(?P<control>[\r\n\b])|(?P<text>[^\x1b\r\n\b])", re.DOTALL)


def draw(output):
    screen = [[" "] * COLUMNS for _ in range(ROWS)]
    row = column = 0
    for token in TOKEN.finditer(output):
        if token["text"]:
            if row < ROWS and column < COLUMNS:
                screen[row][column] = token["text"]
            column += 1
        elif token["control"]:
            column = 0 if token["control"] == "\r" else column - (token["control"] == "\b")
            row += token["control"] == "\n"
        elif token["what"]:
            numbers = [int(n) if n else 0 for n in token["at"].split(";")]
            first = max(numbers[0], 1)
            match token["what"]:
                case "H":
                    row, column = first - 1, max(numbers[1] if len(numbers) > 1 else 1, 1) - 1
                case "d":
                    row = first - 1
                case "G":
                    column = first - 1
                case "C":
                    column += first
                case "X":
                    screen[row][column : column + first] = [" "] * min(first, COLUMNS - column)
                case "K":
                    screen[row][column:] = [" "] * (COLUMNS - column)
                case "J":
                    screen = [[" "] * COLUMNS for _ in range(ROWS)] if numbers[0] == 2 else screen
    return "\n".join("".join(line).rstrip() for line in screen)


def main():
    terminal, end = pty.openpty()
    fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    program = subprocess.Popen(sys.argv[2:], stdin=end, stdout=end, stderr=end, env={**os.environ, "TERM": "xterm"}, start_new_session=True)
    os.close(end)
    output, quitting = b"", time.monotonic() + float(sys.argv[1])
    while program.poll() is None:
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                output += os.read(terminal, 65536)
            except OSError:
                break
        if time.monotonic() > quitting:
            screen = draw(output.decode(errors="replace"))
            os.write(terminal, b"q")
            quitting = float("inf")
    print(screen)
    return program.wait(10)


if __name__ == "__main__":
    sys.exit(main())
