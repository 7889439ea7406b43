#!/bin/sh
# Kompose's command line for the stacks beside this file. hookman runs it:
#   ./kompose.sh sexy up -d          ./kompose.sh "*" ps          ./kompose.sh --list
# What follows the pattern goes to docker compose. See: hookman run --help
root=$(cd "$(dirname "$0")" && pwd) || exit
if ! command -v hookman >/dev/null; then
    echo "kompose.sh: hookman is not on your PATH. Fix: pipx install hookman-compose, or pipx install . in a checkout of it" >&2
    exit 127
fi
exec hookman run --root "$root" "$@"
