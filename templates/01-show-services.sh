#!/bin/sh
# Runs after `docker compose up`. Shows the services; if it fails, you get only a warning.
set -eu
docker compose ps --format '  {{.Service}}: {{.State}}'
