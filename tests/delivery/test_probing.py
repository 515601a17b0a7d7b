"""Probes: at once, at the sending pace, and to an end."""

from itertools import pairwise

from agent.delivery.connection import Connection
from agent.delivery.probing import AGAIN_S, Probing
from agent.kernel.verdict import Delivered
from agent.sinks.capture import Capture


class Trial:
    """Probing on a clock by hand. `answers`: when (s) the service begins to answer; `asked`: when it was asked."""

    def __init__(self, *, answers: float = 1e9, seconds: float = 0.0) -> None:
        self.now = 1000.0
        self.answers = 1000.0 + answers
        self.seconds = seconds
        self.asked: list[float] = []
        self.connection = Connection(Capture(), probe=self._probe)
        self.probing = Probing(now=lambda: self.now, chance=lambda: 0.0)

    def _probe(self) -> bool:
        self.asked.append(round(self.now - 1000.0, 3))
        self.now += self.seconds
        return self.now >= self.answers

    def run(self, *, times: int = 20) -> float | None:
        """Look whenever it is due; the last answer."""
        due: float | None = None
        for _ in range(times):
            due = self.probing.look(self.connection)
            if due is None:
                break
            self.now = max(due, self.now)
        return due


def test_nobody_who_waits_is_nobody_who_asks() -> None:
    """A silent kiosk is silent."""
    trial = Trial()
    assert trial.run() is None
    assert [] == trial.asked


def test_probes_go_at_the_sending_pace_until_the_time_is_over() -> None:
    """A service in trouble is asked no more often than it is sent to; after the trial it is asked nothing."""
    trial = Trial()
    trial.probing.ask(1030.0)
    assert trial.run() is None
    assert [0.0, 1.0, 3.0, 7.0, 11.0, 15.0, 19.0, 23.0, 27.0] == trial.asked
    assert 1030.0 == trial.now


def test_service_that_answers_is_asked_now_and_then_while_somebody_waits() -> None:
    """It may be the only witness of a network, and an answer of long ago is none."""
    trial = Trial(answers=5.0)
    trial.probing.ask(1060.0)
    assert trial.run() is None
    assert [0.0, 1.0, 3.0, 7.0, 27.0, 47.0] == trial.asked
    assert trial.connection.proof.is_up


def test_pauses_of_a_long_outage_stay_short_enough_for_who_waits() -> None:
    """The time since the network came back is counted, and a probe that rests for five minutes would waste it."""
    trial = Trial()
    trial.probing = Probing(now=lambda: trial.now, chance=lambda: 0.99)
    trial.probing.ask(2000.0)
    trial.run(times=40)
    pauses = [round(after - before, 3) for before, after in pairwise(trial.asked)]
    assert AGAIN_S == max(pauses)


def test_pause_begins_when_a_probe_has_failed() -> None:
    """One that took its whole timeout must not be followed by the next in the same breath."""
    trial = Trial(seconds=60.0)
    trial.probing.ask(1200.0)
    trial.run()
    assert [0.0, 61.0, 123.0, 187.0] == trial.asked


def test_what_a_message_has_proved_is_not_asked() -> None:
    """Live events tell more than a probe."""
    trial = Trial()
    trial.connection = Connection(Capture(), probe=trial._probe)
    trial.probing.ask(1100.0)
    for _ in range(20):
        trial.connection.proof.note(Delivered())
        trial.probing.look(trial.connection)
        trial.now += 5.0
    assert [] == trial.asked


def test_to_ask_again_prolongs_a_trial_and_hurries_nobody() -> None:
    """Whoever waits says so at each step of the main loop; the service must not be asked at each step."""
    trial = Trial()
    for _ in range(40):
        trial.probing.ask(trial.now + 30.0)
        trial.probing.look(trial.connection)
        trial.now += 0.5
    assert [0.0, 1.0, 3.0, 7.0, 11.0, 15.0, 19.0] == trial.asked


def test_new_connection_is_asked_at_once() -> None:
    """The long pauses of the one before were about another road."""
    trial = Trial()
    trial.probing.ask(1100.0)
    trial.run(times=6)
    trial.asked.clear()
    trial.now += 0.1
    trial.probing.look(Connection(Capture(), probe=trial._probe))
    assert 1 == len(trial.asked)


def test_next_trial_is_asked_at_once() -> None:
    """The long pauses of the one before were about another connection."""
    trial = Trial()
    trial.probing.ask(1030.0)
    trial.run()
    trial.asked.clear()
    trial.probing.ask(1100.0)
    trial.probing.look(trial.connection)
    assert [30.0] == trial.asked
