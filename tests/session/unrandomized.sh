#!/bin/sh
# usage: unrandomized.sh PROGRAM [ARG...]
# ThreadSanitizer of gcc 12 and 13 gives up ("unexpected memory mapping") where the kernel randomizes addresses by 32 bits.
# Where personality(2) is forbidden the program has to take its chance.
setarch -R true 2>/dev/null && exec setarch -R "$@"
exec "$@"
