# Ends what a hook runs in a container. Closing `docker exec` does not do it, and neither does a kill of hookman.
#   container_guard.sh TOKEN CONTAINER USER GRACE PROC DOCKER...
# Without a CONTAINER the hook has one of its own, with a label, which is removed.
# hookman writes a line: `done` if the hook has ended, `stop SIGNAL GRACE` if it is to be ended. If the lines end without
# one, hookman was killed. Then the hook gets SIGTERM, and after GRACE (tenths of a second) SIGKILL.
# PROC is where this system says what runs, or "". DOCKER is the command that reaches the engine.
# What ends the processes is inside.sh. The ways, until one works: from here, if the container's processes are seen
# here; by the shell of the container, as the user of the hook, then as root for what changed its user; by a helper
# container (of HELPERS, images of the project, the first that has a shell).
# The project's lock stays on descriptor 3 until this ends. Exit code: 0 they are gone, 1 they may still run.
trap '' HUP INT QUIT TERM TSTP PIPE
token=$1 container=$2 user=$3 grace=$4 proc=$5
shift 5
signal=TERM
while read -r word first second; do
    case $word in
        done) exit 0 ;;
        stop)
            signal=$first grace=$second
            break
            ;;
    esac
done
script=$(cat "${0%/*}/inside.sh")
main=$$

# An engine that hangs must not hold this, and with it the lock, for ever.
(
    left=$((grace / 2 + 100))
    while [ $left -gt 0 ] && kill -0 $main; do
        sleep 0.2
        left=$((left - 1))
    done
    ! kill -0 $main || kill -KILL -$main
) 3>&- &

# The lines that inside.sh reads: until the grace is over, and then for a moment after SIGKILL.
ticks() {
    left=$grace step=1
    while [ "$left" -gt 0 ]; do
        [ $step -lt "$left" ] || step=$left
        sleep "$((step / 10)).$((step % 10))"
        echo look || return
        left=$((left - step))
        [ $step -ge 8 ] || step=$((step * 2)) # seldom, for a look takes its time
    done
    for step in 0.1 0.2 0.4 0.8 1; do
        echo kill || return
        sleep $step
    done
}
# Are the container's processes seen here, and is nothing hidden?
seen_here() {
    [ "$proc" ] && [ "$(id -u)" = 0 ] || return 1
    pid=$("$@" inspect --format '{{.State.Pid}}' "$container") || return 1
    case $(cat "$proc/$pid/cgroup") in *"$container"*) return 0 ;; esac
    return 1
}
# Reads an exit code of inside.sh. True if there were none. If some are left, the next way has only to kill.
none() {
    [ "$1" != 0 ] || exit 0
    [ "$1" != 4 ] || signal=KILL grace=0
    [ "$1" = 3 ]
}
by_shell() {
    found=$(ticks | "$@" exec -i ${user:+"--user=$user"} "$container" sh -c "$script" sh "$token" "$signal" /proc)
    code=$?
    none $code && return
    [ $code = 4 ] || return 1
    # shellcheck disable=SC2086
    ticks | "$@" exec -i --user=0 "$container" sh -c "$script" sh "$token" KILL /proc $found
    none $?
}
by_helper() {
    # shellcheck disable=SC2153
    for image in $HELPERS; do
        # shellcheck disable=SC2086
        ticks | "$@" run --rm -i --network none --pid "container:$container" --user 0 --cap-add SYS_PTRACE \
            --entrypoint sh "$image" -c "$script" sh "$token" "$signal" /proc $found
        none $? && return
    done
    return 1
}

# A hook with a container of its own, which has a label. Compose may just be creating it.
one_off() {
    left=$grace signalled=
    while [ "$left" -gt 0 ]; do
        ours=$("$@" ps -aq --filter "label=hookman.hook=$token") || exit 1
        [ "$ours" ] || [ -z "$signalled" ] || break
        # shellcheck disable=SC2086
        [ -z "$ours" ] || [ "$signalled" ] || "$@" kill --signal "$signal" $ours
        signalled=$ours
        sleep 0.1
        left=$((left - 1))
    done
    while [ $looks -lt 3 ]; do
        ours=$("$@" ps -aq --filter "label=hookman.hook=$token") || exit 1
        # shellcheck disable=SC2086
        [ -z "$ours" ] || "$@" rm -f -v $ours
        looks=$((looks + 1))
        sleep 0.3
    done
    [ -z "$("$@" ps -aq --filter "label=hookman.hook=$token")" ]
    exit
}

found= looks=0
[ "$container" ] || one_off "$@"
while [ $looks -lt 3 ]; do
    code=3
    if [ "$proc" ]; then
        ticks | sh -c "$script" sh "$token" "$signal" "$proc" >/dev/null
        code=$?
        none $code || :
    fi
    if [ $code != 3 ] || ! seen_here "$@"; then
        case $("$@" inspect --format '{{.State.Running}}' "$container" 2>&1) in
            true) by_shell "$@" || by_helper "$@" || exit 1 ;;
            false | *[Nn]"o such "*) exit 0 ;;
            *) exit 1 ;; # the engine does not answer
        esac
    fi
    # There are none. But the engine may just be starting one.
    looks=$((looks + 1))
    sleep 0.3
done
exit 0
