"""Which services need which, as Compose's config and the labels of containers say it."""

from __future__ import annotations

from typing import Any

from hookman.compose.labels import NEEDS, SERVICE
from hookman.compose.services import completing_of, reached, services_of


def test_the_services_of_an_up_are_those_named_and_all_they_need() -> None:
    config = {
        "services": {
            "web": {"depends_on": {"db": {"condition": "service_healthy"}}, "links": ["cache:c"]},
            "db": {"depends_on": {"init": {"condition": "service_completed_successfully"}}},
            "init": {},
            "cache": {"network_mode": "service:net", "volumes_from": ["data:ro", "container:x"]},
            "net": {},
            "data": {},
            "model": {"provider": {"type": "x"}},
            "alone": {"depends_on": {"model": {"condition": "service_started"}}},
        }
    }
    assert services_of(config, ["web"]) == ({"web", "db", "init", "cache", "net", "data"}, {"init"})
    assert services_of(config, ["alone"]) == ({"alone"}, set())
    assert services_of(config, [])[0] == set(config["services"]) - {"model"}


def test_the_labels_of_containers_say_what_a_service_needs() -> None:
    def one(service: str, needs: str) -> dict[str, Any]:
        return {"Labels": {SERVICE: service, NEEDS: needs}}

    containers = [one("web", "db:service_healthy:false,init:service_completed_successfully:false"), one("db", "")]
    assert reached(containers, ["web"]) == {"web", "db", "init"}
    assert reached(containers, ["db"]) == {"db"}
    assert completing_of(containers, {"web"}) == {"init"}
    assert completing_of(containers, {"db"}) == set()
