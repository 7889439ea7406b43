"""The commands: one module each, imported only when it is asked for.

A command parses, calls one function, prints. What that function does belongs in another room. `main` is the one
place where errors become messages and exit codes.
"""

from __future__ import annotations

import importlib
import os
import sys

import click

from hookman import __version__
from hookman.base.errors import EXIT_SIGNAL, HookmanError
from hookman.base.messages import redactor, say
from hookman.cli.usage import Group, problem_of
from hookman.hooks import given

# In the order of --help, which is the order in which a new user needs them: name → module, and its name there.
COMMANDS = {
    "help": ("help", "command"),
    "init": ("init", "command"),
    "install": ("install", "command"),
    "uninstall": ("uninstall", "command"),
    "enable": ("enable", "command"),
    "disable": ("disable", "command"),
    "review": ("review", "command"),
    "add": ("add", "command"),
    "edit": ("edit", "command"),
    "list": ("list_hooks", "command"),
    "test": ("test_hooks", "command"),
    "rerun": ("rerun", "command"),
    "log": ("log", "command"),
    "watch": ("watch", "command"),
    "explain": ("explain", "command"),
    "status": ("status", "command"),
    "lock": ("lock", "lock"),
    "unlock": ("lock", "unlock"),
    "doctor": ("doctor", "command"),
    "config": ("config", "group"),
    "completion": ("completion", "group"),
    "run": ("run", "command"),
    "db": ("db", "db"),
    "up": ("lifecycle", "up"),
    "down": ("lifecycle", "down"),
    "restart": ("lifecycle", "restart"),
    "update": ("lifecycle", "update"),
}


class Commands(Group):
    """Finds each command in its own module."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        """The names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(f"hookman.cli.{module}"), name)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="hookman", message="%(prog)s %(version)s")
def cli() -> None:
    """Run your scripts before and after `docker compose` commands.

    \b
    hookman init       creates .dde/hooks/ and hooks.sh in this project
    hookman install    puts hookman in front of `docker compose`

    After that, plain `docker compose up` runs your hooks.
    hookman help TOPIC explains: rules, settings, recipes, troubleshooting, json …
    """


def _aimed(environ: dict[str, str]) -> dict[str, str]:
    """`environ`. In a hook that went to another project's directory: without the values of the hook's own project."""
    if not given.told(environ):
        return environ
    from hookman.base.paths import data_dir
    from hookman.compose import commandline
    from hookman.compose.project import working_directory
    from hookman.run import nesting

    invocation = commandline.parse(["compose", "ps"])
    return nesting.aimed(invocation, environ, working_directory(environ), data_dir(environ))[1]


def main() -> None:
    """Run the command line; no traceback reaches a user."""
    environ = dict(os.environ)  # noqa: TID251 (the one place where our own commands take it)
    redactor.learn(environ)
    redactor.learn_arguments(sys.argv[1:])
    try:
        code = cli.main(prog_name="hookman", standalone_mode=False, obj=_aimed(environ))
    except (click.exceptions.Abort, KeyboardInterrupt):
        code = EXIT_SIGNAL + 2
    except click.ClickException as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # click 8.1 has no such error
            click.echo(error.format_message(), err=True)
        else:
            say(problem_of(error, sys.argv[1:]).line)
        code = error.exit_code
    except HookmanError as error:
        say(error.text)
        code = error.exit_code
    except BrokenPipeError:  # `hookman log | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        code = 0
    except Exception:  # noqa: BLE001 (the one error boundary)
        from hookman.base.bug_report import write_report
        from hookman.base.paths import data_dir

        where = write_report(sys.argv[1:], environ, data_dir(environ))
        say(f"internal error. Please report it with this file: {where}")
        code = 1
    sys.exit(code or 0)
