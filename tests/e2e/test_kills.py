"""SIGKILL at each named step of a real agent that plays: what reaches the collector, and what became of the plays."""

import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

from agent.kernel.events import Progressed
from agent.kernel.milestones import QUARTILES
from agent.remote.topics import Fleet
from agent.runtime.control import ControlError
from tests.crash import recording
from tests.crash.agent_life import watched
from tests.crash.kills import repeats
from tests.support import media
from tests.support.kiosks import PATIENCE_S, PLAYED, Clip, Kiosk, kiosk, stories
from tests.support.steered import steered
from tools.standin.server import Collector

pytestmark = [
    pytest.mark.all,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(recording.COMPILER is None, reason=recording.WHY_SKIPPED),
]

# Kinds of which stats.collect gets a message, under the guide's semantics.
REPORTED = {"opened", "loaded", "playing", "progressed", "ended", "stalled", "recovered", "replayed", "seeked"}
SEED = 2026
# From when the player is there: a busy machine may take as long to start.
LONGEST_LIFE_S = 15.0
LAST_MOMENTS = 20
# A destination that is never reached keeps every event in the log, so that the books are complete.
NEVER_SETTLES = '[track_event]\nenabled = true\nplayer_events = true\nurl = "http://127.0.0.1:9"\n'


def steps(port: int, random: Random) -> dict[str, str]:
    """Each named step, at a moment drawn from `random` (see tests/crash/recorder.c)."""
    write, commit, message = random.randint(20, 120), random.randint(3, 9), random.randint(1, 4)
    next_item = "send|:0|2|after|kills-"
    return {
        "before an append's write": f"write|store.db-wal|{write}|before|",
        "after an append's write": f"write|store.db-wal|{write}|after|",
        "before a commit is durable": f"datasync|store.db-wal|{commit}|before|",
        "after a commit is durable": f"datasync|store.db-wal|{commit}|after|",
        "in a checkpoint of the log": f"write|store.db|{message}|after|",
        "before a send": f"send|:{port}|{message}|before|",
        "after a send": f"send|:{port}|{message}|after|",
        "answer heard, not settled": f"recv|:{port}|{message}|after|",
        "in a settlement": f"recv|:{port}|{message}|after|;write|store.db-wal|2|after|",
        "after a settlement": f"recv|:{port}|{message}|after|;datasync|store.db-wal|1|after|",
        "next item ordered": next_item,
        "next item, before its commit": f"{next_item};datasync|store.db-wal|1|before|",
        "next item, after its commit": f"{next_item};datasync|store.db-wal|1|after|",
    }


def waiting(status: Mapping[str, Any]) -> int:
    """How many events wait for stats.collect and are written: with short clips some always wait in memory."""
    (found,) = (sink["depth"] for sink in status["sinks"] if sink["name"] == "stats.collect")
    return int(found - status["queue"]["in_memory"])


class Lives:
    """The lives of one kiosk, and the books about them. `kinds`: the committed events by sequence."""

    def __init__(self, agent: Kiosk, collector: Collector) -> None:
        self._agent = agent
        self._collector = collector
        self.reached: Counter[str] = Counter()
        self.kinds: dict[int, str] = {}

    def live(self, name: str, kill: str) -> None:
        """Until the step comes, or for some seconds: that is a kill at random."""
        with watched(self._agent, kill=kill):
            self._agent.start()
        until: float | None = None
        while self._agent.is_running and (until is None or time.monotonic() < until):
            if until is None and self._is_up():
                until = time.monotonic() + LONGEST_LIFE_S
            time.sleep(0.02)  # between two looks
        self.reached["at random" if self._agent.is_running else name] += 1
        self._agent.kill()
        self.note()

    def _is_up(self) -> bool:
        try:
            return bool(self._agent.ask("status")["ready"])
        except ControlError:
            return False

    def note(self) -> None:
        """Write down what is in the store. What trackEvent alone wants to know is no message to stats.collect."""
        for (kind, _, sequence), fact in zip(self._agent.committed(), self._agent.facts(), strict=True):
            is_other = isinstance(fact, Progressed) and fact.fraction not in QUARTILES
            self.kinds[sequence] = "progressed-other" if is_other else kind

    def examine(self) -> int:
        """The whole story, once all is delivered; how many messages came more than once."""
        events = self._collector.events
        arrived = [int(event["_request"]["eventId"].rsplit("-", 2)[1]) for event in events]
        expected = [sequence for sequence, kind in sorted(self.kinds.items()) if kind in REPORTED]
        assert expected[: len(arrived)] == arrived, "something is missing, doubled or out of order"
        assert len(expected) - len(arrived) < LAST_MOMENTS, "the last life had delivered everything, and went on"
        plays = "".join("<" if kind == "opened" else ">" for kind in self._plays())
        assert "<>" * (len(plays) // 2) == plays, f"a play was left open, or closed twice: {plays}"
        for entry, numbers in stories(events):
            assert numbers == sorted(set(numbers)), f"{entry}: a milestone was doubled or came too late: {numbers}"
            assert set(numbers) <= set(PLAYED)
        return repeats(self._collector.requests, deaths=self.reached.total())

    def _plays(self) -> list[str]:
        return [kind for _, kind in sorted(self.kinds.items()) if kind in ("opened", "closed")]


def test_agent_killed_at_each_step_loses_and_doubles_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Events, order, identities, quartiles, and the plays themselves: all survive a kill at any step."""
    random = Random(SEED)
    clips = [Clip(tmp_path / f"kills-{number}.mp4", f"0_abcd123{number}") for number in range(3)]
    for number, clip in enumerate(clips):
        clip.path.write_bytes(media.silent_clip(1.0 + 0.5 * number).read_bytes())
    with Collector() as collector, kiosk(tmp_path, collector, clips, player="loop = true") as agent:
        agent.config.write_text(agent.config.read_text() + NEVER_SETTLES)
        lives = Lives(agent, collector)
        for _ in range(3):
            for name, kill in steps(collector.port, random).items():
                lives.live(name, kill)
        agent.start()
        agent.wait(lambda status: status["player"]["state"] == "playing" and not waiting(status))
        assert 0 == agent.end()
        lives.note()
        repeated = lives.examine()
    with capsys.disabled():
        told = ", ".join(f"{count} {name}" for name, count in sorted(lives.reached.items()))
        print(
            f"\nagent killed {lives.reached.total()} times ({told}); {len(lives.kinds)} events, {repeated} sent again"
        )
    assert lives.reached["at random"] < lives.reached.total() // 2


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("kind", "name"), [("write", "fleet.json.new"), ("rename", "fleet.json")])
def test_agent_killed_while_it_saves_a_document_has_it_afterwards(
    tmp_path: Path, kind: str, name: str, when: str
) -> None:
    """What was not saved was not acknowledged, so the broker gives it again; what was saved is there."""
    clips = [Clip(media.silent_clip(1.0), "0_abcd1234")]
    with Collector() as collector, steered(tmp_path, collector, clips) as kiosk:
        kiosk.agent.start()
        kiosk.agent.wait(lambda status: status["remote"]["online"])
        kiosk.agent.kill()
        kiosk.operator.publish(Fleet(), 1, {"player": {"volume": 30}})
        # The first save of a start counts the start; the document comes with the second.
        with watched(kiosk.agent, kill=f"rename|fleet.json|1|after|;{kind}|{name}|1|{when}|"):
            kiosk.agent.start()
        until = time.monotonic() + PATIENCE_S
        while kiosk.agent.is_running and time.monotonic() < until:
            time.sleep(0.02)  # between two looks
        assert not kiosk.agent.is_running, "the step never came"
        kiosk.agent.start()
        kiosk.applied("fleet", 1)
