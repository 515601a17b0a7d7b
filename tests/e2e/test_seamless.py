"""One clip that VLC repeats by itself, with real libvlc and the collector: passes are counted as people see them."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support import media
from tests.support.kiosks import PATIENCE_S, PLAYED, Clip, kiosk, stories
from tools.standin.server import Collector

pytestmark = pytest.mark.all
ENTRY = "0_abcd1234"


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as found:
        yield found


@pytest.mark.parametrize(("clip", "passes"), [(media.clip, 3), (media.transport_stream, 3), (media.webm, 2)])
def test_passes_of_a_clip_are_so_many_plays_in_order(
    tmp_path: Path, collector: Collector, clip: Callable[[float], Path], passes: int
) -> None:
    """N passes are N sessions, each whole, none a seek or a replay; and the list shows one item."""
    repeated = Clip(clip(3.0), ENTRY, f'options = [":input-repeat={passes - 1}"]')
    with kiosk(tmp_path, collector, [repeated, Clip(media.silent_clip(1.0), "0_abcd1235")]) as agent:
        agent.start()
        agent.wait_idle()
        assert 0 == agent.end()
    assert [*[(ENTRY, PLAYED)] * passes, ("0_abcd1235", PLAYED)] == stories(collector.events)
    times = [event["eventTimestamp"] for event in collector.events]
    assert sorted(times) == times


def wholes(events: Sequence[dict[str, Any]]) -> int:
    """How many plays have reached 100 %."""
    return sum(event["eventType"] == 7 for event in events)


def test_seek_of_an_operator_in_mid_pass_stays_a_seek(tmp_path: Path, collector: Collector) -> None:
    """Back to the beginning as well; the passes round it know nothing of it."""
    clip = Clip(media.clip(8.0), ENTRY, 'options = [":input-repeat=1"]')
    with kiosk(tmp_path, collector, [clip]) as agent:
        agent.start()
        agent.wait(lambda status: 1.0 < (status["player"]["position"] or 0))
        agent.ask("player.seek", to=0.0)
        agent.wait_idle()
        agent.end()
    (first, second) = (story for _, story in stories(collector.events))
    assert PLAYED == second
    assert [1, 2, 3, 4, 5, 6, 7] == [number for number in first if number != 17]
    assert 1 == first.count(17)


def test_crash_in_a_later_pass_takes_that_one_alone(tmp_path: Path, collector: Collector) -> None:
    """A clip for ever and a power cut: what was whole stays so, and the next life begins with a play of its own."""
    with kiosk(tmp_path, collector, [Clip(media.clip(3.0), ENTRY, "seamless = true")], player="loop = true") as agent:
        agent.start()
        assert collector.wait_for(lambda events: wholes(events) >= 2, PATIENCE_S)
        agent.kill()
        before = len(stories(collector.events))
        agent.start()
        assert collector.wait_for(lambda events: len(stories(events)) > before and wholes(events) >= 4, PATIENCE_S)
        agent.end()
    told = [story for _, story in stories(collector.events)]
    cut = [story for story in told if story != PLAYED]
    assert len(cut) <= 2, "the killed one, and the last one"
    assert all(PLAYED[: len(story)] == story for story in cut)
