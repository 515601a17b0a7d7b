"""A host that is told to end, by a command or for new options: with hosts that follow a script."""

import threading
from dataclasses import replace

from agent.player.hostoptions import HostOptions
from agent.player.keeper import RestartRules
from agent.player.reports import Heard, HostLost, HostReady
from tests.support.hosts import HASTY, Actor, dies_late, hangs, obedient, scene
from tests.support.players import PATIENCE_S

# A pause that no test could wait for: what begins without it came at once.
_PATIENT = RestartRules(silence=60.0, first=600.0, longest=600.0)


def test_host_that_was_told_to_end_is_followed_at_once_and_is_no_loss() -> None:
    """An operator's new option must not count as a fault of the kiosk, nor leave its screen dark for a minute."""
    with scene(obedient, rules=_PATIENT) as found:
        for run in (1, 2, 3):
            ready = found.next()
            assert isinstance(ready, HostReady)
            assert run == ready.run
            assert {Heard} == {type(found.next()) for _ in range(2)}
            found.supervisor.restart()
            lost = found.next()
            assert isinstance(lost, HostLost)
            assert (run, True) == (lost.run, lost.commanded)
        assert [HostReady, Heard, Heard] == [type(found.next()) for _ in range(3)]
        assert (0, None) == (found.supervisor.status.losses, found.supervisor.status.last_loss)


def test_new_options_and_rules_hold_for_the_next_host() -> None:
    """A host that hangs is found by the new rules, and the one after it waits as they say."""
    options = HostOptions(headless=True, vlc_options=("--new",))
    with scene(obedient, hangs, obedient, rules=_PATIENT) as found:
        assert [HostReady, Heard, Heard] == [type(found.next()) for _ in range(3)]
        found.supervisor.reconfigure(options, HASTY)
        ordered, hanging, lost, ready = (found.next() for _ in range(4))
        assert options == found.lifecycle.options
        assert isinstance(ordered, HostLost)
        assert isinstance(lost, HostLost)
        assert (True, False) == (ordered.commanded, lost.commanded)
        assert (HostReady, HostReady) == (type(hanging), type(ready)), "the second after the pause of the new rules"


def test_order_ends_the_pause_after_a_loss() -> None:
    """Whoever mended the options need not wait for the pauses that the bad ones had grown."""
    with scene(dies_late, obedient, rules=_PATIENT) as found:
        assert [HostReady, HostLost] == [type(found.next()) for _ in range(2)]
        found.supervisor.restart()
        assert isinstance(found.next(), HostReady)
        assert 1 == found.supervisor.status.losses


def test_order_ends_a_host_that_has_not_come_up_yet() -> None:
    """One that tries options alone may take minutes to say hello."""
    waiting, ordered = threading.Event(), threading.Event()

    def _mute(actor: Actor, _run: int) -> None:
        waiting.set()
        actor.hear()
        ordered.wait(PATIENCE_S)  # It ends by order, and not because its line does.

    with scene(_mute, obedient, rules=replace(_PATIENT, silence=HASTY.silence)) as found:
        assert waiting.wait(PATIENCE_S)
        found.supervisor.restart()
        ordered.set()
        lost = found.next()
        assert isinstance(lost, HostLost)
        assert lost.commanded
        assert isinstance(found.next(), HostReady)
