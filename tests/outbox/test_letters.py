"""Dead letters."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from agent.kernel.records import Cursor
from agent.outbox import letters
from agent.outbox.letters import Refusal, UnknownLettersError
from agent.outbox.store import Outbox
from agent.outbox.trials import Tried
from tests.support.outbox import a_record, an_instant, an_owner, freeze, open_outbox


def test_a_letter_stands_alone_after_its_event_left_the_log(tmp_path: Path) -> None:
    """Whoever looks a week later needs the event, the answer and the code."""
    outbox = open_outbox(tmp_path)
    outbox.register("stats.collect")
    outbox.append([a_record("refused", owner=an_owner("first"), instant=an_instant(7.0)), *[a_record()] * 99])
    outbox.settle("stats.collect", Cursor(100), projection="", refusals=[Refusal(1, 0, "PLAY", "C", "answer", "p")])
    assert outbox.events()[0].sequence > 1
    outbox.close()
    again = open_outbox(tmp_path)
    (letter,) = again.dead_letters()
    assert (letter.number, letter.sink, letter.message, letter.code, letter.answer) == (
        1,
        "stats.collect",
        "PLAY",
        "C",
        "answer",
    )
    assert (letter.event.body, letter.event.attribution, letter.event.instant) == (
        "refused",
        an_owner("first"),
        an_instant(7.0),
    )
    assert (letter.event.identity.generation, letter.event.identity.sequence) == (again.generation, 1)
    again.close()


def test_letters_are_bounded_for_each_sink_and_the_oldest_goes_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One wrong setting refuses everything; a year of it must not fill the card."""
    monkeypatch.setattr(letters, "LETTERS_KEPT", 3)
    outbox = open_outbox(tmp_path)
    outbox.register("one")
    outbox.append([a_record(f"{n}") for n in range(6)])
    for sequence in range(1, 6):
        refusal = Refusal(sequence, 0, "PLAY", "C", "no", "")
        outbox.settle("one", Cursor(sequence), projection="", refusals=[refusal])
    assert [letter.event.body for letter in outbox.dead_letters()] == ["2", "3", "4"]
    figures = outbox.statistics().sinks[0]
    assert (figures.refused, figures.dropped, figures.dead_letters) == ({"C": 5}, {"dead-letters": 2}, 3)
    assert [letter.number for letter in outbox.dead_letters(after=3, limit=1)] == [4]
    outbox.close()


def test_a_retried_letter_goes_on_counting_its_answered_errors(tmp_path: Path) -> None:
    """The service keeps an error for 120 s: an equal request would get it again, although the cause has gone."""
    outbox = open_outbox(tmp_path)
    outbox.register("one")
    outbox.append([a_record(instant=an_instant(synced=False))])
    freeze(outbox, 1, 5.0)
    outbox.settle("one", Cursor(1), projection="", refusals=[Refusal(1, 2, "PLAY", "C", "no", "", attempt=3)])
    (letter,) = outbox.dead_letters()
    assert letter.attempt == 3
    outbox.retry("one")
    (event,) = outbox.peek("one", 10)
    assert (outbox.trials("one", event.sequence, event.sequence), event.frozen_time) == (
        {(event.sequence, 2): Tried(attempt=3)},
        5.0,
    )
    outbox.close()


def refused(outbox: Outbox, sink: str, sequence: int) -> None:
    """Have `sink` refuse the event `sequence`."""
    refusal = Refusal(sequence, 0, "PLAY", "CODE", "no", "", fields={"eventType": "3", "referrer": "kiosk://a|b,c"})
    outbox.settle(sink, Cursor(sequence), projection="", refusals=[refusal])


@pytest.fixture
def two_sinks(tmp_path: Path) -> Iterator[Outbox]:
    """Letters 1 to 3 of the sink "one", 4 and 5 of "two"."""
    outbox = open_outbox(tmp_path)
    for sink in ("one", "two"):
        outbox.register(sink)
    outbox.append([a_record(f"{n}") for n in range(1, 4)])
    for sequence in range(1, 4):
        refused(outbox, "one", sequence)
    for sequence in range(1, 3):
        refused(outbox, "two", sequence)
    yield outbox
    outbox.close()


def numbers(outbox: Outbox, sink: str | None = None) -> list[int]:
    return [letter.number for letter in outbox.dead_letters(sink=sink)]


def test_a_letter_keeps_what_was_sent(two_sinks: Outbox) -> None:
    """Settings change; why a message was refused is answered by what it was, not by what it would be today."""
    assert {"eventType": "3", "referrer": "kiosk://a|b,c"} == two_sinks.dead_letters()[0].fields


def test_a_discarded_letter_is_counted_for_its_sink(two_sinks: Outbox) -> None:
    """An event that an operator threw away must be found in the account for ever (decision 10)."""
    assert 2 == two_sinks.discard(None, [2, 5])
    assert [1, 3, 4] == numbers(two_sinks)
    assert [{"discarded": 1}, {"discarded": 1}] == [sink.dropped for sink in two_sinks.statistics().sinks]
    assert 2 == two_sinks.discard("one")
    assert ([], [4]) == (numbers(two_sinks, "one"), numbers(two_sinks, "two"))
    assert {"discarded": 3} == two_sinks.statistics().sinks[0].dropped


def test_a_discard_outlives_a_restart(tmp_path: Path) -> None:
    """Durable on return, like everything that the store does."""
    outbox = open_outbox(tmp_path)
    outbox.register("one")
    outbox.append([a_record()])
    refused(outbox, "one", 1)
    outbox.discard("one")
    outbox.close()
    again = open_outbox(tmp_path)
    (sink,) = again.statistics().sinks
    assert (0, {"CODE": 1}, {"discarded": 1}) == (sink.dead_letters, sink.refused, sink.dropped)
    again.close()


@pytest.mark.parametrize("sink", [None, "one"])
@pytest.mark.parametrize("deed", [Outbox.retry, Outbox.discard])
def test_an_unknown_number_changes_nothing(
    two_sinks: Outbox, deed: Callable[[Outbox, str | None, Sequence[int]], int], sink: str | None
) -> None:
    """A typing error must not do half of what was asked; another sink's letter is unknown to this one."""
    with pytest.raises(UnknownLettersError) as missing:
        deed(two_sinks, sink, [1, 99, 4] if sink else [1, 99])
    assert ((4, 99) if sink else (99,)) == missing.value.numbers
    assert [1, 2, 3, 4, 5] == numbers(two_sinks)


def test_a_number_is_never_used_again(two_sinks: Outbox) -> None:
    """Who types `discard 5` from an old list on the screen must not throw another letter away."""
    two_sinks.discard(None)
    refused(two_sinks, "two", 3)
    assert [6] == numbers(two_sinks)
    two_sinks.retry("two")
    refused(two_sinks, "two", 4)
    assert [7] == numbers(two_sinks)


def test_letters_of_two_sinks_are_retried_in_the_order_of_their_refusal(two_sinks: Outbox) -> None:
    """One transaction: either all are back in the queue or none is."""
    assert 3 == two_sinks.retry(None, [5, 1, 2])
    assert [1, 2] == [e.identity.sequence for e in two_sinks.peek("one", 10)][-2:]
    assert [2] == [e.identity.sequence for e in two_sinks.peek("two", 10) if e.redelivery is not None][-1:]
    assert [3, 4] == numbers(two_sinks)
