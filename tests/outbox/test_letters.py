"""Dead letters."""

from pathlib import Path

import pytest

from agent.kernel.records import Cursor
from agent.outbox import letters
from agent.outbox.letters import Refusal
from tests.support.outbox import a_record, an_instant, an_owner, open_outbox


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
    outbox.freeze(1, 5.0)
    outbox.settle("one", Cursor(1), projection="", refusals=[Refusal(1, 2, "PLAY", "C", "no", "", attempt=3)])
    (letter,) = outbox.dead_letters()
    assert letter.attempt == 3
    outbox.retry("one")
    (event,) = outbox.peek("one", 10)
    assert (outbox.trial("one", event.sequence, 2), event.frozen_time) == ((3, False), 5.0)
    outbox.close()
