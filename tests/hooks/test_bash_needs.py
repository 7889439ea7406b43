"""hookman test says which bash runs hooks.sh, and what in its text that one is too old for."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from hookman.hooks.bash_needs import CONSTRUCTS, needs, too_new, version_of
from tests.support.box import Project

# (a text, the construct that it has, what it prints in a bash that knows it)
EXAMPLES = [
    ("declare -A a=([k]=v); echo ${a[k]}", "declare -A", "v"),
    ("f() { local -rA a=([k]=v); echo ${a[k]}; }; f", "declare -A", "v"),
    ("declare -l x=AB; echo $x", "declare -l, -u", "ab"),
    ("mapfile -t a < <(printf 'x\\ny\\n'); echo ${a[1]}", "mapfile", "y"),
    ("if true; then readarray -t a <<<z; fi; echo $a", "mapfile", "z"),
    ("coproc cat; echo hi >&${COPROC[1]}; read x <&${COPROC[0]}; echo $x", "coproc", "hi"),
    ("case a in a) echo 1 ;& b) echo 2 ;; esac", ";& and ;;&", "1\n2"),
    ("case a in a) echo 1 ;;& *) echo 2 ;; esac", ";& and ;;&", "1\n2"),
    ("f=$(mktemp); echo a &>>$f; echo b &>>$f; cat $f; rm $f", "&>>", "a\nb"),
    ("{ echo a; echo b >&2; } |& sort", "|&", "a\nb"),
    ("x=abc; echo ${x^^}", "${x^^} and ${x,,}", "ABC"),
    ('x=Abc; echo "a ${x,}"', "${x^^} and ${x,,}", "a abc"),
    ("a=(x y); echo ${a[@]^}", "${x^^} and ${x,,}", "X Y"),
    ("f() { echo ${1^^}; }; f a", "${x^^} and ${x,,}", "A"),
    ('(( BASHPID > 0 )) || :; [ -n "$BASHPID" ] && echo y', "$BASHPID", "y"),
    ("shopt -s globstar && echo y", "shopt globstar", "y"),
    ("read -t 0.5 x <<<y; echo $x", "read -t 0.5", "y"),
    ("echo {08..10}", "{01..10}", "08 09 10"),
    ("echo {1..9..4}", "{1..9..2}", "1 5 9"),
    ("exec {fd}>/dev/null && [[ $fd -ge 10 ]] && echo y", "{fd}>file", "y"),
    ("read -rN 2 x <<<abc; echo $x", "read -N", "ab"),
    ("BASH_XTRACEFD=1; set -x; : a", "BASH_XTRACEFD", "+ : a"),
    ("x=; [[ -v x ]] && echo y", "[[ -v", "y"),
    ("x=; if [ -v x ]; then echo y; fi", "[[ -v", "y"),
    ("x=; [[ ! -v y && -v x ]] && echo y", "[[ -v", "y"),
    ("a=(1 2 3); echo ${a[-1]}", "${a[-1]}", "3"),
    ("x=abcd; echo ${x:0:-1}", "${x:0:-1}", "abc"),
    ("x=abcd; echo ${x:1: -1}", "${x:0:-1}", "bc"),
    ("f() { declare -g x=1; }; f; echo $x", "declare -g", "1"),
    ("printf '%(%Y)T\\n' 0", "printf %(…)T", "1970"),
    ('printf -v x "%(%Y)T" 0; echo $x', "printf %(…)T", "1970"),
    ("shopt -s lastpipe; echo a | read x; echo $x", "shopt lastpipe", "a"),
    ("x=1; f() { local -n r=x; r=2; }; f; echo $x", "local -n", "2"),
    ("true & wait -n && echo y", "wait -n", "y"),
    ("a=(1 2); a[-1]=9; echo ${a[1]}", "a[-1]=x", "9"),
    ("x='a b'; echo ${x@Q}", "${x@Q}", "'a b'"),
    ("f() { local -; set -f; }; f; echo y", "local -", "y"),
    ("mapfile -d , a <<<1,2; echo ${#a[@]}", "mapfile -d", "2"),
    ("shopt -s inherit_errexit && echo y", "shopt inherit_errexit", "y"),
    ('[ "$EPOCHSECONDS" -gt 1 ] && echo y', "$EPOCHSECONDS", "y"),
    ('[ "$SRANDOM" ] && echo y', "$SRANDOM", "y"),
    ("true & wait -n -p x && [ $x -gt 1 ] && echo y", "wait -p", "y"),
    ("x=a; echo ${x@U}", "${x@U}", "A"),
    ("declare -a a=(x); echo ${a[@]@k}", "${x@k}", "0 x"),
    ("echo ${ echo y; }", "${ command; }", "y"),
]
BASH = str(shutil.which("bash"))


@pytest.mark.parametrize(("text", "name", "printed"), EXAMPLES)
def test_a_construct_is_seen_and_the_bash_that_knows_it_does_what_is_meant(text: str, name: str, printed: str) -> None:
    assert name in [one.name for one in needs(text)]
    first = next(version for _, one, version in CONSTRUCTS if one == name)
    environ = {"PATH": "/usr/bin:/bin"}
    done = subprocess.run([BASH, "-c", text], env=environ, capture_output=True, text=True, check=False)
    understood = (done.returncode, done.stdout, done.stderr) == (0, f"{printed}\n", "")
    assert understood == (version_of(BASH)[1] >= first), done


def test_every_construct_has_an_example() -> None:
    assert {name for _, name, _ in CONSTRUCTS} == {name for _, name, _ in EXAMPLES}


@pytest.mark.parametrize(
    "text",
    [
        "# [[ -v x ]] ${x^^} declare -A a",
        "echo 'mapfile |& ${x^^}'",
        'echo "a |& b ;;& c &>> d"',
        "cat <<'EOF'\n[[ -v x ]]\nmapfile\n${x^^}\nEOF\n",
        "cat <<EOF\n[[ -v x ]]\nmapfile x\nEOF\n",
        'cat <<EOF\nsay "hi"\nEOF\necho "a |& b"',
        "echo \"it's\" 'a |& b'",
        "${x:-1} ${x: -1} ${x:1:2} ${x:-a:b} ${a[0]} ${#a[@]} ${!a@} ${x#-v } $((a[1] - 1))",
        "grep -v x | read -r y; wait $!; local n=1 -a; declare -a b=(1); declare -x c; printf '%s(T)' 1",
        "echo {1..3} {a,b} $((1|2)) >&2 2>&1; a &> b; a && b || c; x=${y%,}; z=${y/,/^}",
        "case $1 in a) b ;; c) d & ;; esac",
        "mapfile_of() { :; }; coprocess=1; echo mapfile",
    ],
)
def test_what_bash_3_2_knows_needs_no_newer_one(text: str) -> None:
    assert needs(text) == []


def test_the_line_is_said(tmp_path: Path) -> None:
    text = "a=1\ncat <<EOF\ntext\n${a^^}\nEOF\n# -\nx='\n'\n[[ -v a ]]\n"
    assert [(one.line, one.name) for one in needs(text)] == [(4, "${x^^} and ${x,,}"), (9, "[[ -v")]


class TestCommand:
    def test_the_bash_that_runs_hooks_sh_is_named(self, shop: Project) -> None:
        shop.hooks_sh("hook_pre_up() { [[ -v x ]]; }\n")
        said = subprocess.run([BASH, "--version"], capture_output=True, text=True, check=True).stdout.split()[3]
        result = shop.hookman("test")
        assert f"hooks.sh is run by bash {said.partition('(')[0]}, {BASH}\n" in result.out
        assert "0 to look at" in result.out

    @pytest.mark.parametrize("command", ["test", "doctor"])
    def test_what_that_one_is_too_old_for_is_said_with_the_line(self, shop: Project, command: str) -> None:
        says = f'#!/bin/sh\ncase $* in *BASH_VERSION*) printf "3.2.57(1)-release" ;; *) exec {BASH} "$@" ;; esac\n'
        old = shop.write("bin/bash", says, 0o755)
        shop.hooks_sh("hook_pre_up() {\n  [[ -v x ]]\n}\n")
        result = shop.hookman(command, PATH=f"{old.parent}:{shop.box.environ['PATH']}")
        assert f"[[ -v needs bash 4.2, and {old} is 3.2.57" in result.out
        assert "hooks.sh:2" in result.out
        assert "Fix: put a bash 4.2 or newer first on your PATH" in result.out

    def test_no_bash_is_named_where_there_is_no_hooks_sh(self, shop: Project) -> None:
        shop.script("up.pre", "a.sh")
        assert "bash" not in shop.hookman("test").out


@pytest.mark.parametrize("text", ["echo ${x^^}\n\necho ${1^^}", "echo ${1^^}\n\necho ${x^^}"])
def test_a_construct_is_named_with_its_first_line(text: str) -> None:
    assert [(need.name, need.line) for need in needs(text)] == [("${x^^} and ${x,,}", 1)]


@pytest.mark.parametrize(
    "text",
    [
        'x="$(echo a)"; mapfile -t b',
        "x=$( (true) ); mapfile -t b",
        "x=''; mapfile -t b; y='c'",
        "x=a#; mapfile -t b",
        "echo \\#; mapfile -t b",
    ],
)
def test_code_goes_on_after_what_is_quoted(text: str) -> None:
    assert [need.name for need in needs(text)] == ["mapfile"]


@pytest.mark.parametrize("text", ['echo \\a"; mapfile -t b"', "echo a #; mapfile -t b", "#; mapfile -t b"])
def test_what_is_quoted_or_a_comment_is_no_code(text: str) -> None:
    assert needs(text) == []


def test_each_construct_that_an_old_bash_lacks_is_named_with_the_bash_that_has_it(tmp_path: Path) -> None:
    bash = tmp_path / "bash"
    bash.write_text("#!/bin/sh\nprintf '4.2.53(1)-release'\n")
    bash.chmod(0o755)
    found = too_new("mapfile -t a\nwait -n\n[[ -v a ]]\necho ${a@Q}\n", str(tmp_path))
    assert [(problem.where, problem.what) for problem in found] == [
        ("hooks.sh:2", f"wait -n needs bash 4.3, and {bash} is 4.2.53"),
        ("hooks.sh:4", f"${{x@Q}} needs bash 4.4, and {bash} is 4.2.53"),
    ]


def test_of_a_bash_that_does_not_say_its_version_nothing_is_named(tmp_path: Path) -> None:
    bash = tmp_path / "bash"
    bash.write_text("#!/bin/sh\necho something\n")
    bash.chmod(0o755)
    assert (version_of(str(bash)), too_new("mapfile -t a", str(tmp_path))) == (("something\n", ()), [])
    assert version_of(str(tmp_path / "none")) == ("", ())
