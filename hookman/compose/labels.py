"""The labels by which Compose knows its containers and volumes, and what the engine's list says of a container."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

PROJECT = "com.docker.compose.project"
SERVICE = "com.docker.compose.service"
NUMBER = "com.docker.compose.container-number"
NEEDS = "com.docker.compose.depends_on"  # db:service_healthy:false,init:service_completed_successfully:false
VOLUME = "com.docker.compose.volume"
ONE_OFF = "com.docker.compose.oneoff"


def of_project(project: str) -> dict[str, list[str]]:
    """The filter for the containers of a project, without those of `docker compose run`."""
    return {"label": [f"{PROJECT}={project}", f"{ONE_OFF}=False"]}


def label_of(container: Mapping[str, Any], label: str) -> str:
    """A label of a container; "" if it has none, or if the engine sends something else than labels."""
    labels = container.get("Labels")
    return str(labels.get(label, "")) if isinstance(labels, dict) else ""


def service_of(container: Mapping[str, Any]) -> str:
    """The service of a container; "" if it has none."""
    return label_of(container, SERVICE)


def name_of(container: Mapping[str, Any]) -> str:
    """The name of a container; the beginning of its id where the engine tells no name."""
    names = container.get("Names")
    return str(names[0]).lstrip("/") if isinstance(names, list) and names else str(container.get("Id", ""))[:12]
