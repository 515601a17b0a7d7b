"""A list whose media come over the network, and the network that goes away: real VLC, a real server, the collector."""

import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support import media
from tests.support.kiosks import PATIENCE_S, PLAYED, Kiosk, kiosk, stories
from tests.support.media_server import media_server
from tools.standin.server import Collector

pytestmark = pytest.mark.all
ENTRY = "0_abcd1234"


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as found:
        yield found


def _listed(agent: Kiosk, uri: str, *, folder: Path) -> None:
    """The list is one medium from the network, whose copies are in a folder of its own."""
    text = agent.config.read_text()
    agent.config.write_text(
        f'{text}\n[player.cache]\ndir = "{folder}"\n'
        f'[[player.playlist]]\nuri = "{uri}"\nentry_id = "{ENTRY}"\ncache = true\n'
    )


def _whole(status: dict[str, Any]) -> bool:
    return bool((status.get("cache") or {}).get("cached") == 1)


def _wholes(events: Sequence[dict[str, Any]]) -> int:
    return sum(event["eventType"] == 7 for event in events)


def test_list_plays_on_when_the_server_is_away_and_is_reported_as_before(tmp_path: Path, collector: Collector) -> None:
    """One good hour of network is enough; and a restart without network is no worse."""
    with kiosk(tmp_path, collector, [], player="loop = true") as agent, media_server() as server:
        server.files["/welcome.mp4"] = media.clip(3.0).read_bytes()
        uri = server.url("/welcome.mp4")
        _listed(agent, uri, folder=tmp_path / "copies")
        agent.start()
        agent.wait(_whole)
        server.status = 503
        before = _wholes(collector.events)
        assert collector.wait_for(lambda events: _wholes(events) >= before + 3, PATIENCE_S)
        agent.kill()
        before = _wholes(collector.events)
        agent.start()
        assert collector.wait_for(lambda events: _wholes(events) >= before + 2, PATIENCE_S)
        status = agent.ask("status")
        agent.end()
    assert uri == status["player"]["item"]["uri"], "reports go by the address"
    told = stories(collector.events)
    assert {ENTRY} == {entry for entry, _ in told}
    assert [story for _, story in told].count(PLAYED) >= 5


def test_download_that_a_power_cut_ended_is_gone_on_with(tmp_path: Path, collector: Collector) -> None:
    """Nothing of it is played before it is whole, and what was there is not fetched again."""
    film = media.clip(3.0).read_bytes()
    with kiosk(tmp_path, collector, [], player="loop = true") as agent, media_server() as server:
        server.files["/welcome.mp4"] = film
        server.breaks_after = len(film) // 3
        _listed(agent, server.url("/welcome.mp4"), folder=tmp_path / "copies")
        agent.start()
        agent.wait(lambda status: bool((status.get("cache") or {}).get("counters", {}).get("broken off")))
        agent.kill()
        assert not list((tmp_path / "copies").glob("*.json"))
        server.breaks_after = None
        agent.start()
        agent.wait(_whole)
        agent.end()
        (copy,) = (tmp_path / "copies").glob("*.mp4")
        assert film == copy.read_bytes()
        assert any(asked is not None and asked != "bytes=0-" for asked in server.ranges())


def test_medium_without_a_copy_behaves_as_without_a_cache(tmp_path: Path, collector: Collector) -> None:
    """Offline on the first day: the item fails, the agent lives, and the film comes with the network."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with kiosk(tmp_path, collector, [], player="loop = true") as agent:
        _listed(agent, f"http://127.0.0.1:{port}/welcome.mp4", folder=tmp_path / "copies")
        agent.start()
        agent.wait(lambda status: bool(status["player"]["skipped"]))
        assert [] == [story for _, story in stories(collector.events) if 3 in story]
        with media_server(port) as server:
            server.files["/welcome.mp4"] = media.clip(3.0).read_bytes()
            agent.wait(_whole)
        assert collector.wait_for(lambda events: _wholes(events) >= 1, PATIENCE_S)
        agent.end()
