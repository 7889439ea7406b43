# Sources a hooks.sh and calls one function in it. It is a process of its own.
#
#   driver.bash HOOKS_SH FUNCTION REPORT_FD TRACE [ARGUMENT...]
#
# Bash starts in the caller's environment. What .env files and earlier functions set arrives as text
# in variables that begin with __HOOKMAN_LATER_. The driver exports it (environment.at_start).
#
# It writes these parts to REPORT_FD, with a zero byte after each:
#   found         before it calls the function
#   the status    of the function, when that has ended; only `absent`, without `found`, if hooks.sh does not define it
#   NAME=value    for every exported variable
#   an empty part
#
# The driver sets none of bash's options (CONTRACT C36). The options that hooks.sh sets count (C37). hooks.sh may
# set any variable and define any function (C42). So all names of the driver begin with __hookman, and the
# complete file is one block: bash reads all of it before anything runs.
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

# Bash warns about values that it can't use (a locale that does not exist). They are for the hook, so nobody needs that.
for __hookman_later in "${!__HOOKMAN_LATER_@}"; do
    builtin eval "${!__hookman_later}"
    builtin unset -v "$__hookman_later"
done 2>/dev/null

# `exit` in hooks.sh means the same as `return` (C35): what was exported before it counts.
trap '__hookman_report "$?"' EXIT

# The status of `source` does not count, even under `set -e` (C38). So the driver switches errexit off at the
# very end of hooks.sh (one level deep), before bash looks at that status. Later it switches errexit on again.
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
