#!/bin/sh
# hookman-shim 6f1d4c82 version 3
# This is hookman, in front of the real Docker Compose, so that the hooks of your projects run. `hookman install` wrote this file,
# `hookman uninstall` removes it. It has two ways out: the real Compose, or hookman's runner, which starts Compose itself.

python=@PYTHON@
entry=@ENTRY@
own=@OWN@
home=${HOME:-@HOME@}
data=${HOOKMAN_DATA_DIR:-@DATA@}

# The real Compose: the first one that docker would find without us.
config=${DOCKER_CONFIG:-$home/.docker}
case $1 in --config) config=$2 ;; --config=*) config=${1#*=} ;; esac
set -f
IFS=:
for dir in @WHERE@; do
    real=$dir/docker-compose
    [ @FOUND@ "$real" ] && ! [ "$real" -ef "$own" ] && ! [ "$real" -ef @SYSTEM_SHIM@ ] && break
    real=
done
unset IFS
set +f
if [ -z "$real" ]; then
    if [ "$1" = docker-cli-plugin-metadata ]; then # otherwise docker says only "unknown command"
        echo '{"SchemaVersion":"0.1.0","Vendor":"hookman","Version":"0","ShortDescription":"Docker Compose"}'
        exit
    fi
    echo "hookman: there is no Docker Compose behind hookman's shim. Fix: install it, or: hookman uninstall" >&2
    exit 1
fi

# Are the hooks of the project in $1 enabled? Its consent is a file whose path mirrors the project's (without links).
# A root's consent also covers stacks that come later if it says so, but no hidden ones. A path without links needs no process.
enabled() {
    [ -d "$data/enabled" ] || return
    place=${1%/} link=${1%/}
    case $place/ in [!/]* | *//* | */./* | */../*) ;; *) while [ -n "$link" ] && ! [ -h "$link" ]; do link=${link%/*}; done ;; esac
    if [ -z "$link" ]; then [ -d "$1" ]; else place=$(CDPATH='' cd -- "$1" 2>/dev/null && pwd -P && echo .) && place=${place%??}; fi || return
    [ -e "$data/enabled${place%/}/@MARK@" ] && return
    [ -f "$data/enabled${place%/*}/@MARK@" ] && { read -r kind && read -r more; } 2>/dev/null <"$data/enabled${place%/*}/@MARK@" &&
        [ "$kind $more" = "kind=root future=1" ] && case ${place##*/} in .*) false ;; esac
}
# The file or directory $1 says where the project is. After a subcommand ($2) that is not certain. A remote file says nothing.
at() {
    [ -d "$1" ] && dir=$1 || case $1 in '') return ;; *://* | *@*:* | github.com/*) doubt=1 && return ;; */*) dir=${1%/*}/ ;; *) dir=. ;; esac
    [ -n "$2" ] || project=${project:-$dir}
    if enabled "$dir"; then ours=1; fi
}
# An env file may say it too, with COMPOSE_FILE. Only Compose may read a pipe. (`read` would read byte by byte.)
env_file() {
    [ -f "$1" ] && [ "${1#/dev/}" = "$1" ] || return
    { said=$(LC_ALL=C grep 'COMPOSE_[FP][IA]' "$1") || [ $? = 1 ] || doubt=1; } 2>/dev/null
    case $said in
        '') ;;
        COMPOSE_FILE=*[!A-Za-z0-9_./:-]*) doubt=1 ;;
        COMPOSE_FILE=*) said=${said#*=} && at "${said%%:*}" ;;
        *) doubt=1 ;;
    esac
}
has_compose_file() {
    for file in @FILES@; do [ -e "$1/$file" ] && return; done
    return 1
}
# A command that only looks ($1) has no hook in the project here if nothing there could be one. Then Compose runs at once.
# What must be read to know it (settings, a hooks.sh, the .env of a root) is for the runner.
idle() {
    case $1 in @LOOKING@) ;; *) return 1 ;; esac
    [ -n "$HOME" ] && [ -z "$HOOKMAN_TIMEOUT$HOOKMAN_RUNNING" ] && [ -e "$data/enabled${place%/}/@MARK@" ] || return
    [ -d .dde/hooks ] && [ -x .dde/hooks ] || ! there .dde || return
    for path in @HOOKS@ "${place%/*}/@ROOT@" "$data/enabled${place%/*}/@MARK@" @USER_SETTINGS@; do
        if there "$path"; then return 1; fi
    done
    set --
    for file in @FILES@ @OVERRIDES@; do
        [ -f "$file" ] && set -- "$@" "$file" || ! there "$file" || return
    done
    [ $# = 0 ] || { LC_ALL=C grep -qs x-hookman "$@"; [ $? = 1 ]; }
}
there() { [ -e "$1" ] || [ -h "$1" ]; }

# Does the line name a command that has hooks, and does it not only ask for help? If in doubt, the
# runner decides. It also decides in a hook of ours, where each command may need another environment.
case "@FORM@ $1" in "plugin compose") typed=$2 ;; standalone*) typed=$1 ;; *) typed= ;; esac # no flag comes before it
operation= command= helped= skip= said= project= here= ours= doubt=$HOOKMAN_GIVEN_0$COMPOSE_ENV_FILES last=compose
case $1 in help | docker-cli-plugin-metadata) exec "$real" "$@" ;; esac
for arg; do
    case $last in
        -f | --file | --project-directory | --workdir) at "$arg" "$operation" ;;
        --env-file) env_file "$arg" ;;
    esac
    case $arg in
        __complete*) exec "$real" "$@" ;;
        run | exec) operation=1 command=1 ;;
        @OPERATIONS@) operation=1 ;;
        --skip-hooks) skip=1 ;;
        -h | --help) case $last in compose | @OPERATIONS@) helped=1 ;; esac ;;
        --file=* | --project-directory=* | --workdir=*) at "${arg#*=}" "$operation" ;;
        -f=?*) at "${arg#-f=}" "$operation" ;;
        -f?*) at "${arg#-f}" "$operation" ;;
        --env-file=*) env_file "${arg#*=}" ;;
        --help=* | --) doubt=1 ;;
    esac
    last=$arg
done
[ -z "$helped" ] || [ -n "$command$doubt" ] || operation=
[ -n "$operation$skip$HOOKMAN_GIVEN_0" ] || exec "$real" "$@"

# These are only hints: an env file may be switched off, or the line may be part of another value.
if [ -z "$project" ]; then
    [ -z "$COMPOSE_FILE" ] || at "${COMPOSE_FILE%%"${COMPOSE_PATH_SEPARATOR:-:}"*}"
    env_file .env
    found=$PWD
    until has_compose_file "$found"; do
        [ -n "$found" ] && found=${found%/*} || { found=$PWD && break; }
    done
    at "$found/" 1
    project=${project:-$found}
    [ "$project" != "$PWD" ] || [ -n "$doubt$HOOKMAN_ROOT$HOOKMAN_PROJECT_DIR" ] || here=1
fi
[ -z "$doubt" ] || ! [ -d "$data/enabled" ] || ours=1
[ -z "$here" ] || [ -n "$skip" ] || ! idle "$typed" || exec "$real" "$@"

if [ -z "$ours$skip" ]; then
    there "$project/hooks.sh" || [ -d "$project/.dde/hooks" ] ||
        { here= && { there "$project/hookman.toml" || there "$project/hookman.local.toml"; }; } || exec "$real" "$@"
    case $project in *[[:cntrl:]]*) here= ;; esac
    if [ -n "$here" ]; then # otherwise hookman says what to type
        echo "hookman: the hooks of $project are not enabled on this machine. Fix: hookman enable" >&2
        exec "$real" "$@"
    fi
fi

# Does hookman start? The proof is valid until Python, its library, the program or this shim is newer.
starts() {
    [ -x "$python" ] && [ -s "$entry" ] || return
    proof=$data/starts
    [ -f "$proof" ] && read -r proven 2>/dev/null <"$proof" && [ "$proven" = "$python $entry" ] && [ "$proof" -nt "$python" ] &&
        [ "$proof" -nt "$entry" ] && [ "$proof" -nt @LIBRARY@ ] && [ "$proof" -nt "$own" ] && return
    [ "$(exec 2>/dev/null </dev/null; "$python" -I -S "$entry" starts "$proof" "$python $entry"; :)" = yes ]
}
if starts; then
    exec "$python" -I -S "$entry" @FORM@ "$real" "$data" "$@"
fi
echo "hookman: hooks did not run, hookman does not start ($python $entry). Fix: reinstall hookman-compose and run hookman install, or remove $own" >&2
for arg; do
    shift
    [ "$arg" = --skip-hooks ] || set -- "$@" "$arg"
done
exec "$real" "$@"
