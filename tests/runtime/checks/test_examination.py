"""All checks together, on this very machine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.runtime.checks.examination import examine
from agent.runtime.checks.finding import Finding, Level
from tests.support.agents import answering
from tools.standin.server import Collector


@pytest.fixture
def service() -> Iterator[Collector]:
    with Collector() as running:
        yield running


def configuration(folder: Path, url: str) -> Path:
    path = folder / "agent.toml"
    (folder / "a.mp4").write_bytes(b"")
    path.write_text(
        f'[device]\nid = "d"\n[kaltura]\nservice_url = "{url}"\npartner_id = 102\nproxy = "none"\n'
        '[[player.playlist]]\nuri = "a.mp4"\n'
    )
    return path


def by_subject(findings: Iterator[Finding]) -> dict[str, Finding]:
    return {finding.subject: finding for finding in findings}


def test_fresh_installation_has_no_failure(tmp_path: Path, service: Collector) -> None:
    """What doctor says right after `tools/run` decides whether anybody believes it later."""
    state = tmp_path / "state"
    state.mkdir()
    found = by_subject(examine(configuration(tmp_path, service.url), state))
    assert [] == [finding for finding in found.values() if finding.level is Level.FAIL]
    for subject in ("kiosk-agent", "SQLite", "configuration", "clock", "state folder", "disk", "store", "libvlc"):
        assert subject in found
    assert "not running" in found["agent"].text
    assert found["collector"].level is Level.OK
    assert [] == list(state.iterdir())


def test_player_that_is_not_ours_is_asked_for_in_the_place_of_libvlc(tmp_path: Path, service: Collector) -> None:
    """Such a kiosk needs no libvlc for the agent; what it needs is a host that has dialled."""
    path = configuration(tmp_path, service.url)
    path.write_text(path.read_text().replace("[[player", '[player]\nsource = "mpris"\n[[player'))
    told = {"pid": 77, "player": {"host": {"running": False}, "attached": {"source": "mpris"}}}
    with answering(tmp_path, lambda _call, _arguments: {"ok": told}):
        found = by_subject(examine(path, tmp_path))
    assert "libvlc" not in found
    assert found["attached"].level is Level.FAIL
    assert "kiosk-attach" in str(found["attached"].remedy)


def test_broken_configuration_does_not_hide_the_rest(tmp_path: Path) -> None:
    """Somebody with several faults wants to see them in one run."""
    path = tmp_path / "agent.toml"
    path.write_text("[player\n")
    found = by_subject(examine(path, tmp_path / "nowhere"))
    assert {"configuration", "state folder"} <= {s for s, finding in found.items() if finding.level is Level.FAIL}
    assert "libvlc" in found
    assert "collector" not in found


def test_running_agent_is_named_and_its_store_is_left_alone(tmp_path: Path, service: Collector) -> None:
    """doctor is most often run beside an agent."""
    with answering(tmp_path, lambda _call, _arguments: {"ok": {"pid": 77, "version": "9"}}):
        found = by_subject(examine(configuration(tmp_path, service.url), tmp_path))
    assert "pid 77" in found["agent"].text
    assert "in use by the running agent" in found["store"].text


def test_agent_that_does_not_answer_is_a_warning(tmp_path: Path, service: Collector) -> None:
    """A hung main loop is what doctor is for."""
    with answering(tmp_path, lambda _call, _arguments: {"error": "the main loop did not answer"}):
        found = by_subject(examine(configuration(tmp_path, service.url), tmp_path))
    assert Level.WARN is found["agent"].level


def test_broker_is_asked_for_only_where_one_is_named_and_no_agent_is_connected(
    tmp_path: Path, service: Collector
) -> None:
    """A second connection with the same identity would throw a running agent off."""
    path = configuration(tmp_path, service.url)
    assert "broker" not in by_subject(examine(path, tmp_path))
    path.write_text('[remote]\nurl = "mqtt://127.0.0.1:9"\n' + path.read_text())
    assert "nobody listens" in by_subject(examine(path, tmp_path))["broker"].text
    with answering(tmp_path, lambda _call, _arguments: {"ok": {"pid": 77, "version": "9", "remote": None}}):
        assert "knows of no broker" in by_subject(examine(path, tmp_path))["broker"].text
    with answering(tmp_path, lambda _call, _arguments: {"error": "busy"}):
        found = by_subject(examine(path, tmp_path))["broker"]
    assert (Level.WARN, True) == (found.level, "is not tried" in found.text)
