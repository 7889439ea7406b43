"""The names that a .env may not set for hooks (docs/rules.md): they change how programs start.

Compose itself reads them from a .env as it always does, and what the caller's environment says counts.
What hookman starts begins in the caller's environment anyway (environment.at_start). This keeps a line
of data from becoming code in the programs that hooks start, and in scripts with dotenv = "all".
It knows shells, loaders, interpreters, git and database clients, by the beginnings of their names.
"""

from __future__ import annotations

# Their own names, and everything that begins so.
BEGINNINGS = (
    # What hookman does, and what its driver remembers.
    *("HOOKMAN_", "__HOOKMAN_", "__hookman_"),
    # Which engine is meant (today's Compose does not take these from a .env either; 2.20 did).
    *("DOCKER_TLS_", "DOCKER_CLI_"),
    # What the dynamic loader loads into every program; how the C library allocates, resolves and converts.
    *("LD_", "DYLD_", "_RLD", "GLIBC_", "MALLOC_", "RESOLV_", "SEGFAULT_"),
    # Buses whose address may name a program to start; test runners that load plugins.
    *("DBUS_", "PYTEST_", "BORG_", "RESTIC_"),
    # Libraries that load modules of their own into programs.
    *("KRB5_", "P11_KIT_", "GNUTLS_", "GTK_", "GIO_", "QT_PLUGIN", "GST_PLUGIN"),
    # What bash reads or runs as it starts, and the settings of the user that every program reads.
    *("BASH_", "XDG_"),
    # The library of MariaDB's and MySQL's clients: its plugins.
    "LIBMYSQL_",
)
# The same, but for names of an application's own facts (FACTS).
TOOLS = (
    *("GIT_", "PYTHON", "PERL", "RUBY", "NODE_", "OPENSSL_", "JAVA_", "_JAVA_", "JDK_", "LUA_", "R_", "ERL_"),
    *("DOTNET_", "CORECLR_", "JULIA_", "GUILE_", "LESS", "RSYNC_", "PSQL"),
    # Package managers, which take each such name as a setting: npm's are below.
    *("YARN_", "BUNDLE_", "GEM_", "CARGO_", "RUSTUP_"),
)
# A name that ends so tells a fact: NODE_ENV, GIT_COMMIT, PYTHON_VERSION. No such program starts otherwise by it.
FACTS = (
    *("_VERSION", "_ENV", "_ENVIRONMENT", "_IMAGE", "_TAG", "_NAME", "_EMAIL", "_DATE", "_PORT", "_HOST", "_URL"),
    *("_COMMIT", "_SHA", "_SHA1", "_HASH", "_REV", "_REVISION", "_BRANCH", "_REF", "_REPO", "_REPOSITORY", "_REMOTE"),
    *("_USER", "_USERNAME", "_PASSWORD", "_TOKEN", "_KEY", "_SECRET", "_DB", "_DATABASE", "_ID"),
)
# Programs that are started by name to show a text, to edit it or to ask for a password.
ENDINGS = ("_PAGER", "_EDITOR", "_ASKPASS", "_BROWSER")
NAMES = frozenset(
    (
        # Which engine is meant.
        *("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_CERT_PATH", "DOCKER_TLS"),
        # Where programs, and the user's settings for them, are.
        *("PATH", "HOME", "SHELL", "MANPATH"),
        # The C library: character sets, locales, messages, names of hosts, time zones.
        *("GCONV_PATH", "GETCONF_DIR", "LOCPATH", "I18NPATH", "NLSPATH", "LANGUAGE", "OUTPUT_CHARSET"),
        *("TEXTDOMAIN", "TEXTDOMAINDIR", "HOSTALIASES", "LOCALDOMAIN", "RES_OPTIONS", "TZDIR", "GMON_OUT_PREFIX"),
        # sh, bash, zsh, ksh: files they read and code they run as they start or go on, and how they read words.
        *("ENV", "BASHOPTS", "SHELLOPTS", "ZDOTDIR", "FPATH", "PROMPT_COMMAND", "PS0", "PS1", "PS2", "PS3", "PS4"),
        *("IFS", "CDPATH", "GLOBIGNORE", "EXECIGNORE", "POSIXLY_CORRECT", "FCEDIT", "HISTFILE", "MAILPATH"),
        # bash evaluates what is assigned to these as arithmetic, in which `a[$(command)]` runs the command.
        *("OPTIND", "RANDOM", "SRANDOM", "HISTCMD", "SECONDS", "LINENO", "EPOCHSECONDS", "EPOCHREALTIME", "BASHPID"),
        *("OPTERR", "OPTARG", "COLUMNS", "LINES", "FUNCNEST", "FUNCNAME", "TMOUT", "HISTSIZE", "HISTFILESIZE"),
        *("GROUPS", "DIRSTACK", "PIPESTATUS", "MAILCHECK", "COMP_CWORD", "COMP_POINT", "READLINE_POINT"),
        # zsh: what a redirection alone runs.
        *("READNULLCMD", "NULLCMD"),
        # readline and the terminal's descriptions.
        *("INPUTRC", "TERMINFO", "TERMINFO_DIRS", "TERMCAP", "TERMPATH"),
        # Programs that others start.
        *("PAGER", "MANPAGER", "EDITOR", "VISUAL", "BROWSER", "MANOPT", "VIMINIT", "EXINIT", "VIMRUNTIME"),
        # ssh and what goes through it: programs it starts, libraries it loads.
        *("SSH_ASKPASS_REQUIRE", "SSH_SK_PROVIDER", "SSH_SK_HELPER", "SSH_PKCS11_HELPER", "CVS_RSH", "SVN_SSH"),
        # Libraries that load modules of their own into programs.
        *(
            "GSS_MECH_CONFIG",
            "LDAPCONF",
            "LDAPRC",
            "ODBCINI",
            "ODBCSYSINI",
            "ODBCINSTINI",
            "GDK_PIXBUF_MODULE_FILE",
            "OPENJ9_JAVA_OPTIONS",
            "SASL_PATH",
            "SASL_CONF_PATH",
        ),
        # Interpreters whose names share no beginning with them alone.
        *("PHPRC", "PHP_INI_SCAN_DIR", "CLASSPATH", "TCLLIBPATH", "TCL_LIBRARY", "AWKPATH", "AWKLIBPATH"),
        *("ELIXIR_ERL_OPTIONS", "MAVEN_OPTS", "GRADLE_OPTS", "VIRTUAL_ENV", "PIP_PYTHON", "PIP_CONFIG_FILE"),
        *("PYENV_ROOT", "RBENV_ROOT", "NVM_DIR", "ASDF_DIR", "ASDF_DATA_DIR", "VOLTA_HOME"),
        *("R_PROFILE_USER", "R_ENVIRON_USER", "R_LIBS_USER"),  # which end as facts do
        *("BUN_OPTIONS", "ELECTRON_RUN_AS_NODE", "OCAMLRUNPARAM", "CAML_LD_LIBRARY_PATH", "EMACSLOADPATH"),
        # Builders, and archivers that start programs by an option.
        *(
            "MAKEFLAGS",
            "MAKEFILES",
            "MFLAGS",
            "GOFLAGS",
            "GOENV",
            "GOROOT",
            "GOTOOLCHAIN",
            "GOCACHEPROG",
            "GOAUTH",
            "GNUMAKEFLAGS",
            "COMPILER_PATH",
            "GCC_EXEC_PREFIX",
            "RUSTC",
            "RUSTDOC",
            "RUSTC_WRAPPER",
            "RUSTC_WORKSPACE_WRAPPER",
            "RUSTFLAGS",
        ),
        *("TAR_OPTIONS", "ZIPOPT", "ZIP", "UNZIP", "GREP_OPTIONS", "RIPGREP_CONFIG_PATH", "HGRCPATH"),
        # Clients of databases and of the web: files they take settings, plugins and passwords from.
        *("PGSERVICEFILE", "PGSYSCONFDIR", "PGPASSFILE", "PGLOCALEDIR", "PGSSLKEY", "PGSSLCERT"),
        *("MYSQL_HOME", "MYSQL_GROUP_SUFFIX", "MYSQL_TEST_LOGIN_FILE", "MYSQL_HISTFILE", "MYSQL_PS1", "MYSQL_DEBUG"),
        *("MARIADB_PLUGIN_DIR", "CURL_HOME", "WGETRC", "SYSTEM_WGETRC", "GNUPGHOME"),
    )
)


def reserved(name: str) -> bool:
    """Is this a name that a .env may not set for hooks, and that hookman does not pass on to Compose?"""
    if name in NAMES or name.startswith(BEGINNINGS) or name.endswith(ENDINGS):
        return True
    if name.upper().startswith("NPM_CONFIG_"):
        return True
    return name.startswith(TOOLS) and not name.endswith(FACTS)
