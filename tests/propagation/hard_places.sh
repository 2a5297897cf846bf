#!/bin/sh
# usage: hard_places.sh SHIM_DIRECTORY PROGRAM_DIRECTORY
# Small stacks, signal handlers, vfork among a thousand threads in malloc, shells from several threads.
. "$(dirname "$0")/common.sh"
with_shims "$programs/hard_places" "$programs/propagation_child" || fail "status $?"
finish
