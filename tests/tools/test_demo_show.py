"""The demo's course, with the real collector and a program that looks like the agent: `tests/support/pretend_agent`."""

import io
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tools.demo.collector import Collector
from tools.demo.failure import DemoError
from tools.demo.judge import Expected
from tools.demo.keys import Keys
from tools.demo.kiosk import Kiosk
from tools.demo.screen import Screen
from tools.demo.show import Show

ROOT = Path(__file__).resolve().parents[2]
EXPECTED = Expected(("0_first", "0_second"), "kiosk://device-001")
CONFIG = """
[device]
id = "device-001"
[kaltura]
service_url = "{url}"
partner_id = 102
[[player.playlist]]
uri = "first.mp4"
entry_id = "0_first"
[[player.playlist]]
uri = "second.mp4"
entry_id = "0_second"
"""
Stage = Callable[[str], tuple[Show, io.StringIO]]


class Script(Keys):
    """Presses its keys one after another, each when its condition holds."""

    def __init__(self, *presses: tuple[Callable[[], bool], str]) -> None:
        super().__init__()
        self._presses = list(presses)

    @property
    def are_there(self) -> bool:
        return True

    def wait(self, seconds: float) -> str:
        super().wait(seconds)
        if self._presses and self._presses[0][0]():
            return self._presses.pop(0)[1]
        return ""


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Starts collector and pretended agent with a fault, and ends them."""
    started: list[Collector | Kiosk] = []

    def start(fault: str) -> tuple[Show, io.StringIO]:
        collector = Collector(tmp_path, 0)
        started.append(collector)
        config = tmp_path / "agent.toml"
        config.write_text(CONFIG.format(url=collector.url))
        program = tmp_path / "kiosk-agent"
        command = f"cd '{ROOT}' && exec '{sys.executable}' -m tests.support.pretend_agent --fault '{fault}'"
        program.write_text(f'#!/bin/sh\n{command} "$@"\n')
        program.chmod(0o755)
        kiosk = Kiosk(config, tmp_path, program)
        started.append(kiosk)
        paper = io.StringIO()
        return Show(Screen(paper), collector, kiosk), paper

    yield start
    for part in started:
        part.process.stop(5.0)


def test_one_whole_pass_ends_with_status_0(stage: Stage) -> None:
    """What a script asks."""
    show, paper = stage("")
    assert show.run_once(EXPECTED, length_s=0.0) == 0
    assert "14 produced = 14 counted: none lost, none doubled." in paper.getvalue()
    assert "All 14 expected events of 2 items arrived, in order." in paper.getvalue()


@pytest.mark.parametrize(
    ("fault", "lines"),
    [
        ("loses", ["12 produced = 12 counted: none lost, none doubled.", "0_first: missing: PLAY_REACHED_50."]),
        ("doubles", ["14 produced = 14 counted: none lost, 2 doubled.", "0_second: PLAY arrived 2 times."]),
        ("lies", ["15 produced ≠ 14 counted: 1 lost, none doubled."]),
    ],
)
def test_pass_with_a_fault_ends_with_status_1_and_names_it(stage: Stage, fault: str, lines: list[str]) -> None:
    """A demo that always says "none lost" proves nothing."""
    show, paper = stage(fault)
    assert show.run_once(EXPECTED, length_s=0.0) == 1
    for line in lines:
        assert line in paper.getvalue().replace("!=", "≠")


def test_agent_that_dies_ends_the_show_with_its_last_words(stage: Stage) -> None:
    """Nobody should have to look for a log first."""
    show, _ = stage("dies")
    with pytest.raises(DemoError, match="The agent ended unexpectedly, with status 3") as caught:
        show.run_once(EXPECTED, length_s=0.0)
    assert "the reason why it died" in caught.value.lines


def test_keys_take_the_collector_away_and_bring_it_back(stage: Stage) -> None:
    """What a person tries first."""
    show, paper = stage("")

    def has(text: str) -> Callable[[], bool]:
        return lambda: text in paper.getvalue()

    through = has("0_second   PLAY_REACHED_100")
    keys = Script((through, "o"), (has("taken away"), "o"), (has("is back"), "n"), (has("next item: asked"), "q"))
    assert show.run_for_ever(keys) == 0
    assert "14 produced = 14 counted: none lost, none doubled." in paper.getvalue()


def test_collector_that_is_away_at_the_end_leaves_events_in_the_queue(stage: Stage) -> None:
    """What waits is not lost, and the account says so instead of waiting for ever."""
    show, paper = stage("waits")
    keys = Script((lambda: "PLAY_REACHED_75" in paper.getvalue().partition("0_second")[2], "o"), (lambda: True, "q"))
    assert show.run_for_ever(keys) == 0
    assert "13 delivered = 13 counted: none lost, none doubled, 1 still queued." in paper.getvalue()


def test_port_in_use_is_said_with_a_way_out(tmp_path: Path) -> None:
    """The commonest way for a demo to fail."""
    first = Collector(tmp_path, 0)
    found = re.search(r":(\d+)/", first.url)
    assert found
    try:
        (tmp_path / "second").mkdir()
        with pytest.raises(DemoError, match=rf"Port {found[1]} .* in use .* tools/run --port N"):
            Collector(tmp_path / "second", int(found[1]))
    finally:
        assert first.process.stop(5.0)
