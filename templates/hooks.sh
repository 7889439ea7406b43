#!/usr/bin/env bash
# Hooks of this project. hookman runs them around plain `docker compose` commands.
#
#   hook_pre_<command>    runs before the command; if it fails, the command does not run
#   hook_post_<command>   runs after the command, if the command succeeded
#
# "$@" is the command with its arguments (up -d --build). A hook starts in the project's
# directory and has the variables of .env. See: hookman list, hookman test.

# hook_pre_up() {
#     [[ -f .env.local ]] || cp .env .env.local
# }

# hook_post_up() {
#     docker compose exec -T web bin/migrate
# }
