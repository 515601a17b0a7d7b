"""Devices asked for their ledgers, slice by slice, on a broker in memory."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from agent.fleet.report_collecting import TRIES, Collector, Ended, Ending
from agent.fleet.report_progress import Progress
from agent.kernel.totals import By
from agent.remote.commands import Report
from agent.remote.line import Outgoing
from agent.remote.slices import Slice
from tests.support.fleet import TOPICS, Exchange, Kiosk
from tests.support.outbox import open_outbox
from tests.support.plays import play
from tests.support.reporting import Teller, a_slice, own_report
from tools.simulator.ledger import MadeUp

BY = (By.ENTRY, By.DAY)


@pytest.fixture
def exchange() -> Exchange:
    return Exchange()


class Collection:
    """One collection, and what it kept."""

    def __init__(self, exchange: Exchange, progress: Progress | None = None, *, at_once: int = 50) -> None:
        self.progress = progress or Progress(BY)
        self.kept: list[tuple[str, Slice]] = []
        self._collector = Collector(
            exchange.desk(),
            TOPICS,
            self.progress,
            {"by": [each.value for each in BY]},
            keep=lambda device, found: self.kept.append((device, found)),
            at_once=at_once,
        )

    def run(self, *devices: str) -> dict[str, Ended]:
        return self._collector.collect(devices)


def test_all_slices_of_all_devices_come(exchange: Exchange) -> None:
    """What each device told is what it would have reported itself."""
    tellers = [Teller(exchange, f"dev-{number}", lines=number * 7) for number in range(5)]
    made = Collection(exchange)
    ended = made.run(*(each.id for each in tellers))
    assert {each.id: Ended(Ending.COMPLETE) for each in tellers} == ended
    for each in tellers:
        assert own_report(each.ledger, BY).rows == made.progress.part(each.id).grouped.rows
    assert [None, 5, 10, 15, 20, 25][: len(tellers[4].questions)] == [
        asked.get("cursor") for asked in tellers[4].questions
    ]


def test_answer_that_was_lost_or_came_twice_counts_once(exchange: Exchange) -> None:
    """A broker promises at least once, and a line may break between."""
    lossy = Teller(exchange, "dev-a", loses=(1, 3, 4))
    double = Teller(exchange, "dev-b", doubles=True)
    made = Collection(exchange)
    ended = made.run("dev-a", "dev-b")
    assert {Ending.COMPLETE} == {each.ending for each in ended.values()}
    for each in (lossy, double):
        assert own_report(each.ledger, BY).rows == made.progress.part(each.id).grouped.rows
    assert len(made.kept) == len({(device, found.after) for device, found in made.kept})


def test_device_that_leaves_in_the_middle_keeps_what_it_told(exchange: Exchange) -> None:
    """And the others are not kept waiting for it."""
    Teller(exchange, "dev-a", leaves_at=3)
    Teller(exchange, "dev-b")
    made = Collection(exchange)
    ended = made.run("dev-a", "dev-b")
    assert (Ending.SILENT, Ending.COMPLETE) == (ended["dev-a"].ending, ended["dev-b"].ending)
    assert f"{TRIES} times" in str(ended["dev-a"].reason)
    assert (10, 43.4) == (made.progress.part("dev-a").read, made.progress.part("dev-a").percent)


def test_collection_goes_on_with_what_had_come(exchange: Exchange) -> None:
    """Only what is missing is asked for, and a device that had told all is not asked at all."""
    first = Collection(exchange)
    leaver, whole = Teller(exchange, "dev-a", leaves_at=3), Teller(exchange, "dev-b")
    first.run("dev-a", "dev-b")
    exchange.hooks.clear()
    back, asked = Teller(exchange, "dev-a"), len(whole.questions)
    second = Collection(exchange, first.progress)
    assert {Ending.COMPLETE} == {each.ending for each in second.run("dev-a", "dev-b").values()}
    assert 10 == back.questions[0]["cursor"]
    assert asked == len(whole.questions)
    assert own_report(leaver.ledger, BY).rows == first.progress.part("dev-a").grouped.rows


def test_plays_on_a_card_that_was_copied_count_once(exchange: Exchange, tmp_path: Path) -> None:
    """An installer copies a card that has played for a week; the fleet's sum must be what was played."""
    first = open_outbox(tmp_path / "first")
    play(first, 1, 12)
    first.close()
    shutil.copytree(tmp_path / "first", tmp_path / "second")
    first = open_outbox(tmp_path / "first")
    play(first, 13, 14)
    clone = open_outbox(tmp_path / "second", device_id="dev-b", hardware_key="board-2")
    play(clone, 13, 15)
    for id, ledger in (("dev-a", first), ("dev-b", clone)):
        Teller(exchange, id).ledger = ledger
    made = Collection(exchange)
    assert {Ending.COMPLETE} == {each.ending for each in made.run("dev-a", "dev-b").values()}
    parts = [made.progress.part(id) for id in ("dev-a", "dev-b")]
    assert [(14, 100.0), (3, 100.0)] == [(part.grouped.whole.plays, part.percent) for part in parts]
    first.close()
    clone.close()


def test_no_more_devices_are_asked_at_once_than_was_said(exchange: Exchange) -> None:
    """A thousand slices in one second would be dropped by the broker."""
    for number in range(9):
        Teller(exchange, f"dev-{number}", lines=3, leaves_at=1)
    under_way: set[str] = set()
    most = 0

    def count(message: Outgoing) -> None:
        nonlocal most
        if message.topic.endswith("/command"):
            under_way.add(message.topic)
            most = max(most, len(under_way))

    exchange.hooks.append(count)
    made = Collection(exchange, at_once=3)
    made._collector._again = _counted(made._collector._again, under_way)  # type: ignore[method-assign]
    assert 9 == len(made.run(*(f"dev-{number}" for number in range(9))))
    assert 3 == most


def _counted(again: Any, under_way: set[str]) -> Any:
    def counted(questions: Any) -> None:
        for each in questions:
            if each.tries >= TRIES:
                under_way.discard(TOPICS.command(each.device))
        again(questions)

    return counted


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"status": "failed", "reason": 'command: found "report"; allowed: one of refresh, flush'}, "found"),
        ({"status": "failed"}, "no reason given"),
        ({"status": "done", "data": {"v": 2}}, "makes no sense"),
        ({"status": "done", "data": None}, "did not answer within 60 s, 3 times"),
        ({"status": "accepted"}, "did not answer within 60 s, 3 times"),
    ],
)
def test_device_that_cannot_answer_is_named_with_the_reason(
    exchange: Exchange, answer: Mapping[str, Any], words: str
) -> None:
    """An old agent, one that is broken, one that was broken into: none of them holds the others up."""
    Kiosk(exchange, "dev-a", answers=[answer])
    ended = Collection(exchange).run("dev-a")
    assert words in str(ended["dev-a"].reason)


class Refusing(Teller):
    """A device that refuses some questions, from 1."""

    def __init__(self, *arguments: Any, refuses: Sequence[int], **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._refuses = refuses

    def _execute(self, message: Outgoing) -> None:
        order = json.loads(message.payload)
        if len(self.questions) + 1 in self._refuses:
            self.questions.append(order["arguments"])
            told = {"id": order["id"], "command": "report", "status": "failed", "data": None}
            self._tell(message, {**told, "reason": "interrupted by a restart of the agent; not repeated"})
            return
        super()._execute(message)


def test_device_that_restarts_or_has_no_clock_yet_is_asked_again(exchange: Exchange) -> None:
    """It was away and came back in the middle: what it refuses in its first seconds it tells a little later."""
    back = Refusing(exchange, "dev-a", refuses=(1, 3, 4))
    broken = Refusing(exchange, "dev-b", refuses=range(2, 1000))
    made = Collection(exchange)
    ended = made.run("dev-a", "dev-b")
    assert Ended(Ending.COMPLETE) == ended["dev-a"]
    assert own_report(back.ledger, BY).rows == made.progress.part("dev-a").grouped.rows
    assert Ended(Ending.FAILED, "interrupted by a restart of the agent; not repeated") == ended["dev-b"]
    assert (5, 1 + TRIES) == (made.progress.part("dev-b").read, len(broken.questions))


class Late(Teller):
    """A device behind a line so slow that each answer comes after the question was asked again."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._due: list[Outgoing] = []

    def _execute(self, message: Outgoing) -> None:
        for due in self._due:
            super()._execute(due)
        self._due = [message]


def test_answer_that_comes_too_late_is_passed_over(exchange: Exchange) -> None:
    """It must not be counted beside the one that was asked for instead."""
    Late(exchange, "dev-a")
    made = Collection(exchange)
    assert Ending.SILENT is made.run("dev-a")["dev-a"].ending
    assert (0, []) == (made.progress.part("dev-a").read, made.kept)


def test_nobody_answers_for_another_device(exchange: Exchange) -> None:
    """A device that was broken into hears a question, and answers it in other places and under other ids."""
    teller, asked = Teller(exchange, "dev-a"), 0

    def meddle(message: Outgoing) -> None:
        nonlocal asked
        if message.topic != TOPICS.command("dev-a"):
            return
        asked += 1
        false = a_slice(MadeUp("false", 900), BY, lines=900).plain()
        order = json.loads(message.payload)
        told = {"v": 1, "command": "report", "status": "done", "reason": None, "data": false}
        for topic, id in (("dev-b", order["id"]), ("dev-z", order["id"]), ("dev-a", "guessed"), ("dev-a", "")):
            exchange.tell(TOPICS.result(topic), {**told, "id": id, "device": "dev-a"}, retain=False)

    exchange.hooks.insert(0, meddle)
    other = Teller(exchange, "dev-b", lines=7)
    made = Collection(exchange)
    assert {Ending.COMPLETE} == {each.ending for each in made.run("dev-a", "dev-b").values()}
    assert asked == len(teller.questions)
    for each in (teller, other):
        assert own_report(each.ledger, BY).rows == made.progress.part(each.id).grouped.rows
    assert {"dev-a", "dev-b"} == set(made.progress.parts)


class Liar(Teller):
    """A device that was broken into."""

    def slice(self, order: Report) -> dict[str, Any]:
        data = super().slice(order)
        return {**data, "done": False, "cursor": data["after"], "read": 0, "rows": []}


def test_device_that_comes_to_no_end_is_given_up(exchange: Exchange) -> None:
    """It must not keep an operator's program running for ever."""
    Liar(exchange, "dev-a")
    assert Ended(Ending.FAILED, "its answers come to no end") == Collection(exchange).run("dev-a")["dev-a"]


class Forgetful(Teller):
    """A device that always tells the same."""

    def slice(self, order: Report) -> dict[str, Any]:
        return super().slice(Report(order.by, order.period))


def test_device_whose_answers_do_not_follow_is_given_up(exchange: Exchange) -> None:
    """What it told first counts once."""
    Forgetful(exchange, "dev-a")
    made = Collection(exchange)
    assert Ending.FAILED is made.run("dev-a")["dev-a"].ending
    assert 5 == made.progress.part("dev-a").read


def test_question_is_a_command_like_any_other(exchange: Exchange) -> None:
    """With an id of its own, and an end."""
    teller = Teller(exchange, "dev-a")
    Collection(exchange).run("dev-a")
    sent = [each for each in exchange.published if each.topic == TOPICS.command("dev-a")]
    orders = [json.loads(each.payload) for each in sent]
    assert len(teller.questions) == len({order["id"] for order in orders}) == 5
    assert all(order["expires"] and each.expiry_s for order, each in zip(orders, sent, strict=True))
