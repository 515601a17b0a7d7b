"""A real Chromium tells the agent: the documented line works where it is allowed, and nowhere else.

The page comes from "another machine": its server's address counts as public for this browser, or is the machine's own
address on the network, where it has one.
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from agent.intake.policy import LOCAL_NETWORK, LOOPBACK, chromium_policy
from agent.kernel.activity import PageViewed
from tests.support import chromium
from tests.support.brokers import free_ports
from tests.support.chromium import Driver
from tests.support.kiosks import PATIENCE_S, Kiosk
from tests.support.theatre import Theatre
from tests.support.web import TOKEN

ABSENT = chromium.missing() or ("only root may write Chromium's policy" if os.geteuid() != 0 else None)
pytestmark = [pytest.mark.all, pytest.mark.skipif(ABSENT is not None, reason=str(ABSENT))]

REFUSED_BY_PERMISSION = "Permission was denied for this request to access the `loopback` address space"


@pytest.fixture(scope="module")
def driver() -> Iterator[Driver]:
    made = Driver()
    yield made
    made.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return chromium.certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def theatre(driver: Driver, certificate: Path, tmp_path: Path) -> Iterator[Theatre]:
    with ExitStack() as stack:
        yield Theatre(driver, tmp_path, certificate, stack)


def test_event_of_a_page_survives_the_agents_death(theatre: Theatre, tmp_path: Path) -> None:
    """The whole road, with the real agent: killed the moment it has answered, it has the event in its log."""
    origin, port = theatre.serve()
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    (tmp_path / "token").chmod(0o600)
    agent = Kiosk(tmp_path, "http://127.0.0.1:9", [])
    (listens,) = free_ports(1)
    web = f'[intake.web]\nenabled = true\nport = {listens}\norigins = ["{origin}"]\ntoken_file = "token"\n'
    agent.config.write_text(agent.config.read_text() + web)
    try:
        agent.start()
        agent.wait(lambda status: status["ready"])
        stage = theatre.show(origin, port, chromium_policy([origin]), listens)
        answer = stage.fetch()
        agent.kill()
        assert isinstance(answer, dict), stage.browser.console()
        assert 200 == answer["status"], answer
        committed = [f"{generation}-{sequence}-0" for _, generation, sequence in agent.committed()]
        assert [answer["said"]["ok"]["id"]] == committed
        assert TOKEN not in agent.log.read_text()
    finally:
        agent.close()


@pytest.mark.parametrize("where", ["public", "network"])
def test_configured_page_with_the_policy_tells(theatre: Theatre, where: str) -> None:
    """The whole point: the documented line, and the policy that the command prints."""
    address = "127.0.0.1" if where == "public" else chromium.own_address()
    if address is None:
        pytest.skip("this machine has no address but loopback")
    origin, port = theatre.serve(address=address)
    stage = theatre.open(origin, port, chromium_policy([origin]), address=address)
    expected = {"status": 200, "said": {"ok": {"id": "7-unmarked", "visit": "a-visit"}}}
    assert expected == stage.fetch(), stage.browser.console()
    assert [PageViewed(0.0, page_type="lobby", page_name="main")] == [told.what for told in stage.listener.kept]
    assert [origin] == [told.who for told in stage.listener.kept]


@pytest.mark.parametrize("where", ["public", "network"])
def test_page_without_the_policy_is_refused_by_the_browser(theatre: Theatre, where: str) -> None:
    """It proves that the policy matters: not even a preflight reaches the agent."""
    address = "127.0.0.1" if where == "public" else chromium.own_address()
    if address is None:
        pytest.skip("this machine has no address but loopback")
    origin, port = theatre.serve(address=address)
    stage = theatre.open(origin, port, None, address=address)
    assert "TypeError: Failed to fetch" == stage.fetch()
    stage.browser.wait_console(REFUSED_BY_PERMISSION)
    assert [] == stage.listener.kept


def test_policy_for_another_page_allows_nothing_to_this_one(theatre: Theatre) -> None:
    """Neither another host nor another port of the same host."""
    origin, port = theatre.serve()
    stage = theatre.open(origin, port, chromium_policy(["https://other.test:8443", "https://kiosk.test"]))
    assert "TypeError: Failed to fetch" == stage.fetch()
    stage.browser.wait_console(REFUSED_BY_PERMISSION)


def test_policy_for_older_browsers_still_works(theatre: Theatre) -> None:
    """What `--before-146` adds is by itself enough for 142 to 145, whose one policy this still is."""
    origin, port = theatre.serve()
    policy = chromium_policy([origin], before_146=True)
    del policy[LOOPBACK]
    assert [LOCAL_NETWORK] == list(policy)
    stage = theatre.open(origin, port, policy)
    assert "7-unmarked" in str(stage.fetch()), stage.browser.console()


def test_page_of_another_origin_is_refused_by_the_agent(theatre: Theatre) -> None:
    """The browser lets it through here; CORS does not, and the preflight is all that is ever sent."""
    origin, port = theatre.serve(name="evil.test")
    stage = theatre.open(origin, port, chromium_policy([origin]), allowed="https://kiosk.test")
    assert "TypeError: Failed to fetch" == stage.fetch()
    stage.browser.wait_console("has been blocked by CORS policy: Response to preflight request")
    assert ([], 1) == (stage.listener.kept, stage.listener.server.counters["peer-refused"])


def test_wrong_token_is_refused_and_the_page_can_read_why(theatre: Theatre) -> None:
    """Whoever installs it sees more than a network error."""
    origin, port = theatre.serve()
    stage = theatre.open(origin, port, chromium_policy([origin]))
    answer = stage.fetch(token="wrong-horse-battery-staple")
    assert isinstance(answer, dict), stage.browser.console()
    assert (401, "peer-refused") == (answer["status"], answer["said"]["error"]["reason"])
    assert [] == stage.listener.kept


def test_mistake_is_named_to_the_page(theatre: Theatre) -> None:
    """In the language of the page: a status, and JSON that names the field."""
    origin, port = theatre.serve()
    stage = theatre.open(origin, port, chromium_policy([origin]))
    script = (
        f'const answer = await fetch("http://localhost:{stage.port}/v1/events", {{method: "POST",'
        f' headers: {{Authorization: "Bearer {TOKEN}"}}, body: JSON.stringify({{type: "page", page_nam: "main"}})}});'
        " return [answer.status, (await answer.json()).error.field];"
    )
    assert [400, "page_nam"] == stage.browser.run(script), stage.browser.console()


def test_event_of_a_page_that_is_left_arrives(theatre: Theatre) -> None:
    """The click that leads away is the one that counts; `keepalive` in the documented line is what carries it."""
    origin, port = theatre.serve()
    stage = theatre.open(origin, port, chromium_policy([origin]))
    line = stage.documented().partition("const said")[0].replace("const answer = await fetch", "fetch")
    stage.browser.run(f'const token = {json.dumps(TOKEN)}; {line} location.href = "{origin}/next"; return 0;')
    until = time.monotonic() + PATIENCE_S
    while not stage.listener.kept or f"{origin}/next" != stage.browser.address():
        assert time.monotonic() < until, stage.browser.console()
        time.sleep(0.01)  # between two looks


def test_unencrypted_page_needs_both_policies(theatre: Theatre) -> None:
    """Many kiosks have such a page; the permission alone is worth nothing to it."""
    origin, port = theatre.serve(tls=False)
    policy = chromium_policy([origin])
    stage = theatre.open(origin, port, policy)
    assert "7-unmarked" in str(stage.fetch()), stage.browser.console()


def test_unencrypted_page_with_the_permission_alone_is_refused(theatre: Theatre) -> None:
    """It proves that the second policy matters."""
    origin, port = theatre.serve(tls=False)
    stage = theatre.open(origin, port, {LOOPBACK: chromium_policy([origin])[LOOPBACK]})
    assert "TypeError: Failed to fetch" == stage.fetch()
    stage.browser.wait_console("not a secure context")


def test_page_of_the_kiosk_itself_needs_no_policy(theatre: Theatre) -> None:
    """The simplest installation."""
    origin, port = theatre.serve(name="localhost", tls=False)
    stage = theatre.open(origin, port, None, is_remote=False)
    assert "7-unmarked" in str(stage.fetch()), stage.browser.console()


@pytest.mark.parametrize(
    ("allow", "expected"), [("", "TypeError: Failed to fetch"), ("loopback-network", "'7-unmarked'")]
)
def test_frame_from_another_origin_must_be_allowed_by_its_page(theatre: Theatre, allow: str, expected: str) -> None:
    """An embedded application: the policy alone is not enough for it."""
    inner, port = theatre.serve(name="inner.test")
    outer = inner.replace("inner.test", "outer.test")
    stage = theatre.open(inner, port, chromium_policy([inner, outer]), page=outer)
    stage.browser.embed(f"{inner}/", allow=allow)
    assert expected in str(stage.fetch()), stage.browser.console()


def test_page_from_a_file_is_refused_by_the_agent(theatre: Theatre, tmp_path: Path) -> None:
    """Its origin is that of every sandboxed frame; the documentation says what to do instead."""
    (tmp_path / "index.html").write_text("<!doctype html><title>kiosk</title>")
    stage = theatre.open("https://kiosk.test", 1, None, is_remote=False, page=(tmp_path / "index.html").as_uri())
    assert "TypeError: Failed to fetch" == stage.fetch()
    stage.browser.wait_console("from origin 'null' has been blocked by CORS policy")
    assert [] == stage.listener.kept
