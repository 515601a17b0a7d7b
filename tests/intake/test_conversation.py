"""What is said on one connection, without a socket; time is a number."""

import json
from collections import Counter
from math import inf
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agent.intake.conversation import ANSWER_WITHIN_S, BAD_LINES, HEARD_WITHIN_S, LINE_WITHIN_S, PIPELINE, Conversation
from agent.intake.submission import Kept, Submission
from agent.intake.throttle import Throttle

PAGE = b'{"type":"page"}\n'


class Talk:
    """A conversation with a main loop that answers when it is told to."""

    def __init__(self, *, rate: float = 1e6, burst: int = 10_000) -> None:
        self.told: list[Submission] = []
        self.counts: Counter[str] = Counter()
        self.woken = 0
        self.talk = Conversation(
            "uid 1 pid 2",
            put=self.told.append,
            throttle=Throttle(rate, burst, now=0.0),
            count=lambda reason: self.counts.update([reason]),
            wake=self._wake,
            now=0.0,
        )

    def _wake(self) -> None:
        self.woken += 1

    def hear(self, data: bytes, now: float = 0.0) -> list[dict[str, Any]]:
        """What is said at once when `data` comes."""
        self.talk.hear(data, now)
        return self.said(now)

    def said(self, now: float = 0.0) -> list[dict[str, Any]]:
        """Work, send and read on, until nothing more is said."""
        found = bytearray()
        self.talk.overdue(now)
        self.talk.work(now)
        while self.talk.out:
            found += self.talk.out
            self.talk.sent(len(self.talk.out))
            self.talk.work(now)
        return [json.loads(line) for line in found.splitlines()]


def test_answer_wakes_whoever_waits_and_only_the_first_one_stands() -> None:
    """The main loop answers from another thread."""
    talk = Talk()
    assert [] == talk.hear(PAGE)
    for word in ("first", "second"):
        talk.told[0].reply.put(Kept(word))
    assert [{"ok": {"id": "first"}}] == talk.said()
    assert 2 == talk.woken


def test_nothing_is_due_while_nothing_is_said() -> None:
    """A long-lived application that is silent for hours costs no wake-up."""
    talk = Talk()
    assert inf == talk.talk.deadline(0.0)
    talk.hear(PAGE)
    talk.told[0].reply.put(Kept("x"))
    talk.said()
    assert (inf, 0) == (talk.talk.deadline(1e6), talk.talk.waiting)


def test_each_wait_has_its_deadline() -> None:
    """Half a line, an answer that does not come, an answer that nobody takes."""
    talk = Talk()
    talk.hear(b'{"type"', 1.0)
    assert 1.0 + LINE_WITHIN_S == talk.talk.deadline(1.0)
    talk.hear(b':"page"}\n', 2.0)
    assert 2.0 + ANSWER_WITHIN_S == talk.talk.deadline(2.0)
    assert ["no-answer"] == [each["error"]["reason"] for each in talk.said(2.0 + ANSWER_WITHIN_S)]
    talk.talk.hear(b"garbage\n", 20.0)
    talk.talk.work(20.0)
    assert 20.0 + HEARD_WITHIN_S == talk.talk.deadline(20.0)
    assert [False, True] == [talk.talk.overdue(at) for at in (20.0, 20.0 + HEARD_WITHIN_S)]


def test_who_does_not_take_an_answer_is_not_listened_to() -> None:
    """What is held for one connection is bounded."""
    talk = Talk()
    talk.talk.hear(b"garbage\n" * 3, 0.0)
    talk.talk.work(0.0)
    assert talk.talk.out.count(b"\n") == 1
    assert not talk.talk.wants_more(0.0)


def test_who_takes_an_answer_in_drops_is_left_all_the_same() -> None:
    """Such connections are never displaced, for something is owed to them: enough of them would lock everybody out."""
    talk = Talk()
    talk.talk.hear(b"garbage\n", 0.0)
    talk.talk.work(0.0)
    for second in range(int(HEARD_WITHIN_S)):
        assert not talk.talk.overdue(float(second))
        talk.talk.sent(1)
        talk.talk.work(float(second))
    assert talk.talk.overdue(HEARD_WITHIN_S)


def test_pause_ends_by_itself() -> None:
    """Nobody else would wake the connection that was told to wait."""
    talk = Talk(rate=4.0, burst=1)
    talk.hear(PAGE * 3)
    talk.told[0].reply.put(Kept("x"))
    assert [None, 0.25] == [each.get("error", {}).get("retry_after_s") for each in talk.said()]
    assert (0.25, False) == (talk.talk.deadline(0.0), talk.talk.wants_more(0.0))
    assert [] == talk.said(0.25)
    assert 2 == len(talk.told)


def test_pause_that_ends_between_two_looks_is_ended_all_the_same() -> None:
    """A thread that had to wait for its turn longer than the pause would else wait for ever, and nobody be heard."""
    talk = Talk(rate=4.0, burst=1)
    talk.hear(PAGE * 3)
    talk.told[0].reply.put(Kept("x"))
    talk.said()
    assert 0.25 == talk.talk.deadline(7.0)
    talk.said(7.0)
    assert 2 == len(talk.told)
    assert 7.0 < talk.talk.deadline(7.0)


@given(st.lists(st.sampled_from([PAGE, b"garbage\n", b"\n", b'{"type":"page","id":"x"}\n', b'{"a"'])), st.data())
def test_each_line_has_one_answer_in_its_order(said: list[bytes], data: st.DataObject) -> None:
    """However the main loop takes its time."""
    talk = Talk()
    answers: list[dict[str, Any]] = []
    for each in said:
        if talk.talk.wants_more(0.0):
            answers += talk.hear(each)
        answering: bool = data.draw(st.booleans())
        if talk.told and answering:
            chosen: int = data.draw(st.integers(0, len(talk.told) - 1))
            talk.told[chosen].reply.put(Kept("x"))
            answers += talk.said()
    for told in talk.told:
        told.reply.put(Kept("x"))
    answers += talk.said()
    assert 0 == talk.talk.waiting
    assert len(talk.told) == sum("ok" in answer for answer in answers) == talk.counts["accepted"]
    assert len(answers) == sum(talk.counts.values())
    assert talk.counts["malformed"] <= len(said)


@given(st.integers(0, 3 * PIPELINE))
def test_no_more_is_due_than_the_bound(number: int) -> None:
    """While the main loop is held up."""
    talk = Talk()
    talk.hear(PAGE * number)
    assert min(number, PIPELINE) == len(talk.told) == talk.talk.waiting


def test_wrong_lines_in_a_row_end_it() -> None:
    """And what comes after is not read."""
    talk = Talk()
    assert BAD_LINES == len(talk.hear(b"x\n" * (BAD_LINES + 3)))
    assert talk.talk.is_over


def test_line_does_not_age_while_nobody_listens() -> None:
    """The main loop is held up for longer than a line may take: its end waits in the socket, and is no fault."""
    talk = Talk()
    talk.hear(PAGE * PIPELINE + b'{"type":', 0.0)
    late = ANSWER_WITHIN_S - 1.0
    for told in talk.told:
        told.reply.put(Kept("x"))
    assert PIPELINE == len(talk.said(late))
    assert late + LINE_WITHIN_S == talk.talk.deadline(late)
    assert [] == talk.said(LINE_WITHIN_S + 0.5)
    assert [] == talk.hear(b'"page"}\n', LINE_WITHIN_S + 1.0)
    assert PIPELINE + 1 == len(talk.told)
