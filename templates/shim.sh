#!/bin/sh
# hookman-shim 6f1d4c82 version 1
# hookman stands here in front of the real Docker Compose, so that the hooks of your projects
# run. Written by `hookman install`, taken away by `hookman uninstall`. It has two ways out:
# the real Compose (nothing to do for hookman), or hookman's runner, which starts it itself.

python=@PYTHON@
entry=@ENTRY@
own=@OWN@
data=${HOOKMAN_DATA_DIR:-@DATA@}

# The real Compose: the first one that the Docker CLI would find without us.
for dir in @EXTRA@ "${DOCKER_CONFIG:-$HOME/.docker}/cli-plugins" @CONFIG@ @SYSTEM@; do
    real=$dir/docker-compose
    [ -e "$real" ] && ! [ "$real" -ef "$own" ] && break
    real=
done
if [ -z "$real" ]; then
    if [ "$1" = docker-cli-plugin-metadata ]; then # or docker says "unknown command" and nothing else
        echo '{"SchemaVersion":"0.1.0","Vendor":"hookman","Version":"0","ShortDescription":"Docker Compose"}'
        exit
    fi
    echo "hookman: there is no Docker Compose behind hookman's shim. Fix: install it, or: hookman uninstall" >&2
    exit 1
fi

# Does the line name a command that has hooks? Might it mean a project in another place?
operation= elsewhere= ours=
for arg; do
    case $arg in
        __complete*) exec "$real" "$@" ;;
        @OPERATIONS@) operation=1 ;;
        -f* | --file* | --project-directory* | --workdir*) elsewhere=1 ;;
        --skip-hooks) ours=1 ;;
    esac
done
[ -n "$operation$ours" ] || exec "$real" "$@"

# Is the project here or above enabled? Its consent is a file whose path mirrors the project's.
# hint: it has hooks, but nobody has enabled them. In doubt the runner decides.
dir=$(pwd -P) hint=
[ -z "$COMPOSE_FILE$HOOKMAN_TARGET" ] && [ "$dir" = "$PWD" ] || elsewhere=1
if [ -f .env ]; then
    while read -r line || [ -n "$line" ]; do
        case $line in *COMPOSE_FILE*) elsewhere=1 ;; esac
    done <.env
fi
[ -n "$elsewhere" ] && [ -d "$data/enabled" ] && ours=1
while [ -z "$ours" ]; do
    [ -e "$data/enabled${dir%/}/@MARK@" ] && ours=1
    if [ -z "$hint" ]; then
        for file in @FILES@; do
            [ -e "$dir/$file" ] && hint=none
        done
        [ -z "$hint" ] || ! { [ -e "$dir/hooks.sh" ] || [ -d "$dir/.dde/hooks" ]; } || hint=$dir
    fi
    [ -n "${dir%/}" ] || break
    dir=${dir%/*}
    dir=${dir:-/}
done
if [ -z "$ours" ]; then
    case $hint in
        /*) echo "hookman: the hooks of $hint are not enabled on this machine. To let them run: hookman enable" >&2 ;;
    esac
    exec "$real" "$@"
fi

if [ -x "$python" ] && [ -f "$entry" ]; then
    exec "$python" -I -S "$entry" plugin "$real" "$data" "$@"
fi
echo "hookman: hooks did not run, hookman's own program is gone ($entry). Fix: reinstall it and run hookman install, or remove $own" >&2
for arg; do
    shift
    [ "$arg" = --skip-hooks ] || set -- "$@" "$arg"
done
exec "$real" "$@"
