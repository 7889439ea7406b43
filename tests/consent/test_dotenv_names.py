"""What a .env may not set for hooks: shown with the programs themselves, and by their names."""

from __future__ import annotations

import pytest

from hookman.consent import dotenv_names
from hookman.consent.dotenv_names import reserved
from tests.support.box import Project

# Each row: what a line of .env would say, and a command that it would make run ./evil.
RUNS_CODE = {
    "BASH_ENV": ("./evil", "bash -c :"),
    "ENV": ("./evil", "echo : | sh -i"),
    "PROMPT_COMMAND": ("./evil", "echo : | bash --norc -i"),
    "GIT_SSH_COMMAND": ("./evil", "git ls-remote ssh://nowhere.invalid/x"),
    "GIT_EXTERNAL_DIFF": ("./evil", "git diff --no-index --ext-diff compose.yaml hooks.sh"),
    "GIT_EDITOR": ("./evil", "git config --file x.conf --edit"),
    "GIT_EXEC_PATH": (".", "cp evil git-anything; git anything"),
    "GIT_CONFIG_PARAMETERS": ("'alias.anything=!./evil'", "git anything"),
    "XDG_CONFIG_HOME": ("{here}/xdg", "mkdir -p xdg/git; echo '[alias]anything=!./evil' >xdg/git/config; git anything"),
    "PYTHONPATH": ("py", "mkdir py; echo 'import os; os.system(\"./evil\")' >py/sitecustomize.py; python3 -c pass"),
    "PERL5LIB": (".", "echo 'system \"./evil\"; 1' >Evil.pm; perl -MEvil -e 1"),
    "PERL5OPT": ("-I. -MEvil", "echo 'system \"./evil\"; 1' >Evil.pm; perl -e 1"),
    "NODE_OPTIONS": ("--require=./evil.js", "echo 'require(`child_process`).execSync(`./evil`)' >evil.js; node -e 0"),
    "LD_PRELOAD": ("./none.so", "/bin/true 2>&1 | grep -q none.so && ./evil"),
    "POSIXLY_CORRECT": ("1", 'bash -c "case \\$SHELLOPTS in *posix*) ./evil;; esac"'),
    "LESSOPEN": ("|./evil %s", "less compose.yaml | cat"),
    "TAR_OPTIONS": ("--checkpoint=1 --checkpoint-action=exec=./evil", "tar -cf out.tar compose.yaml"),
    "INPUTRC": ("inputrc", "echo '\"\\C-xq\": abort' >inputrc; bash --norc -i -c 'bind -p' | grep -q xq && ./evil"),
}
# Bash itself does not take these from the environment (of root): they count once they are set in it.
IN_BASH = {
    "PS4": ("$(./evil)", "set -x; :"),
    "IFS": ("l", "set -- $(echo evil); [ $# = 1 ] || ./evil"),
    "GLOBIGNORE": ("*", "set -- *; [ \"$1\" != '*' ] || ./evil"),
}
# The others, by their names alone.
MORE = """
    HOOKMAN_SKIP __HOOKMAN_LATER_X __hookman_function DOCKER_HOST DOCKER_CONTEXT DOCKER_CONFIG DOCKER_CERT_PATH
    DOCKER_TLS DOCKER_TLS_VERIFY DOCKER_CLI_PLUGIN_EXTRA_DIRS LD_LIBRARY_PATH LD_AUDIT DYLD_INSERT_LIBRARIES
    GCONV_PATH LOCPATH NLSPATH LANGUAGE I18NPATH MALLOC_TRACE GLIBC_TUNABLES HOSTALIASES RES_OPTIONS LOCALDOMAIN
    BASH_FUNC_x BASH_XTRACEFD SHELLOPTS BASHOPTS PS0 PS1 PS2 PS3 CDPATH ZDOTDIR PATH HOME SHELL
    PAGER MANPAGER EDITOR VISUAL BROWSER SSH_ASKPASS SUDO_ASKPASS LESSCLOSE TERMINFO TERMCAP
    GIT_DIR GIT_WORK_TREE GIT_CONFIG_COUNT GIT_CONFIG_KEY_0 GIT_CONFIG_VALUE_0 GIT_CONFIG_GLOBAL GIT_CONFIG_SYSTEM
    GIT_SSH GIT_ASKPASS GIT_PAGER GIT_TEMPLATE_DIR GIT_PROXY_COMMAND GIT_SEQUENCE_EDITOR GIT_TRACE
    PYTHONSTARTUP PYTHONHOME PYTHONUSERBASE PYTHONBREAKPOINT PYTHONWARNINGS PERL5DB PERLLIB RUBYOPT RUBYLIB GEM_HOME
    GEM_PATH BUNDLE_GEMFILE NODE_PATH NODE_EXTRA_CA_CERTS NPM_CONFIG_SCRIPT_SHELL npm_config_node_options
    OPENSSL_CONF OPENSSL_ENGINES OPENSSL_MODULES KRB5_CONFIG JAVA_TOOL_OPTIONS _JAVA_OPTIONS JDK_JAVA_OPTIONS PHPRC
    PHP_INI_SCAN_DIR LUA_INIT LUA_PATH LUA_CPATH_5_3 R_PROFILE_USER R_HOME DOTNET_STARTUP_HOOKS ERL_FLAGS MAKEFLAGS
    CLASSPATH MYSQL_HOME LIBMYSQL_PLUGINS LIBMYSQL_PLUGIN_DIR MARIADB_PLUGIN_DIR PGSERVICEFILE PGSYSCONFDIR PGPASSFILE
    PSQLRC PSQL_EDITOR
"""
# Every name on its own, and every beginning, ending and fact: what is dropped from dotenv_names.py is missed here.
EACH_NAME = """
    ASDF_DATA_DIR ASDF_DIR AWKLIBPATH AWKPATH BASHPID BUN_OPTIONS CAML_LD_LIBRARY_PATH COLUMNS COMPILER_PATH
    COMP_CWORD COMP_POINT CURL_HOME CVS_RSH DIRSTACK ELECTRON_RUN_AS_NODE ELIXIR_ERL_OPTIONS EMACSLOADPATH
    EPOCHREALTIME EPOCHSECONDS EXECIGNORE EXINIT FCEDIT FPATH FUNCNAME FUNCNEST GCC_EXEC_PREFIX
    GDK_PIXBUF_MODULE_FILE GETCONF_DIR GLOBIGNORE GMON_OUT_PREFIX GNUMAKEFLAGS GNUPGHOME GOAUTH GOCACHEPROG GOENV
    GOFLAGS GOROOT GOTOOLCHAIN GRADLE_OPTS GREP_OPTIONS GROUPS GSS_MECH_CONFIG HGRCPATH HISTCMD HISTFILE
    HISTFILESIZE HISTSIZE IFS INPUTRC LDAPCONF LDAPRC LINENO LINES MAILCHECK MAILPATH MAKEFILES MANOPT MANPATH
    MAVEN_OPTS MFLAGS MYSQL_DEBUG MYSQL_GROUP_SUFFIX MYSQL_HISTFILE MYSQL_PS1 MYSQL_TEST_LOGIN_FILE NULLCMD NVM_DIR
    OCAMLRUNPARAM ODBCINI ODBCINSTINI ODBCSYSINI OPENJ9_JAVA_OPTIONS OPTARG OPTERR OPTIND OUTPUT_CHARSET PGLOCALEDIR
    PGSSLCERT PGSSLKEY PIPESTATUS PIP_CONFIG_FILE PIP_PYTHON POSIXLY_CORRECT PROMPT_COMMAND PS4 PYENV_ROOT RANDOM
    RBENV_ROOT READLINE_POINT READNULLCMD RIPGREP_CONFIG_PATH RUSTC RUSTC_WORKSPACE_WRAPPER RUSTC_WRAPPER RUSTDOC
    RUSTFLAGS R_ENVIRON_USER R_LIBS_USER SASL_CONF_PATH SASL_PATH SECONDS SRANDOM SSH_ASKPASS_REQUIRE
    SSH_PKCS11_HELPER SSH_SK_HELPER SSH_SK_PROVIDER SVN_SSH SYSTEM_WGETRC TAR_OPTIONS TCLLIBPATH TCL_LIBRARY
    TERMINFO_DIRS TERMPATH TEXTDOMAIN TEXTDOMAINDIR TMOUT TZDIR UNZIP VIMINIT VIMRUNTIME VIRTUAL_ENV VOLTA_HOME
    WGETRC ZIP ZIPOPT
"""
EACH_BEGINNING = """
    HOOKMAN_ __HOOKMAN_ __hookman_ DOCKER_TLS_ DOCKER_CLI_ LD_ DYLD_ _RLD GLIBC_ MALLOC_ RESOLV_ SEGFAULT_ DBUS_
    PYTEST_ BORG_ RESTIC_ KRB5_ P11_KIT_ GNUTLS_ GTK_ GIO_ QT_PLUGIN GST_PLUGIN BASH_ XDG_ LIBMYSQL_ GIT_ PYTHON
    PERL RUBY NODE_ OPENSSL_ JAVA_ _JAVA_ JDK_ LUA_ R_ ERL_ DOTNET_ CORECLR_ JULIA_ GUILE_ LESS RSYNC_ PSQL YARN_
    BUNDLE_ GEM_ CARGO_ RUSTUP_
"""
EACH_ENDING = "_PAGER _EDITOR _ASKPASS _BROWSER"
EACH_FACT = """
    _VERSION _ENV _ENVIRONMENT _IMAGE _TAG _NAME _EMAIL _DATE _PORT _HOST _URL _COMMIT _SHA _SHA1 _HASH _REV
    _REVISION _BRANCH _REF _REPO _REPOSITORY _REMOTE _USER _USERNAME _PASSWORD _TOKEN _KEY _SECRET _DB _DATABASE _ID
"""
APPLICATIONS = """
    DB_PASSWORD DB_URL NODE_ENV NODE_VERSION APP_ENV PORT HOST DEBUG TZ LANG LC_ALL UID GID USER DOMAIN
    JAVA_VERSION PYTHON_VERSION RUBY_VERSION PERL_VERSION PHP_VERSION PHP_MEMORY_LIMIT OPENSSL_VERSION
    GIT_COMMIT GIT_SHA GIT_BRANCH GIT_TAG GIT_COMMIT_SHA GIT_AUTHOR_NAME GIT_TOKEN NPM_TOKEN GITHUB_TOKEN
    MYSQL_ROOT_PASSWORD MYSQL_DATABASE MYSQL_USER MYSQL_PWD MYSQL_HOST MARIADB_ROOT_PASSWORD POSTGRES_PASSWORD
    POSTGRES_INITDB_ARGS PGDATA PGUSER PGPASSWORD PGHOST PGPORT PGDATABASE PSQL_PASSWORD SASL_USERNAME
    COMPOSE_PROJECT_NAME COMPOSE_PROFILES DOCKER_DEFAULT_PLATFORM HTTP_PROXY NO_PROXY AWS_PROFILE KUBECONFIG
    A.B x env path
"""


@pytest.fixture
def armed(shop: Project) -> Project:
    shop.write("evil", '#!/bin/sh\necho ran >>"${HOOKMAN_PROJECT_DIR:?}/ran"\n', 0o755)
    return shop


@pytest.mark.parametrize("name", [*RUNS_CODE, *IN_BASH])
def test_a_name_that_makes_a_program_run_code_never_comes_from_a_dotenv(armed: Project, name: str) -> None:
    value, command = (RUNS_CODE | IN_BASH)[name]
    value = value.format(here=armed.path)
    armed.hooks_sh(f"hook_pre_ps() {{ {command}; true; }}\n")
    armed.write(".env", f"{name}='{value}'\n" if "'" not in value else f'{name}="{value}"\n')
    result = armed.compose("ps")
    assert (result.code, (armed.path / "ran").exists()) == (0, False), result
    if name in RUNS_CODE:  # what the caller says counts, and shows that the row is no idle one
        armed.docker("compose", "ps", **{name: value})  # type: ignore[arg-type]
        assert (armed.path / "ran").exists()


def test_these_names_are_reserved() -> None:
    names = [*RUNS_CODE, *IN_BASH, *MORE.split(), *EACH_NAME.split()]
    assert [name for name in names if not reserved(name)] == []


def test_every_name_that_begins_or_ends_so_is_reserved() -> None:
    names = [f"{beginning}anything" for beginning in EACH_BEGINNING.split()]
    names += [f"ANY{ending}" for ending in EACH_ENDING.split()]
    assert [name for name in names if not reserved(name)] == []


def test_a_fact_about_a_tool_is_not() -> None:
    assert reserved("NODE_X")
    assert [fact for fact in EACH_FACT.split() if reserved(f"NODE_X{fact}")] == []


def test_these_lists_are_complete() -> None:
    names = {*RUNS_CODE, *IN_BASH, *MORE.split(), *EACH_NAME.split()}
    assert names >= dotenv_names.NAMES
    assert {*EACH_BEGINNING.split()} == {*dotenv_names.BEGINNINGS, *dotenv_names.TOOLS}
    assert {*EACH_ENDING.split()} == {*dotenv_names.ENDINGS}
    assert {*EACH_FACT.split()} == {*dotenv_names.FACTS}


def test_an_applications_name_is_not() -> None:
    assert [name for name in APPLICATIONS.split() if reserved(name)] == []


def test_a_reserved_name_reaches_no_script_either(shop: Project) -> None:
    shop.write("hookman.toml", 'dotenv = "all"\n')
    shop.write(".env", "PYTHONPATH=/x\nNODE_ENV=dev\n")
    shop.script("up.pre", "a.sh", 'echo "<$PYTHONPATH><$NODE_ENV>" >trace')
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == ["<><dev>"]


@pytest.mark.parametrize("name", ["OPTIND", "RANDOM", "SRANDOM", "HISTCMD"])
def test_what_bash_evaluates_as_arithmetic_never_comes_from_a_dotenv(shop: Project, name: str) -> None:
    shop.write(".env", f"{name}='a[$(touch evil)]'\n")
    shop.hooks_sh("hook_pre_up() { echo ran >>trace; }\n")
    assert shop.compose("up", "-d").code == 0
    assert (shop.trace(), (shop.path / "evil").exists()) == (["ran"], False)
