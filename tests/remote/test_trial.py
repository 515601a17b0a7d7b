"""A configuration on trial."""

import json
import math
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from agent.remote.trial import (
    CONNECTIONS,
    LOSSES,
    PLAYER,
    PROBATION_S,
    STARTS,
    STEP_S,
    Confirmed,
    Return,
    Trial,
    Verdict,
    Waiting,
    dump,
    load,
)

EVERYTHING = frozenset(CONNECTIONS)
DOWN = dict.fromkeys(CONNECTIONS, False)


def begin(*changed: str, worked: frozenset[str] = EVERYTHING) -> Trial:
    """A trial of two minutes."""
    return Trial.begin("fleet@7", "boot", changed=set(changed), worked=worked, trial_s=120.0)


def watch(
    trial: Trial, seconds: float, *up: str, witness: bool = True, begin_at: float = 1000.0
) -> tuple[Trial, Verdict, float]:
    """Looks each second until it is decided, or the seconds are over: the trial, the verdict, how long it took."""
    verdict: Verdict = Waiting()
    for second in range(int(seconds) + 1):
        trial, verdict = trial.observe(begin_at + second, dict.fromkeys(up, True), witness=witness)
        if verdict != Waiting():
            return trial, verdict, float(second)
    return trial, verdict, seconds


def test_connection_that_comes_back_confirms_after_the_probation() -> None:
    """The usual end of a change: everything works, and goes on working for a while."""
    _, verdict, took = watch(begin("stats.collect"), 300, "stats.collect")
    assert (Confirmed(), PROBATION_S) == (verdict, took)


def test_connection_that_does_not_come_back_returns_and_is_named() -> None:
    """Commit-confirm: an address with a slip in it, sent to a thousand kiosks."""
    _, verdict, took = watch(begin("stats.collect", "trackEvent"), 300, "trackEvent")
    assert (Return("stats.collect did not come back within 120 s after fleet@7"), 120.0) == (verdict, took)


def test_connection_that_came_up_once_is_no_longer_judged() -> None:
    """What fails later fails for another reason."""
    trial, _ = begin("broker").observe(1000.0, {"broker": True}, witness=True)
    _, verdict, _ = watch(trial, 300)
    assert Confirmed() == verdict


def test_connection_that_did_not_work_before_is_not_judged() -> None:
    """Its failing says nothing about the change; perhaps the change mends it."""
    trial = begin("stats.collect", "broker", worked=frozenset({"broker"}))
    assert ("broker",) == trial.on
    assert Confirmed() == watch(trial, 300, "broker")[1]


def test_without_a_network_nothing_returns() -> None:
    """A boot without network, or an outage of everything, is nobody's document's fault."""
    trial, verdict, _ = watch(begin("stats.collect", "broker"), 5000, witness=False)
    assert Waiting() == verdict
    _, verdict, took = watch(trial, 5000, begin_at=7000.0)
    assert (True, 120.0) == (isinstance(verdict, Return), took)


def test_player_needs_no_network() -> None:
    """A player's options that end it are found out on a kiosk that was never online."""
    _, verdict, took = watch(begin("player"), 5000, witness=False)
    assert (Return("player did not come back within 120 s after fleet@7"), 120.0) == (verdict, took)


def test_witness_who_comes_and_goes_counts_only_while_there() -> None:
    """A look at which there is a network says nothing of the time before it."""
    trial = begin("broker")
    for second in range(0, 240, 2):
        trial, verdict = trial.observe(second, DOWN, witness=second % 4 == 0)
        assert Waiting() == verdict
    assert 0.0 == trial.witnessed


def test_change_of_no_connection_is_confirmed_after_the_probation() -> None:
    """A setting that ends the agent does so soon."""
    assert (Confirmed(), PROBATION_S) == watch(begin(), 300, witness=False)[1:]


def test_sleep_of_the_machine_uses_nothing_up() -> None:
    """While it sleeps, nothing can come back."""
    trial, _ = begin("broker").observe(0.0, DOWN, witness=True)
    trial, verdict = trial.observe(100_000.0, DOWN, witness=True)
    assert (Waiting(), STEP_S) == (verdict, trial.witnessed)


def test_clock_that_goes_backwards_uses_nothing_up() -> None:
    """It does not, by its definition; a defect there must not end a trial early or keep it open for ever."""
    trial, _ = begin("broker").observe(1000.0, DOWN, witness=True)
    trial, _ = trial.observe(10.0, DOWN, witness=True)
    assert 0.0 == trial.ran


def test_trial_goes_on_after_a_restart_with_what_is_left() -> None:
    """Boot-time seconds begin anew with each boot, so what was used up is kept."""
    trial, _, _ = watch(begin("broker"), 50, begin_at=90_000.0)
    trial, verdict = load(json.loads(json.dumps(dump(trial)))).started("next boot")
    assert (Waiting(), 70.0) == (verdict, trial.left_s)
    assert 70.0 == watch(trial, 300, begin_at=3.0)[2]


def test_third_start_of_a_boot_without_an_orderly_end_returns() -> None:
    """A document that ends the agent would end it for ever, since it is there again after each start."""
    trial = begin()
    for _ in range(STARTS - 1):
        trial, verdict = trial.started("boot")
        assert Waiting() == verdict
    assert Return("the agent ended 3 times without being told to, after fleet@7") == trial.started("boot")[1]


def test_power_cuts_and_orderly_ends_do_not_count_as_crashes() -> None:
    """Somebody who switches a kiosk off and on is no proof against a document."""
    trial = begin()
    for number in range(10):
        trial, verdict = trial.started(f"boot {number}")
        assert Waiting() == verdict
        trial, verdict = trial.ended().started(f"boot {number}")
        assert Waiting() == verdict
    assert 0 == trial.starts


def test_three_losses_of_the_players_host_return_its_settings() -> None:
    """An option that VLC dies of: it comes up each time, and is gone a second later."""
    trial, _ = begin("player").observe(0.0, {"player": True}, witness=False)
    for _ in range(LOSSES):
        assert Waiting() == trial.observe(1.0, {"player": True}, witness=False)[1]
        trial = trial.host_lost()
    verdict = trial.observe(2.0, {"player": True}, witness=False)[1]
    assert Return("the player's host was lost 3 times after fleet@7") == verdict


def test_losses_of_the_players_host_are_not_blamed_on_other_settings() -> None:
    """A broken film ends VLC as well; the log level has no part in it."""
    trial = begin("broker").host_lost().host_lost().host_lost()
    assert Waiting() == trial.observe(0.0, DOWN, witness=True)[1]


def test_newer_change_goes_on_with_what_has_not_come_up() -> None:
    """The first change cut the broker off; the second must not make that good."""
    first, _, _ = watch(begin("broker", "stats.collect"), 100, "stats.collect")
    newer = Trial.begin("device/d1@2", "boot", changed={"player"}, worked={"player"}, trial_s=60.0)
    both = first.joined(newer)
    assert ("player", "broker") == both.on
    assert "broker did not come back within 60 s after fleet@7, device/d1@2" in str(watch(both, 300, "player")[1])


@pytest.mark.parametrize(
    "change",
    [{"ran": math.nan}, {"ran": -1}, {"starts": "x"}, {"on": None}, {"trial_s": None}, {"losses": math.inf}, None],
)
def test_what_is_no_trial_is_refused(change: dict[str, Any] | None) -> None:
    """A damaged trial must neither last for ever nor end the agent."""
    with pytest.raises(ValueError, match=r"no trial|could not|invalid literal"):
        load(None if change is None else {**dump(begin("broker")), **change})


class Life(RuleBasedStateMachine):
    """A trial through any soup of looks, crashes, power cuts, orderly ends and sleep."""

    trial: Trial
    verdict: Verdict

    @initialize(changed=st.sets(st.sampled_from(CONNECTIONS)), worked=st.sets(st.sampled_from(CONNECTIONS)))
    def begin(self, changed: set[str], worked: set[str]) -> None:
        self.changed, self.worked, self.came = changed, worked, set[str]()
        self.trial = Trial.begin("fleet@7", "boot 0", changed=changed, worked=worked, trial_s=120.0)
        self.verdict = Waiting()
        self.now, self.boot, self.crashes, self.losses, self.network, self.elapsed = 0.0, 0, 0, 0, 0.0, 0.0

    @precondition(lambda self: self.verdict == Waiting())
    @rule(
        step=st.sampled_from([0.5, 5.0, 10.0, 1000.0]),
        up=st.sets(st.sampled_from(CONNECTIONS)),
        witness=st.booleans(),
        times=st.sampled_from([1, 1, 30]),
    )
    def look(self, step: float, up: set[str], witness: bool, times: int) -> None:
        for _ in range(times):
            if self.verdict != Waiting():
                return
            self.now += step
            self.elapsed += step
            self.network += step if witness else 0.0
            self.came |= up
            self.trial, self.verdict = self.trial.observe(self.now, dict.fromkeys(up, True), witness=witness)
            if isinstance(self.verdict, Return) and self.losses < LOSSES:
                assert self.elapsed >= 120.0
                assert witness or PLAYER in self.verdict.reason

    @precondition(lambda self: self.verdict == Waiting())
    @rule(how=st.sampled_from(["crash", "power cut", "orderly"]))
    def restart(self, how: str) -> None:
        self.trial = load(dump(self.trial.ended() if how == "orderly" else self.trial))
        self.boot += how == "power cut"
        self.now = 3.0 if how == "power cut" else self.now
        self.crashes = 0 if how == "power cut" else self.crashes + (how == "crash")
        self.trial, self.verdict = self.trial.started(f"boot {self.boot}")
        assert (self.crashes >= STARTS) == isinstance(self.verdict, Return)

    @precondition(lambda self: self.verdict == Waiting())
    @rule()
    def lose_the_host(self) -> None:
        self.trial = self.trial.host_lost()
        self.losses += 1

    @precondition(lambda self: isinstance(self.verdict, Confirmed))
    @rule(step=st.sampled_from([1.0, 1000.0]), witness=st.booleans())
    def look_again(self, step: float, witness: bool) -> None:
        """What was confirmed never returns, whatever is down."""
        self.now += step
        self.elapsed += step
        self.trial, self.verdict = self.trial.observe(self.now, DOWN, witness=witness)
        assert Confirmed() == self.verdict

    @precondition(lambda self: isinstance(self.verdict, Return))
    @rule()
    def rest(self) -> None:
        """Given back: nothing follows."""

    @invariant()
    def judges_only_what_it_may(self) -> None:
        if not hasattr(self, "trial"):
            return
        judged = self.changed & self.worked - self.came
        assert set(self.trial.on) == judged
        if isinstance(self.verdict, Return) and self.crashes < STARTS and not (PLAYER in self.changed and self.losses):
            assert judged
            assert self.network >= 120.0 or judged == {PLAYER} or PLAYER in self.verdict.reason
        if isinstance(self.verdict, Confirmed):
            assert not judged
            assert self.elapsed >= PROBATION_S

    def teardown(self) -> None:
        """Left alone with a network, each trial ends."""
        if hasattr(self, "trial") and self.verdict == Waiting():
            assert Waiting() != watch(self.trial, 500, begin_at=self.now)[1]


TestLife = Life.TestCase
