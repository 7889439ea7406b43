"""A message of [[notify]] that a server does not take, what it gets in each format, and that no secret is written."""

from __future__ import annotations

import base64

import pytest

from tests.support.box import Project
from tests.support.collector import Collector, Reply
from tests.support.exports import idle, problem, state, waiting
from tests.support.notices import events, notify, told, up


def test_what_was_not_taken_comes_in_its_order_with_the_next(pre: Project) -> None:
    collector = Collector([(503, {}, b"")])
    notify(pre, f'url = "{collector.url}"')
    up(pre, 3)
    assert problem(pre.box) == "it says 503"
    up(pre, 0)
    found = events(pre, collector)
    collector.close()
    assert found == [("up", "failed"), ("up", "failed"), ("up", "recovered")]
    assert waiting(pre.box) == []


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 301, 302, 307])
def test_what_is_refused_is_never_sent_again_and_no_redirect_is_followed(pre: Project, status: int) -> None:
    other = Collector()
    collector = Collector([(status, {"Location": f"{other.url}/T0/secret-path"}, b"no_service")])
    notify(pre, f'url = "{collector.url}"\nheaders = {{ Authorization = "Bearer ${{TOKEN}}" }}')
    up(pre, 3, TOKEN="hunter22")
    up(pre, 0, TOKEN="hunter22")
    found = events(pre, collector)
    for one in (collector, other):
        one.close()
    assert found == [("up", "failed"), ("up", "recovered")]
    assert other.requests == []
    assert state(pre.box)["refused"] == 1


def test_a_server_that_fails_on_a_message_gets_it_only_some_times(pre: Project) -> None:
    collector = Collector([(500, {}, b"")] * 20)
    notify(pre, f'url = "{collector.url}"')
    up(pre, 3)
    for _ in range(7):
        pre.compose("pull")
        idle(pre.box)
    collector.close()
    assert len(collector.requests) == 5
    assert waiting(pre.box) == []


def test_a_short_wait_that_the_server_asks_for_is_kept(pre: Project) -> None:
    collector = Collector([(429, {"Retry-After": "1"}, b"slow down")])
    notify(pre, f'url = "{collector.url}"')
    up(pre, 3)
    found = events(pre, collector)
    collector.close()
    assert found == [("up", "failed")] * 2


def test_one_server_that_is_down_keeps_no_message_from_another(pre: Project, collector: Collector) -> None:
    notify(pre, 'url = "http://127.0.0.1:9/x"', f'url = "{collector.url}"')
    up(pre, 3)
    assert events(pre, collector) == [("up", "failed")]
    assert len(waiting(pre.box)) == 1
    up(pre, 4)
    assert events(pre, collector) == [("up", "failed")] * 2


def test_slack_gets_text_in_which_nothing_is_a_link_or_a_mention(shop: Project, collector: Collector) -> None:
    notify(shop, f'url = "{collector.url}"\nformat = "slack"')
    shop.script("up.pre", "a.sh", "echo '<!channel> & <http://evil|click>' >&2; exit 1")
    shop.compose("up", "-d")
    (message,) = told(shop, collector)
    assert message.keys() == {"text", "mrkdwn"}
    assert message["mrkdwn"] is False
    assert "&lt;!channel&gt; &amp; &lt;http://evil|click&gt;" in message["text"]
    assert message["text"].startswith("❌ shop: up failed after ")
    assert "\nhookman log " in message["text"]


def test_ntfy_gets_title_tags_and_priority(shop: Project, collector: Collector) -> None:
    notify(shop, f'url = "http://me:p%40ss@{collector.url.removeprefix("http://")}/deploys"\nformat = "ntfy"')
    shop.script("up.pre", "a.sh", "echo no >&2; exit 1")
    shop.compose("up", "-d")
    idle(shop.box)
    (request,) = collector.requests
    found = {key: request.headers[key] for key in ("Title", "Tags", "Priority", "Authorization")}
    assert found.pop("Title").startswith("shop: up failed after ")
    token = base64.b64encode(b"me:p@ss").decode()
    assert found == {"Tags": "x", "Priority": "4", "Authorization": f"Basic {token}"}
    assert request.path == "/deploys"
    assert request.body.decode().startswith("up.pre/a.sh: failed with exit code 1: no\nby ")


@pytest.mark.parametrize("name", ["a\nX-Evil: 1", "a\r\n\r\nx", "grüße", "\u202eevil", "\udcff"])
@pytest.mark.parametrize("kind", ["json", "slack", "ntfy"])
def test_no_name_of_a_hook_or_directory_gets_into_headers_or_breaks_a_message(
    shop: Project, collector: Collector, name: str, kind: str
) -> None:
    shop = shop.box.project(f"shop-{name}")
    notify(shop, f'url = "{collector.url}/topic"\nformat = "{kind}"')
    shop.script("up.pre", f"{name}.sh", "exit 1")
    shop.compose("up", "-d")
    idle(shop.box)
    (request,) = collector.requests
    assert "X-Evil" not in request.headers
    assert request.headers.get("Title", "").isascii()
    text = request.body.decode()
    assert "\r" not in text
    if kind != "ntfy":
        assert "\n" not in str(request.document.get("title", ""))


SECRET = "T0KEN/B0/" + "x" * 24


@pytest.mark.parametrize("place", ["environment", "file"])
@pytest.mark.parametrize("reply", [(200, {}, b"ok"), (403, {}, SECRET.encode()), (500, {}, b"")])
def test_no_secret_gets_into_the_log_or_any_other_file(pre: Project, place: str, reply: Reply) -> None:
    collector = Collector([reply])
    url = f"{collector.url}/services/{SECRET}"
    notify(pre, f'url = "{url}"' if place == "file" else 'url = "${CHAT}"')
    pre.script("up.pre", "a.sh", f"echo {url}; echo /services/{SECRET} >&2")
    up(pre, 3, **({"CHAT": url} if place == "environment" else {}))
    collector.close()
    assert collector.requests[0].path == f"/services/{SECRET}"
    files = [path for path in pre.box.data.rglob("*") if path.is_file()]
    assert [path.name for path in files if SECRET.encode() in path.read_bytes()] == []
