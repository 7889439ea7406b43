#!/bin/sh
# Runs after `docker compose up`. Shows what is up; a failure here is only a warning.
set -eu
docker compose ps --format '  {{.Service}}: {{.State}}'
