"""What arrives is handed to whom it concerns, and how the device stands is said, neither late nor too often."""

import json
from pathlib import Path
from typing import Any

import pytest

from agent.remote import presence
from agent.remote.letters import Arrived, Declined, Letter, Offline, Online, Trouble
from agent.remote.presence import MOST_REBIRTHS
from agent.remote.topics import Fleet
from agent.runtime.commanding.commander import Commander
from agent.runtime.steering.steward import DECLINES_TOLD, NOTICE_EVERY_S, Steward
from tests.support.commands import Bench
from tests.support.helm import DEVICE, TOPICS, Helm

START = 30_000_000
PRESENCE, STATE = TOPICS.presence(DEVICE), TOPICS.state(DEVICE)


class Watch:
    """A steward over the documents of a `Helm`; `state` is what it reports. Each step is half a second."""

    def __init__(self, folder: Path) -> None:
        self.helm = Helm(folder)
        self.line = self.helm.line
        self.looks = 0
        self.sinks: list[dict[str, Any]] = [
            {"name": "stats.collect", "state": "idle", "cause": None, "text": None, "dead_letters": 0, "dropped": {}}
        ]
        bench = Bench(folder, online=False, line=self.line)
        self.commander: Commander = bench.commander
        self.bench = bench
        self.steward = Steward(
            device=DEVICE,
            topics=TOPICS,
            start=START,
            line=self.line,
            documents=self.helm.documents,
            commander=bench.commander,
            state=self._state,
            every=lambda: 300.0,
            chance=lambda: 0.5,
        )
        self.helm.documents._changed = self.steward.changed

    def _state(self, session: int, protocol: str, _now: object) -> dict[str, Any]:
        self.looks += 1
        return {
            "config": {**self.helm.report, "trial": None},
            "player": {"state": "playing", "item": None, "restarts": 0, "display": "unknown"},
            "sinks": self.sinks,
            "machine": {"under_voltage": None},
            "queue": {"volatile": None, "depth": 0},
            "version": "1",
            "session": session,
            "clock": {"synced": True},
            "device": {"id": DEVICE},
            "counters": {},
            "protocol": protocol,
        }

    def take(self, *letters: Letter) -> None:
        self.steward.take(letters, self.helm.now)

    def online(self, run: int = 1, *, resumed: bool = False) -> None:
        self.take(Online(run, "5", resumed))

    def says(self, topic: str, payload: bytes, *, mid: int = 5) -> None:
        self.take(Arrived(1, mid, 1, topic, payload, retained=False))

    def passes(self, seconds: float) -> None:
        for _ in range(round(seconds * 2)):
            self.helm.now = self.helm.now.at(self.helm.now.boottime + 0.5)
            self.helm.world.passes(self.helm.now.boottime)
            self.steward.tick(self.helm.now)

    def on(self, topic: str) -> list[dict[str, Any]]:
        """What was published there."""
        return [json.loads(message.payload) for message in self.line.published if message.topic == topic]


def test_birth_is_the_first_word_and_a_report_follows(tmp_path: Path) -> None:
    """Whoever looks on sees at once that the device is there, and soon how it is."""
    watch = Watch(tmp_path)
    watch.online()
    (birth,) = watch.on(PRESENCE)
    assert (True, presence.session(START, 1)) == (birth["online"], birth["session"])
    assert PRESENCE == watch.line.published[0].topic
    assert [] == watch.on(STATE), "a fleet that comes back is spread"
    watch.passes(5.0)
    assert 1 == len(watch.on(STATE))
    assert all(message.retain for message in watch.line.published)


def test_will_of_each_connection_names_its_session(tmp_path: Path) -> None:
    """So that a late one can be told from the present."""
    watch = Watch(tmp_path)
    wills = [watch.steward.terms(run).will for run in (1, 2)]
    sessions = [json.loads(will.payload)["session"] for will in wills if will is not None]
    assert [presence.session(START, 1), presence.session(START, 2)] == sessions


@pytest.mark.parametrize(
    "late", [presence.will(presence.session(START, 0)), b"garbage", b"", b'{"online": true, "session": 5}']
)
def test_what_stands_in_the_place_of_the_birth_is_contradicted(tmp_path: Path, late: bytes) -> None:
    """A late will must not mark a living device dead, nor must anybody's mistake."""
    watch = Watch(tmp_path)
    watch.online()
    watch.says(PRESENCE, late)
    watch.passes(1.0)
    assert 2 == len(watch.on(PRESENCE))
    assert watch.on(PRESENCE)[0] == watch.on(PRESENCE)[1]
    assert [5] == watch.line.acknowledged


def test_own_birth_is_not_contradicted(tmp_path: Path) -> None:
    """The broker gives it back to us."""
    watch = Watch(tmp_path)
    watch.online()
    watch.says(PRESENCE, watch.line.published[0].payload)
    watch.passes(5.0)
    assert 1 == len(watch.on(PRESENCE))


def test_two_devices_with_one_identity_do_not_shout_at_each_other_without_end(tmp_path: Path) -> None:
    """Each sees the other's birth in the place of its own."""
    watch = Watch(tmp_path)
    watch.online()
    for _ in range(240):
        watch.says(PRESENCE, presence.birth(9, since=0.0, version="1"))
        watch.passes(0.5)
    assert 2 * MOST_REBIRTHS <= watch.steward.counters["presence-repeated"] <= 2 * MOST_REBIRTHS + 1


def test_second_agent_with_this_identity_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A cloned card: the one thing to be known is that it is one."""
    watch = Watch(tmp_path)
    watch.online()
    watch.take(Offline(1, Trouble.TAKEN_OVER, "two devices have one identity", 30.0))
    assert watch.steward.is_disputed(watch.helm.now.boottime)
    assert 1 == watch.steward.counters["broker-taken-over"]
    assert "two devices have one identity" in capsys.readouterr().out


def test_document_is_reported_once_it_is_known_what_became_of_it(tmp_path: Path) -> None:
    """An operator waits; a report of "wanted, not yet applied" would hold the next one up for five seconds."""
    watch = Watch(tmp_path)
    watch.online()
    watch.passes(10.0)
    before = len(watch.on(STATE))
    watch.says(TOPICS.desired(Fleet()), json.dumps({"revision": 7, "config": {"player": {"volume": 30}}}).encode())
    watch.passes(2.0)
    (report,) = watch.on(STATE)[before:]
    assert {"wanted": 7, "applied": 7, "problems": []} == report["config"]["levels"]["fleet"]


def test_second_machine_is_named_by_its_births_where_the_broker_says_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Mosquitto closes the older connection without a word: it looks like a bad line, and is a cloned card."""
    watch = Watch(tmp_path)
    for run in (1, 2, 3):
        watch.online(run)
        watch.says(PRESENCE, presence.birth(presence.session(START + 5, run), since=0.0, version="1"))
        assert (run == 3) == watch.steward.is_disputed(watch.helm.now.boottime)
        watch.passes(5.0)
        watch.take(Offline(run, Trouble.LOST, "closed", 5.0))
    assert 3 == watch.steward.counters["duplicate-identity"]
    assert 1 == capsys.readouterr().out.count("another machine comes as this device")


def test_trouble_is_logged_once_and_its_end_with_how_long_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A night without network is two lines, not a thousand."""
    watch = Watch(tmp_path)
    for _ in range(50):
        watch.take(Offline(1, Trouble.UNREACHABLE, "nobody there", 1.0))
        watch.passes(1.0)
    watch.online(2)
    lines = [line for line in capsys.readouterr().out.splitlines() if "broker" in line]
    assert 2 == len(lines)
    assert "no broker" in lines[0]
    assert "reached again" in lines[1] and "seconds=50.0" in lines[1]


def test_report_is_bounded_where_a_destination_flaps(tmp_path: Path) -> None:
    """A service in trouble changes its state each second, on a thousand devices."""
    watch = Watch(tmp_path)
    watch.online()
    for second in range(600):
        flapping = "waiting" if second % 2 else "sending"
        watch.sinks[0] = {**watch.sinks[0], "state": flapping, "text": str(second), "dropped": {"age": second}}
        watch.passes(1.0)
    assert len(watch.on(STATE)) <= 600 / 60 + 3


def test_report_of_urgent_matters_is_bounded_too(tmp_path: Path) -> None:
    """At most every five seconds, whatever happens."""
    watch = Watch(tmp_path)
    watch.online()
    for second in range(300):
        watch.sinks[0] = {**watch.sinks[0], "cause": "network" if second % 2 else None}
        watch.passes(1.0)
    assert len(watch.on(STATE)) <= 300 / 5 + 2
    assert watch.looks <= 300 / NOTICE_EVERY_S + len(watch.on(STATE)) + 2


def test_document_is_reported_soon_after_it_was_applied(tmp_path: Path) -> None:
    """An operator looks on."""
    watch = Watch(tmp_path)
    watch.online()
    watch.passes(20.0)
    before = len(watch.on(STATE))
    watch.says(TOPICS.desired(Fleet()), b'{"revision": 1, "config": {"player": {"volume": 20}}}')
    watch.passes(4.0)
    assert len(watch.on(STATE)) > before
    assert 1 == watch.on(STATE)[-1]["config"]["levels"]["fleet"]["applied"]


def test_whoever_asks_gets_a_report_at_once(tmp_path: Path) -> None:
    """The command refresh."""
    watch = Watch(tmp_path)
    watch.online()
    watch.passes(20.0)
    before = len(watch.on(STATE))
    watch.steward.refresh(watch.helm.now)
    assert before + 1 == len(watch.on(STATE))


def test_message_that_concerns_nobody_is_acknowledged_and_counted(tmp_path: Path) -> None:
    """Else the broker gives it again for ever."""
    watch = Watch(tmp_path)
    for mid, topic in enumerate(("kiosk/v1/device/other/command", "elsewhere", "kiosk/v1/nonsense/x/y"), start=1):
        watch.says(topic, b"x", mid=mid)
    assert [1, 2, 3] == watch.line.acknowledged
    assert 3 == watch.steward.counters["unknown-topic"]


def test_command_reaches_the_commander(tmp_path: Path) -> None:
    """And its answer the operator."""
    watch = Watch(tmp_path)
    watch.online()
    watch.says(TOPICS.command(DEVICE), b'{"id": "1", "command": "flush"}')
    assert "accepted" == watch.on(TOPICS.result(DEVICE))[0]["status"]


def test_declined_topic_is_told_once_a_connection(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A broker whose rights are wrong declines each report."""
    watch = Watch(tmp_path)
    watch.online()
    for _ in range(9):
        watch.take(Declined(1, STATE, "not authorized"))
    assert 1 == capsys.readouterr().out.count("broker declines")
    assert 9 == watch.steward.counters["declined"]


def test_declined_answers_to_ever_new_topics_do_not_fill_log_and_memory(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever sends a command names the topic of its answer, and the broker may decline each of them."""
    watch = Watch(tmp_path)
    watch.online()
    for number in range(3 * DECLINES_TOLD):
        watch.take(Declined(1, f"{TOPICS.root}/answers/{number}", "not authorized"))
    assert DECLINES_TOLD == capsys.readouterr().out.count("broker declines")
    assert 3 * DECLINES_TOLD == watch.steward.counters["declined"]


def test_farewell_is_said_only_where_somebody_hears_it(tmp_path: Path) -> None:
    """A stop never waits for a network."""
    watch = Watch(tmp_path)
    assert watch.steward.farewell is None
    watch.online()
    said = watch.steward.farewell
    assert said is not None
    assert {"online": False, "reason": "stopped"}.items() <= json.loads(said.payload).items()
    watch.take(Offline(1, Trouble.LOST, "gone", 1.0))
    assert watch.steward.farewell is None


def test_without_a_connection_nothing_is_published_and_nothing_due(tmp_path: Path) -> None:
    """Retained words have their time with the next connection."""
    watch = Watch(tmp_path)
    watch.passes(30.0)
    assert ([], None) == (watch.line.published, watch.steward.deadline)
