#!/bin/sh
# Runs before `docker compose up`. Stops it if a variable in .env.example is not set anywhere.
set -eu
[ -f .env.example ] || exit 0

missing=
# Names of variables have no spaces.
# shellcheck disable=SC2013
for name in $(sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p' .env.example); do
    printenv "$name" >/dev/null && continue
    [ -f .env ] && grep -q "^\(export \)\{0,1\}$name=" .env && continue
    missing="$missing $name"
done

if [ -n "$missing" ]; then
    echo "not set in .env or in your shell:$missing" >&2
    exit 1
fi
