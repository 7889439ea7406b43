#!/usr/bin/env bash
# Hooks of this project. hookman runs them around plain `docker compose` commands.
#
#   hook_pre_<command>      runs before the command; if it fails, the command does not run
#   hook_post_<command>     runs after the command, if the command succeeded
#   hook_failed_<command>   runs if the command did not succeed, whatever the reason
#   hook_always_<command>   runs last, also after a failure
#
# "$@" is the command with its arguments (up -d --build). A hook starts in the project's
# directory and has the variables of .env. See: hookman list, hookman test.

# bash goes on after a command that failed: a hook is well (✔) if its last command is. Two safeguards:
#
#   1. A command that does not exist (a typo, a missing program) stops the hook. The two lines below do this.
#   2. `set -e` at the beginning of a function stops it at the first command that fails. Write
#      `command || true` where a failure does not matter. It is not set for the complete file, for functions
#      written for Kompose count on going on.
set -E
trap '[[ $? -ne 127 ]] || { echo "hooks.sh:$LINENO: a command was not found, so the hook stops" >&2; exit 127; }' ERR

# Before `docker compose up`: show the command, and warn if the disk is almost full.
hook_pre_up() {
    set -e
    echo "  ${stack}: docker compose $*"
    local used
    used=$(df -P . | awk 'NR == 2 { sub("%", "", $5); print $5 }')
    if (( used >= 95 )); then
        echo "  The disk is ${used}% full; containers may fail to start." >&2
    fi
    return 0 # 0 = go on, anything else = stop
}

# Before `docker compose down`: keep the last lines of the logs, which are lost with the containers.
hook_pre_down() {
    set -e
    mkdir -p .dde/logs
    docker compose logs --no-color --tail 200 >.dde/logs/last.log 2>&1 || true
    echo "  The last log lines are in .dde/logs/last.log"
}
