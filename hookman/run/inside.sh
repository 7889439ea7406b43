# Ends the processes of a hook where they are: in a container, or here where a container's processes are seen.
#   inside.sh TOKEN SIGNAL PROC [PID...]
# A process is the hook's if TOKEN is in its environment, or if its parent or the leader of its session was the hook's.
# The PIDs are known to be. They get SIGNAL. Each line of stdin is a time to look; from a line `kill` on, they get SIGKILL.
# Exit code: 0 all are gone, 3 there were none, 4 some are left (their numbers are on stdout).
# It needs nothing but a shell: an image may have no grep, and no sleep.
token=$1 signal=$2 proc=$3
shift 3
known=" $* " ours= last=

marked() {
    if [ "$quick" ]; then
        for file in $(grep -lz "^HOOKMAN_HOOK_ID=$token/" "$proc"/[0-9]*/environ 2>/dev/null); do
            file=${file%/environ}
            known="$known${file##*/} "
        done
        return
    fi
    for folder in "$proc"/[0-9]*; do
        # A shell leaves the NULs out.
        while read -r line || [ "$line" ]; do
            case $line in *"HOOKMAN_HOOK_ID=$token/"*) known="$known${folder##*/} " ;; esac
            line=
        done 2>/dev/null <"$folder/environ"
    done
}
quick=
grep -z x </dev/null >/dev/null 2>&1
[ $? != 1 ] || quick=1

newline='
'
# Adds a process to the table, by its stat; see proc(5): number, (name), state, parent, group, session.
entry() {
    rest=${1##*) }
    case $rest in Z* | X*) return ;; esac
    rest=${rest#* }
    session=${rest#* * }
    table="$table ${1%% *}:${rest%% *}:${session%% *}"
}
# Sets `ours`; false if there are none.
look() {
    ours=
    marked
    case $known in *[0-9]*) ;; *) return 1 ;; esac
    table=
    if [ "$quick" ]; then # a shell reads byte by byte
        all=$(cat "$proc"/[0-9]*/stat 2>/dev/null)
        IFS=$newline
        set -f
        for stat in $all; do
            entry "$stat"
        done
        set +f
        unset IFS
    else
        for file in "$proc"/[0-9]*/stat; do
            read -r stat 2>/dev/null <"$file" && entry "$stat"
        done
    fi
    more=1
    while [ "$more" ]; do
        more=
        for entry in $table; do
            pid=${entry%%:*}
            case $ours in *" $pid "*) continue ;; esac
            entry=${entry#*:}
            for each in "$pid" "${entry%:*}" "${entry#*:}"; do
                case $known in *" $each "*)
                    ours="$ours $pid " more=1
                    case $known in *" $pid "*) ;; *) known="$known$pid " ;; esac
                    break
                    ;;
                esac
            done
        done
    done
    [ "$ours" ]
}

look || exit 3
kill "-$signal" $ours 2>/dev/null
kill -CONT $ours 2>/dev/null
while read -r word; do
    look || exit 0
    [ "$word" != kill ] || last=1
    [ -z "$last" ] || kill -KILL $ours 2>/dev/null
done
look || exit 0
echo $ours
exit 4
