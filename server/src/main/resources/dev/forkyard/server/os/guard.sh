# Outlives the daemon by a moment and leaves nothing of its children behind.
# Reads lines from the daemon: "+ GROUP START" a process group and the start time of its leader, "- GROUP" the group is
# empty, "end" the daemon ends in good order. At the end of input it kills what is left. $1 is the daemon's marker.
trap '' HUP INT QUIT TERM USR1 USR2 PIPE
ordered=
while read -r verb group start; do
  case $verb in
    +) eval "group_$group=$start" ;;
    -) unset "group_$group" ;;
    end) ordered=yes ;;
  esac
done

# A group is killed only while its leader is the process that we recorded: a reused number is never touched.
set | while IFS='=' read -r name start; do
  case $name in
    group_*) ;;
    *) continue ;;
  esac
  group=${name#group_}
  start=${start#\'}
  start=${start%\'}
  line=
  read -r line < "/proc/$group/stat" || continue
  set -f
  set -- ${line##*) }
  [ "${20}" = "$start" ] && kill -s KILL -- "-$group"
done

# Everything else that carries our marker: members of groups without leader, sessions of their own, what was started but
# not yet recorded. Two calm looks in a row, because a process may be between fork and exec.
calm=0
while [ "$calm" -lt 2 ]; do
  found=
  for file in $(grep -lsF "FORKYARD_YARD=$1" /proc/[0-9]*/environ); do
    pid=${file#/proc/}
    kill -s KILL "${pid%/environ}" && found=yes
  done
  if [ -n "$found" ]; then
    calm=0
    sleep 0.1
  else
    calm=$((calm + 1))
    [ -n "$ordered" ] && break
    [ "$calm" -lt 2 ] && sleep 0.5
  fi
done
exit 0
