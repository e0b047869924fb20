#!/bin/sh
# Outlives the program that started it by a moment, to end what that program left behind. Started with a pipe as its
# input; the pipe closes when the program ends, however it ends, SIGKILL included.
#
# Input, one a line:  watch PID SIGNAL   begin to look after a process; SIGNAL asks it to end
#                     release PID        it has ended, or is looked after elsewhere
# At the end of the input the watched processes are ended one after the other, newest first.

trap '' HUP INT TERM

# A process that ended stays as a zombie where nobody collects it, as in many containers; it has no program any more.
lives() {
  kill -0 "$1" 2>/dev/null && { [ ! -d /proc/self ] || [ -e "/proc/$1/exe" ]; }
}

stack=''
while read -r verb pid signal; do
  others=''
  for entry in $stack; do
    [ "${entry%%:*}" = "$pid" ] || others="$others $entry"
  done
  case $verb in
    watch) stack="$pid:$signal $others" ;;
    release) stack=$others ;;
  esac
done

for entry in $stack; do
  pid=${entry%%:*}
  kill -s "${entry##*:}" "$pid" 2>/dev/null || continue
  tenths=0
  while lives "$pid"; do
    if [ "$tenths" -ge 250 ]; then
      kill -s KILL "$pid"
      break
    fi
    sleep 0.1
    tenths=$((tenths + 1))
  done
done
