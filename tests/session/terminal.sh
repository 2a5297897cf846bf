#!/usr/bin/env bash
# vgpuctl top on a terminal: terminal.py has the cases.
source "$(dirname "$0")/visit.sh"
visit one --memory 8GiB -- alloc=$gib say=up wait
python3 -B "$(dirname "$0")/terminal.py" "$vgpuctl" "$pid"
