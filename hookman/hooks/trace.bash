# For bash scripts under `hookman test --trace` (BASH_ENV): each command is shown with file and line.
# A PS4 in the environment would not do, for bash as root ignores it.
unset BASH_ENV
PS4='+ ${BASH_SOURCE[0]##*/}:${LINENO}: '
set -x
