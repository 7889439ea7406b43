"""The `docker-compose` command's arguments → the plugin's, as the real Compose turns them round.

Source: docker/compose cmd/compatibility/convert.go.
"""

from __future__ import annotations

_SWITCHES = ("--debug", "-D", "--tls", "--tlsverify")
_WITH_VALUE = ("--tlscacert", "--tlscert", "--tlskey", "--host", "-H", "--context", "--log-level")
_RENAMED = {"--verbose": "--debug", "-h": "--help", "--version": "version", "-v": "version"}


def converted(argv: list[str]) -> list[str]:
    """`argv`, all that follows `docker-compose`, as docker would give it to its plugin.

    Only what stands before the first word is turned round. That may be a flag's value: so Compose does.
    """
    docker: list[str] = []
    command = ["compose"]
    at = 0
    while at < len(argv):
        arg = _RENAMED.get(argv[at], argv[at])
        name, equals, value = arg.partition("=")
        if argv[at] in ("__complete", "__completeNoDesc"):
            command.insert(0, argv[at])
        elif argv[at] and argv[at][0] != "-":
            command += argv[at:]
            break
        elif arg in _SWITCHES:
            docker.append(arg)
        elif arg in _WITH_VALUE and at + 1 < len(argv):
            at += 1
            docker += [arg, argv[at]]
        elif equals and name.startswith(_WITH_VALUE):
            docker += [next(flag for flag in _WITH_VALUE if name.startswith(flag)), value]
        else:
            command.append(arg)
        at += 1
    return docker + command
