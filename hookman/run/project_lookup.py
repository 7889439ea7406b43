"""Looks up the project, its name and its values: before the pre hooks of a run and again after them.

A pre hook may create a .env, export COMPOSE_PROJECT_NAME or write the compose.yaml. Compose then reads these, so post
hooks get them too, an attached `up` watches that project, and the log masks the new secrets.
"""

from __future__ import annotations

import os

from hookman.base.errors import ConfigError
from hookman.base.messages import redactor
from hookman.base.records import record, replaced
from hookman.compose import project
from hookman.hooks import environment, target
from hookman.hooks.environment import Surroundings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookman.compose.commandline import Invocation
    from hookman.compose.project import Project


@record
class ProjectLookup:
    """What is needed to look up the project again: the parts of a run that its hooks do not change."""

    invocation: Invocation
    process: Mapping[str, str]  # the caller's environment, with `-e` over it
    cwd: str
    root: str | None
    data: str
    run: str
    compose: str  # the Compose that is asked for a name that only it can tell; "" for none
    dotenv_needed: bool = False  # is an error in a .env an error of the run, when it is read again?

    def look(self, found: Project, exports: Mapping[str, str | None], *, dotenv_needed: bool) -> Surroundings:
        """The surroundings for the project that was `found`, after functions have exported `exports`.

        The project's directory stays the same, because its hooks are those that run. Raises ConfigError for a .env
        with an error if `dotenv_needed`. Otherwise such a .env counts as empty, and Compose says what is wrong.
        """
        here = self._surroundings(found, exports, dotenv_needed=dotenv_needed)
        seen = environment.exported(self.process, exports)
        if any(name.startswith("COMPOSE_") for name in here.root_dotenv):  # Compose finds it in its environment
            seen = environment.for_compose(here, exports)
            found = _kept_in_place(project.resolve(self.invocation, seen, self.cwd), found)
            here = self._surroundings(found, exports, dotenv_needed=dotenv_needed)
        if not found.sure:
            found = self._named_by_compose(found, environment.for_compose(here, exports))
            here = replaced(here, project=found)
        return replaced(
            here,
            target=target.target(self.invocation, here.project, seen, self.cwd),
            name_is_found=target.name_is_found(self.invocation, here.project, seen),
        )

    def look_again(self, before: Surroundings, exports: Mapping[str, str | None]) -> Surroundings:
        """The surroundings as hooks have left them. Raises as `look` does."""
        seen = environment.exported(self.process, exports)
        found = _kept_in_place(project.resolve(self.invocation, seen, self.cwd), before.project)
        return self.look(found, exports, dotenv_needed=self.dotenv_needed)

    def _surroundings(self, found: Project, exports: Mapping[str, str | None], *, dotenv_needed: bool) -> Surroundings:
        try:
            root_dotenv, dotenv = environment.read_all_dotenv(
                self.root, found, environment.exported(self.process, exports)
            )
        except ConfigError:
            if dotenv_needed:
                raise
            root_dotenv, dotenv = {}, {}
        redactor.learn(root_dotenv)
        redactor.learn(dotenv)
        return Surroundings(
            project=found,
            root=self.root,
            process=self.process,
            root_dotenv=root_dotenv,
            dotenv=dotenv,
            target={},
            run=self.run,
            data=self.data,
        )

    def _named_by_compose(self, found: Project, environ: Mapping[str, str]) -> Project:
        """The project with the name that Compose itself gives it, if it can say so now."""
        if not self.compose:
            return found
        from hookman.compose.oracle import ComposeConfig

        answer = ComposeConfig(self.compose, self.invocation, environ, found).answer()
        return replaced(found, name=answer["name"], sure=True) if answer and answer.get("name") else found


def _kept_in_place(fresh: Project, before: Project) -> Project:
    """The project as it is now, in the directory in which it was. Hooks do not see another directory's .env."""
    if fresh.directory == before.directory:
        return fresh
    own = [path for path in fresh.env_files if os.path.dirname(path) == before.directory]
    return replaced(fresh, directory=before.directory, real=before.real, own_env_files=own)
