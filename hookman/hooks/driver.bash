# Sources a hooks.sh and calls one function of it, in a process of its own.
#
#   driver.bash HOOKS_SH FUNCTION REPORT_FD TRACE [ARGUMENT...]
#
# Bash starts in the caller's environment. What .env files and earlier functions set comes as
# text in variables that begin with __HOOKMAN_LATER_, and is exported here (environment.at_start).
#
# It writes to REPORT_FD, each part ended by a zero byte: `found` before it calls the function, and when it ends
# the function's status (or `absent` alone if hooks.sh defines no such function), then NAME=value of every exported variable,
# then an empty part. Bash's default options stay (CONTRACT C36) and those that hooks.sh sets
# are honoured (C37); hooks.sh may set any variable and define any function (C42), so all
# of ours begin with __hookman and the whole file is one block, read before anything runs.
{
__hookman_file=$1 __hookman_function=$2 __hookman_fd=$3 __hookman_trace=$4
shift 4
__hookman_arguments=("$@")
__hookman_reported=
set --

__hookman_report() {
    { __hookman_status=$?; set +eux; } 2>/dev/null
    [ -z "$__hookman_reported" ] || return 0
    __hookman_reported=1
    local name IFS=$'\n'
    {
        builtin printf '%s\0' "$1"
        set -f
        for name in $(builtin compgen -e); do
            [ -z "${!name+set}" ] || builtin printf '%s=%s\0' "$name" "${!name}"
        done
        builtin printf '\0'
    } >&"$__hookman_fd"
}

# Bash warns of some values that it can't use (a locale that does not exist). They are for the hook, not for bash.
for __hookman_later in "${!__HOOKMAN_LATER_@}"; do
    builtin eval "${!__hookman_later}"
    builtin unset -v "$__hookman_later"
done 2>/dev/null

# `exit` in hooks.sh means the same as `return` (C35): what was exported until then counts.
trap '__hookman_report "$?"' EXIT

# The status of sourcing does not count, even under `set -e` (C38). So errexit is switched off at the
# very end of the file (one level deep), before bash looks at that status, and then set again.
trap '(( ${#BASH_SOURCE[@]} > 1 )) || { __hookman_options=$-; set +e; }' RETURN
__hookman_options=
source "$__hookman_file"
{ trap - RETURN; } 2>/dev/null

if ! builtin declare -F -- "$__hookman_function" >/dev/null; then
    __hookman_report absent
    builtin exit 0
fi
{ builtin printf 'found\0' >&"$__hookman_fd"; } 2>/dev/null
case $__hookman_options in *e*) set -e ;; esac
if [ -n "$__hookman_trace" ]; then
    PS4='+ ${BASH_SOURCE[0]##*/}:${LINENO}: '
    set -x
fi
"$__hookman_function" ${__hookman_arguments[@]+"${__hookman_arguments[@]}"}
{ __hookman_report "$?"; builtin exit "$__hookman_status"; } 2>/dev/null
}
