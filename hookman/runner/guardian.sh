# Outlives hookman, so that SIGKILL of it leaves no hook behind. hookman writes a line before
# a hook starts (`hook TOKEN GRACE`), once it has its process group (`group PGID`), and when
# it has ended (`done`). If the lines end in between, hookman was killed: then the hook's
# group gets what it would get at a timeout, SIGTERM and after GRACE seconds SIGKILL.
trap '' HUP INT QUIT TERM TSTP PIPE
token= group=
while read -r word first second; do
    case $word in
        hook) token=$first grace=$second group= ;;
        group) group=$first ;;
        done) token= ;;
    esac
done
[ -n "$token" ] || exit 0

# Killed between the two lines: the hook is known by what hookman put into its environment.
tries=0
while [ -z "$group" ] && [ $tries -lt 20 ]; do
    for pid in $(grep -lz "^HOOKMAN_HOOK_ID=$token\$" /proc/[0-9]*/environ 2>/dev/null); do
        pid=${pid#/proc/} pid=${pid%/environ}
        read -r stat 2>/dev/null <"/proc/$pid/stat" || continue
        set -- ${stat##*) }
        group=$3
    done
    [ -n "$group" ] || sleep 0.05
    tries=$((tries + 1))
done
[ -n "$group" ] || exit 0
kill -TERM "-$group" && kill -CONT "-$group"
while [ "$grace" -gt 0 ] && kill -0 "-$group"; do
    sleep 0.1
    grace=$((grace - 1))
done
kill -KILL "-$group"
