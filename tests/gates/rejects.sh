#!/bin/sh
# rejects.sh COMPLAINT TOOL ARGUMENT...: the tool must refuse (status 1) and say so.
complaint=$1
shift
said=$("$@" 2>&1)
status=$?
if [ $status -ne 1 ]; then
  echo "status $status instead of 1: $*"
  echo "$said"
  exit 1
fi
case $said in
  *"$complaint"*) exit 0 ;;
esac
echo "refused for another reason than: $complaint"
echo "$said"
exit 1
