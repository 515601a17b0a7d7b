"""A list whose media come over the network, and the network that goes away: real VLC, a real server, the collector."""

import hashlib
import random
import struct
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support import media
from tests.support.brokers import free_ports
from tests.support.kiosks import PATIENCE_S, PLAYED, Kiosk, kiosk, stories
from tests.support.media_server import media_server
from tools.standin.server import Collector

pytestmark = pytest.mark.all
ENTRY = "0_abcd1234"


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as found:
        yield found


def _listed(agent: Kiosk, uri: str, *, folder: Path, sha256: str | None = None) -> None:
    """The list is one medium from the network, whose copies are in a folder of its own."""
    text, checksum = agent.config.read_text(), f'sha256 = "{sha256}"\n' if sha256 else ""
    agent.config.write_text(
        f'{text}\n[player.cache]\ndir = "{folder}"\n'
        f'[[player.playlist]]\nuri = "{uri}"\nentry_id = "{ENTRY}"\ncache = true\n{checksum}'
    )


def _size(path: Path) -> int:
    """Of a file that may be renamed or removed meanwhile."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _whole(status: dict[str, Any]) -> bool:
    return bool((status.get("cache") or {}).get("cached") == 1)


def _wholes(events: Sequence[dict[str, Any]]) -> int:
    """Plays of which every milestone came, once and in order."""
    return [story for _, story in stories(events)].count(PLAYED)


def _padded(film: bytes, size: int) -> bytes:
    """The same film, with a box at its end that every player passes over."""
    more = size - len(film)
    return film + struct.pack(">I", more) + b"free" + random.Random(8).randbytes(more - 8)


def _begun(folder: Path, enough: int) -> Callable[[dict[str, Any]], bool]:
    """Whether a download is under way of which so many bytes are safe (0: some are there)."""

    def found(status: dict[str, Any]) -> bool:
        del status
        if not enough:
            return any(path.stat().st_size for path in folder.glob("*.part"))
        return any(f'"synced": {enough}' in path.read_text() for path in folder.glob("*.begun"))

    return found


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
        status = agent.wait(lambda status: status["player"]["item"] is not None)
        agent.end()
    assert uri == status["player"]["item"]["uri"], "reports go by the address"
    told = stories(collector.events)
    assert {ENTRY} == {entry for entry, _ in told}


@pytest.mark.parametrize(("size", "safe"), [(20 << 20, 8 << 20), (4 << 20, 0)])
def test_agent_that_is_killed_in_mid_download_has_the_whole_medium_later(
    tmp_path: Path, collector: Collector, size: int, safe: int
) -> None:
    """SIGKILL while the server says nothing: what is safe on the disk is not fetched again, and no more believed."""
    film, copies = _padded(media.clip(3.0).read_bytes(), size), tmp_path / "copies"
    with kiosk(tmp_path, collector, [], player="loop = true") as agent, media_server() as server:
        server.files["/welcome.mp4"] = film
        server.stalls_after = size * 6 // 10
        _listed(agent, server.url("/welcome.mp4"), folder=copies, sha256=hashlib.sha256(film).hexdigest())
        agent.start()
        agent.wait(_begun(copies, safe))
        agent.kill()
        assert [] == list(copies.glob("*.json")), "nothing half is taken for a copy"
        server.stalls_after = None
        before = len(server.requests)
        agent.start()
        agent.wait(_whole)
        agent.end()
        (copy,) = copies.glob("*.mp4")
        assert film == copy.read_bytes()
        assert [] == [path.name for path in copies.iterdir() if path.suffix in (".part", ".begun", ".tmp")]
        asked = [headers.get("range") for _, headers in server.requests[before:] if "if-range" in headers]
        assert ([f"bytes={safe}-"] if safe else []) == asked, "of the agent; the player knows no If-Range"


def test_bound_holds_while_media_come_and_what_does_not_fit_is_played_from_its_address(
    tmp_path: Path, collector: Collector
) -> None:
    """A card has other work to do; and a film of which there is no copy is shown nevertheless."""
    film, copies = media.clip(3.0).read_bytes(), tmp_path / "copies"
    with kiosk(tmp_path, collector, [], player="loop = true") as agent, media_server() as server:
        for name in ("a", "b"):
            server.files[f"/{name}.mp4"] = _padded(film, 600_000)
        items = "".join(
            f'[[player.playlist]]\nuri = "{server.url(path)}"\nentry_id = "{ENTRY}"\ncache = true\n'
            for path in server.files
        )
        text = agent.config.read_text()
        agent.config.write_text(f'{text}\n[player.cache]\ndir = "{copies}"\nmax_mib = 1\n{items}')
        agent.start()
        sizes: list[int] = []

        def is_settled(status: dict[str, Any]) -> bool:
            sizes.append(sum(_size(path) for path in copies.iterdir()) if copies.is_dir() else 0)
            cache = status.get("cache") or {}
            return bool(cache.get("cached") == 1 and cache["counters"].get("no room", 0) >= 1)

        status = agent.wait(is_settled)
        assert collector.wait_for(lambda events: _wholes(events) >= 2, PATIENCE_S), "both are shown"
        agent.end()
    assert max(sizes) <= 1 << 20
    assert "no room" in status["cache"]["last_error"]
    assert not status["player"]["skipped"]


def test_medium_without_a_copy_behaves_as_without_a_cache(tmp_path: Path, collector: Collector) -> None:
    """Offline on the first day: the item fails, the agent lives, and the film comes with the network."""
    (port,) = free_ports(1)
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
