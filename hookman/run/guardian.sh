# Lives longer than hookman: if hookman gets SIGKILL, no hook is left behind. It waits until the pipe on descriptor 4 ends,
# which only hookman holds. Then its stdin has lines about each hook that still runs: the one from before its start
# (`hook N TOKEN GRACE`, N is a number of its own among those that run), and its process group, if hookman lived to tell
# it (`group N PGID`). Such a hook's group gets what it would get at a timeout, SIGTERM and after GRACE (tenths of a
# second) SIGKILL. Hooks that run side by side get it at the same time.
# The project's lock stays on descriptor 3 until the groups are gone, so that the next run does not start too early.
# $1 is where the system says what runs: /proc, or nothing, and then ps does.
trap '' HUP INT QUIT TERM TSTP PIPE
proc=$1 most=0
read -r _ 2>/dev/null <&4
while read -r word number first second; do
    case $word in
        hook)
            eval "token$number=\$first grace$number=\$second group$number="
            [ "$number" -le $most ] || most=$number
            ;;
        group) eval "group$number=\$first" ;;
    esac
done

# Is a process left in the group? One that has ended but was not reaped yet (a slow PID 1) does not count.
alive() {
    kill -0 "-$group" || return 1
    if [ -z "$proc" ]; then
        ps -A -o pgid= -o stat= | grep -q "^ *$group  *[^ ZX]"
        return
    fi
    for file in "$proc"/[0-9]*/stat; do
        read -r stat 2>/dev/null <"$file" || continue
        set -- ${stat##*) } # proc(5): state, parent, group
        [ "$3" = "$group" ] && [ "$1" != Z ] && [ "$1" != X ] && return 0
    done
    return 1
}
# What the hook started in other groups. Without /proc it is found by its parents, while these live.
outside() {
    if [ -z "$proc" ]; then
        for pid in $known; do kill -0 "$pid" && echo "$pid"; done
        return
    fi
    for file in $(grep -lz "^HOOKMAN_HOOK_ID=$token\$" "$proc"/[0-9]*/environ 2>/dev/null); do
        read -r stat 2>/dev/null <"${file%environ}stat" || continue
        pid=${stat%% *}
        set -- ${stat##*) }
        [ "$3" = "$group" ] || echo "$pid"
    done
}
# End the hook with `token` and `group`, which has `grace`.
end() {
    # hookman was killed between the two lines: find the hook by what hookman put into its environment.
    tries=0
    while [ -n "$proc" ] && [ -z "$group" ] && [ $tries -lt 20 ]; do
        for file in $(grep -lz "^HOOKMAN_HOOK_ID=$token\$" "$proc"/[0-9]*/environ 2>/dev/null); do
            read -r stat 2>/dev/null <"${file%environ}stat" || continue
            set -- ${stat##*) }
            group=$3
        done
        [ -n "$group" ] || sleep 0.05
        tries=$((tries + 1))
    done
    [ -n "$group" ] || return
    known=
    [ -n "$proc" ] || known=$(ps -A -o pid= -o ppid= -o pgid= | awk -v "group=$group" '
        { parent[$1] = $2; other[$1] = $3 != group; if ($3 == group) ours[$1] = 1 }
        END {
            do {
                more = 0
                for (pid in parent) if (!(pid in ours) && parent[pid] in ours) { ours[pid] = 1; more = 1 }
            } while (more)
            for (pid in ours) if (other[pid]) print pid
        }')
    for number in TERM CONT; do
        kill "-$number" "-$group" $(outside)
    done
    grace=$((grace * 5))
    while [ $grace -gt 0 ] && { alive || [ -n "$(outside)" ]; }; do
        sleep 0.02
        grace=$((grace - 1))
    done
    kill -KILL "-$group" $(outside)
    while alive; do sleep 0.02; done
}
n=0
while [ $n -le $most ]; do
    eval "token=\${token$n-} grace=\${grace$n-} group=\${group$n-}"
    [ -z "$token" ] || end &
    n=$((n + 1))
done
wait
