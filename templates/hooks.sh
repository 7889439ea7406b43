#!/usr/bin/env bash
# Hooks of this project, run by hookman around plain `docker compose` commands.
#
#   hook_pre_<command>    runs before the command; if it fails, the command does not run
#   hook_post_<command>   runs after the command, if that succeeded
#
# "$@" is the command with its arguments (up -d --build). The working directory is the
# project's; the variables of .env are there. See: hookman list, hookman test.

# hook_pre_up() {
#     [[ -f .env.local ]] || cp .env .env.local
# }

# hook_post_up() {
#     docker compose exec -T web bin/migrate
# }
