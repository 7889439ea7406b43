#!/usr/bin/env bash
# Hooks of this project, run by hookman around plain `docker compose` commands.
#
#   hook_pre_<command>    runs before the command; if it fails, the command does not run
#   hook_post_<command>   runs after the command, if that succeeded
#
# "$@" is the command with its arguments (up -d --build). The working directory is the
# project's; the variables of .env are there. See: hookman list, hookman test.

# Before `docker compose up`: say what is asked for, and be warned of a full disk.
hook_pre_up() {
    echo "  ${stack}: docker compose $*"
    local used
    used=$(df -P . | awk 'NR == 2 { sub("%", "", $5); print $5 }')
    if (( used >= 95 )); then
        echo "  The disk is ${used}% full; containers may fail to start." >&2
    fi
    return 0 # 0 = go on, anything else = stop
}

# Before `docker compose down`: keep the last lines of the logs, which go with the containers.
hook_pre_down() {
    mkdir -p .dde/logs
    docker compose logs --no-color --tail 200 >.dde/logs/last.log 2>&1
    echo "  The last log lines are in .dde/logs/last.log"
}
