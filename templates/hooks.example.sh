#!/usr/bin/env bash
# Hooks of this project. hookman runs them around plain `docker compose` commands.
#
#   hook_pre_<command>    runs before the command; if it fails, the command does not run
#   hook_post_<command>   runs after the command, if the command succeeded
#
# "$@" is the command with its arguments (up -d --build). A hook starts in the project's
# directory and has the variables of .env. See: hookman list, hookman test.

# Before `docker compose up`: show the command, and warn if the disk is almost full.
hook_pre_up() {
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
    mkdir -p .dde/logs
    docker compose logs --no-color --tail 200 >.dde/logs/last.log 2>&1
    echo "  The last log lines are in .dde/logs/last.log"
}
