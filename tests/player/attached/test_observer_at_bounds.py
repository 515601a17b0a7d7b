"""Where a story breaks off without a word, and where a word has no end."""

from dataclasses import replace

from agent.kernel import signals
from agent.kernel.events import Closed, Ending
from agent.player.attached.observer import Observer
from agent.player.attached.state import Item
from agent.player.codec import MAX_LINE_BYTES, encode
from agent.player.wire import MediumFound, Said
from tests.player.attached.test_observer import BEGIN, PLAYS_A, Watch, paused


def test_player_that_ends_with_its_film_has_played_it_to_the_end() -> None:
    """--play-and-exit, asked over HTTP: nothing listens any more, and nothing was said of an end."""
    watch = Watch()
    watch.see(PLAYS_A)
    watch.run(7.25, start=0.0)
    watch.now += 0.5
    watch.told += watch.observer.lose(watch.now)
    assert [*BEGIN, signals.EndReached] == watch.kinds()
    assert [Ending.COMPLETED] == [each.ending for each in watch.events() if isinstance(each, Closed)]


def test_player_that_is_paused_at_its_end_and_dies_has_not_played_on() -> None:
    """Only what runs comes nearer to its end."""
    watch = Watch()
    watch.see(PLAYS_A)
    watch.run(7.0, start=0.0)
    watch.see(paused(PLAYS_A))
    watch.now += 60.0
    watch.told += watch.observer.lose(watch.now)
    assert signals.PlayerLost is watch.kinds()[-1]


def test_address_and_title_without_end_fit_a_line() -> None:
    """A data: address holds its film; the agent takes lines of 64 KiB, and hangs up at more."""
    told = Observer().see(replace(PLAYS_A, item=Item("/4" * 9000, "data:" + "\U0001f3ac" * 90000, "ü" * 90000)), 1.0)
    (found,) = [each for _, each in told if isinstance(each, MediumFound)]
    assert len(encode(Said(1, 1, found))) < MAX_LINE_BYTES
