"""Commands from their arrival to their answer: once, in time, and never unanswered."""

from pathlib import Path

import pytest

from agent.player import operations, wire
from agent.remote.commands import RETAINED
from agent.remote.deeds import FILE_NAME, INTERRUPTED
from agent.runtime.commanding.commander import (
    BUNDLE_GONE,
    IN_FLIGHT,
    MEMORY_LOST,
    PERHAPS_LOST_S,
    SLICE_GONE,
    TOO_MANY,
)
from agent.runtime.commanding.hands import QueueView, SinkView
from tests.support.commands import RESULT, Bench, arrived, ordered
from tests.support.ledgers import a_play

STUCK = QueueView(5, (SinkView("stats.collect", 0, 5, "no answer"),))


def test_command_is_accepted_acknowledged_and_done(tmp_path: Path) -> None:
    """The usual case."""
    bench = Bench(tmp_path)
    bench.take(ordered("refresh"))
    assert [("c1", "accepted"), ("c1", "done")] == bench.told()
    assert (["refresh"], [7]) == (bench.done, bench.line.acknowledged)
    assert {"done": 1} == bench.commander.status(100.0)["counters"]


def test_command_given_again_gets_its_answer_again_and_is_not_executed(tmp_path: Path) -> None:
    """QoS 1 delivers at least once; two items skipped are not one."""
    bench = Bench(tmp_path)
    bench.take(ordered("next"), ordered("next"))
    assert [("c1", "accepted"), ("c1", "accepted")] == bench.told()
    bench.see(medium=2)
    assert [("c1", "done")] == bench.told()
    bench.take(ordered("next"), ordered("pause"))
    assert [("c1", "done"), ("c1", "done")] == bench.told(), "the id is the command, whatever else it says"
    assert [operations.Next()] == bench.obeyed
    assert 4 == len(bench.line.acknowledged)


def test_answer_goes_where_the_one_who_asks_now_listens(tmp_path: Path) -> None:
    """An operator's program that was started again asks for what became of its command."""
    bench = Bench(tmp_path)
    payload = b'{"id": "c1", "command": "refresh"}'
    bench.take(arrived(payload))
    bench.take(arrived(payload, response_topic="kiosk/v1/answers/a", correlation=b"7"))
    last = bench.line.published[-1]
    assert ("kiosk/v1/answers/a", b"7") == (last.topic, last.correlation)
    assert RESULT == bench.line.published[0].topic


def test_command_known_from_an_earlier_process_is_not_executed(tmp_path: Path) -> None:
    """The agent was killed before the broker had the acknowledgement."""
    first = Bench(tmp_path)
    first.take(ordered("refresh", "a"), ordered("pause", "b"))
    second = Bench(tmp_path)
    assert {("a", "done"), ("b", "failed")} == set(second.told()), "at once: whoever asked still waits"
    second.take(ordered("refresh", "a"), ordered("pause", "b"))
    assert [("a", "done"), ("b", "failed")] == second.told()
    assert ([], []) == (second.done, second.obeyed)
    assert INTERRUPTED == (second.deeds.find("b") or pytest.fail("forgotten")).reason
    assert [] == Bench(tmp_path).told(), "and not with each start"


def test_expired_command_is_answered_and_not_executed(tmp_path: Path) -> None:
    """The broker kept it while the kiosk was switched off."""
    bench = Bench(tmp_path)
    bench.take(ordered("next", expires=bench.now.wall - 90))
    (answer,) = bench.answers
    assert ("failed", "expired 90 s ago") == (answer["status"], answer["reason"])
    bench.now = bench.now.at(bench.now.boottime - 95)
    bench.take(ordered("next", expires=bench.now.wall + 5))
    assert [] == bench.obeyed, "a clock that was set back must not revive it"


def test_what_the_broker_may_have_kept_is_not_executed_without_an_expiry(tmp_path: Path) -> None:
    """Nobody knows how old it is."""
    bench = Bench(tmp_path, online=False)
    bench.commander.online(bench.now, resumed=True)
    bench.take(ordered("next", "old"))
    assert [("old", "failed")] == bench.told()
    bench.later(11.0)
    bench.take(ordered("next", "new"))
    assert [("new", "accepted")] == bench.told()


def test_retained_command_is_refused_once(tmp_path: Path) -> None:
    """It comes again with each connection; an answer each time would fill the operator's screen."""
    for letter in (ordered("next", "r1", retained=True), arrived(b"nonsense", retained=True)):
        bench = Bench(tmp_path)
        bench.take(letter)
        (answer,) = bench.answers
        assert ("failed", RETAINED) == (answer["status"], answer["reason"])
        for _ in range(2):
            bench = Bench(tmp_path)
            bench.take(letter)
            assert ([], [], [7]) == (bench.answers, bench.obeyed, bench.line.acknowledged)


def test_retained_command_that_was_executed_as_it_came_fresh_is_passed_over(tmp_path: Path) -> None:
    """To those who are connected already the broker gives a retained message like any other."""
    bench = Bench(tmp_path)
    bench.take(ordered("refresh"))
    bench.told()
    bench.take(ordered("refresh", retained=True))
    assert ([], ["refresh"]) == (bench.told(), bench.done)


def test_clearing_a_retained_command_is_no_command(tmp_path: Path) -> None:
    """It is what our own refusal asks for."""
    bench = Bench(tmp_path)
    bench.take(arrived(b""))
    assert ([], [7]) == (bench.answers, bench.line.acknowledged)


def test_refusal_writes_nothing_to_the_card(tmp_path: Path) -> None:
    """Somebody's program sends nonsense a hundred times a second."""
    bench = Bench(tmp_path)
    bench.take(arrived(b"nonsense"), ordered("explode"))
    assert [(None, "failed"), ("c1", "failed")] == bench.told()
    assert not (tmp_path / FILE_NAME).exists()


def test_too_many_at_a_time_are_refused(tmp_path: Path) -> None:
    """Bounded, like everything; those under way go on."""
    bench = Bench(tmp_path)
    bench.queue = STUCK
    bench.take(*(ordered("flush", f"f{number}") for number in range(IN_FLIGHT + 3)))
    failed = [answer for answer in bench.answers if answer["status"] == "failed"]
    assert [(f"f{number}", TOO_MANY) for number in range(16, 19)] == [(each["id"], each["reason"]) for each in failed]
    assert IN_FLIGHT == len(bench.done)
    bench.told()
    bench.queue = QueueView(5, ())
    bench.later(1.0)
    assert IN_FLIGHT == len(bench.told())
    assert bench.commander.deadline is None


def test_commands_do_not_wait_for_each_other(tmp_path: Path) -> None:
    """A flush may take half a minute; the pause should come now."""
    bench = Bench(tmp_path)
    bench.queue = STUCK
    bench.take(ordered("flush", "f"), ordered("pause", "p"))
    bench.told()
    bench.see(paused=True)
    assert [("p", "done")] == bench.told()
    assert [wire.Pause()] == bench.obeyed


def test_look_is_taken_now_and_then(tmp_path: Path) -> None:
    """The main loop steps many times a second, and a look asks the store."""
    bench = Bench(tmp_path)
    bench.queue = STUCK
    bench.take(ordered("flush"))
    bench.later(0.0)
    assert bench.now.boottime + 0.25 == bench.commander.deadline
    bench.queue = QueueView(5, ())
    bench.later(0.1)
    assert [("c1", "accepted")] == bench.told()
    bench.later(0.2)
    assert [("c1", "done")] == bench.told()


def test_answer_without_a_connection_waits_for_one(tmp_path: Path) -> None:
    """The pause took ten seconds, and meanwhile the line was gone."""
    bench = Bench(tmp_path)
    bench.take(ordered("pause"))
    bench.commander.offline(bench.now)
    bench.told()
    bench.see(paused=True)
    assert [] == bench.told()
    bench.commander.online(bench.now, resumed=True)
    assert [("c1", "done")] == bench.told()
    bench.later(PERHAPS_LOST_S)
    bench.commander.offline(bench.now)
    bench.commander.online(bench.now, resumed=True)
    assert [] == bench.told()


def test_answer_that_may_have_gone_into_a_dead_line_is_given_again(tmp_path: Path) -> None:
    """A line is known to be dead a minute or two after it died."""
    bench = Bench(tmp_path)
    bench.take(ordered("refresh"))
    bench.told()
    bench.later(50.0)
    bench.commander.offline(bench.now)
    bench.commander.online(bench.now, resumed=True)
    assert [("c1", "done")] == bench.told()


def test_bundle_is_sent_once(tmp_path: Path) -> None:
    """200 of them would not fit into memory, nor should they be written to the card."""
    bench = Bench(tmp_path)
    bench.take(ordered("diagnostics"))
    assert {"v": 1} == bench.answers[-1]["data"]
    bench.take(ordered("diagnostics"))
    again = bench.answers[-1]
    assert ("done", None, BUNDLE_GONE) == (again["status"], again["data"], again["reason"])
    assert ["bundle"] == bench.done


def test_slice_of_a_report_is_sent_once_too(tmp_path: Path) -> None:
    """Whoever lost it asks again with a new id: the ledger has not changed, and lines count once."""
    bench = Bench(tmp_path)
    bench.ledger.lines = [a_play(1)]
    bench.take(ordered("report"))
    bench.later(0.5)
    assert 1 == bench.answers[-1]["data"]["read"]
    bench.take(ordered("report"))
    again = bench.answers[-1]
    assert ("done", None, SLICE_GONE) == (again["status"], again["data"], again["reason"])


def full(path: Path) -> None:
    """From now on the memory of commands cannot be written, root or not."""
    (path / f"{FILE_NAME}.new").mkdir()


def test_full_disk_lets_only_what_may_happen_twice_be_executed(tmp_path: Path) -> None:
    """Diagnostics help just then; a "next" that cannot be remembered might come a second time."""
    bench = Bench(tmp_path)
    full(tmp_path)
    bench.take(ordered("next", "n"), ordered("diagnostics", "d"))
    assert [("d", "accepted"), ("n", "failed"), ("d", "done")] == bench.told()
    assert ([], ["bundle"]) == (bench.obeyed, bench.done)
    (tmp_path / f"{FILE_NAME}.new").rmdir()
    bench.take(ordered("next", "m"))
    assert [("m", "accepted")] == bench.told()
    assert "n" in (tmp_path / FILE_NAME).read_text()


def test_lost_memory_makes_what_may_be_a_repetition_fail(tmp_path: Path) -> None:
    """Where the file was damaged nobody knows what has been executed."""
    (tmp_path / FILE_NAME).write_text("{")
    bench = Bench(tmp_path, online=False)
    bench.commander.online(bench.now, resumed=True)
    bench.take(ordered("next", "old", expires=bench.now.wall + 60))
    assert MEMORY_LOST == bench.answers[0]["reason"]
    bench.later(11.0)
    bench.take(ordered("next", "new", expires=bench.now.wall + 60))
    assert [operations.Next()] == bench.obeyed
    assert 1 == bench.commander.counters["memory-damaged"]


def test_log_level_lasts_as_long_as_was_said(tmp_path: Path) -> None:
    """A kiosk left at debug for ever fills its journal."""
    bench = Bench(tmp_path)
    bench.take(ordered("log-level", arguments={"level": "debug", "seconds": 600}))
    assert {"level": "debug", "left_s": 600.0} == bench.commander.status(bench.now.boottime)["log_level"]
    assert bench.now.boottime + 600.0 == bench.commander.deadline
    bench.later(600.0)
    assert ["debug", "info"] == bench.levels
    assert bench.commander.status(bench.now.boottime)["log_level"] is None
