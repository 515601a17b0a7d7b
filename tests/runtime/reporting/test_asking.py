"""What `kiosk-agent report` asks of the ledger."""

import json
from typing import Any

import pytest

from agent.kernel.plays import ChainFault, Delivered
from agent.remote.slices import slice_of
from agent.runtime.reporting.asking import CALLS, PLAYS, SLICE, VERIFY
from agent.runtime.reporting.slicing import LINES_A_STEP
from tests.support.ledgers import MemoryLedger, a_play
from tests.support.outbox import WALL


def ledger(lines: int) -> MemoryLedger:
    return MemoryLedger([a_play(number, WALL + 60 * number) for number in range(1, lines + 1)])


def ask(found: MemoryLedger, call: str, **arguments: Any) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(json.dumps(CALLS[call](found, arguments)))
    return answer


def test_slices_lead_through_the_period_and_look_for_it_once() -> None:
    """A command of the console asks as often as it must; the agent's player goes on meanwhile."""
    found = ledger(3 * LINES_A_STEP)
    period = {"from": WALL + 60 * 51, "to": WALL + 60 * 251}
    first = slice_of(ask(found, SLICE, **period))
    assert first.span is not None
    counted, made = first.grouped.whole, first
    while not made.done:
        found.asked.clear()
        made = slice_of(ask(found, SLICE, **period, after=made.to, through=first.span[1]))
        assert 1 == len(found.asked)
        counted += made.grouped.whole
    assert 200 == counted.plays


def test_plays_are_shown_with_everything_that_is_known() -> None:
    """Proof for whoever paid for a clip: each play, when and how."""
    (line,) = ask(ledger(1), PLAYS)["plays"]
    assert {
        "number": 1,
        "session": "session-1",
        "item": "file:///srv/media/welcome.mp4",
        "entry": "0_welcome1",
        "began": WALL + 60,
        "ended": WALL + 90,
        "estimated": False,
        "started": True,
        "seconds": 29.97,
        "duration": 30.0,
        "completed": True,
        "ending": "completed",
        "display": "on",
        "dark_seconds": 0.0,
        "left_out": False,
        "delivered": {"stats.collect": WALL + 120.75},
    } == {name: value for name, value in line.items() if name not in ("day", "time")}
    assert (len("2026-11-22"), len("08:00:00")) == (len(line["day"]), len(line["time"]))


def test_delivery_is_told_no_closer_than_it_is_known() -> None:
    """Seven decimals of a quarter of an hour are believed; and nothing is delivered before its end."""
    ended = WALL + 30.1234567
    sinks = (Delivered("stats.collect", ended), Delivered("trackEvent", None))
    (line,) = ask(MemoryLedger([a_play(1, WALL + 0.1234567, delivered=sinks)]), PLAYS)["plays"]
    assert '{"stats.collect": ' + f"{WALL + 31:.0f}" + ', "trackEvent": null}' == json.dumps(line["delivered"])
    assert line["delivered"]["stats.collect"] >= line["ended"]


def test_plays_come_in_pages_too() -> None:
    """Each of the period once, and the end is said."""
    found = ledger(3 * LINES_A_STEP)
    period = {"from": WALL + 60 * 51, "to": WALL + 60 * 251}
    page = ask(found, PLAYS, **period)
    numbers = [line["number"] for line in page["plays"]]
    while not page["done"]:
        page = ask(found, PLAYS, **period, after=page["after"], through=page["through"])
        numbers += [line["number"] for line in page["plays"]]
    assert list(range(51, 251)) == numbers
    assert ask(MemoryLedger(), PLAYS)["done"]


def test_chain_is_gone_through_in_parts_and_each_fault_is_told_once() -> None:
    """A year of hashes in one go would hold the player's rules up for seconds."""
    found = ledger(7)
    found.faults = (ChainFault(3, "play 3 is not as it was written"), ChainFault(6, "play 6 is missing"))
    answer = ask(found, VERIFY)
    faults, parts = list(answer["faults"]), 1
    while not answer["done"]:
        answer = ask(found, VERIFY, number=answer["number"], hash=answer["hash"])
        faults += answer["faults"]
        parts += 1
    assert [3, 6] == [fault["number"] for fault in faults]
    assert (7, 4) == (answer["number"], parts)


def test_check_goes_on_behind_a_fault() -> None:
    """Where the hash up to there is not known any more, the store says so with a question mark."""
    assert 6 == ask(ledger(7), VERIFY, number=4, hash="?")["number"]


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        (VERIFY, {"number": -1}),
        (VERIFY, {"number": "1"}),
        (VERIFY, {"hash": "no hash"}),
        (VERIFY, {"hash": "abc"}),
        (VERIFY, {"hash": 5}),
        (SLICE, {"by": "site"}),
        (PLAYS, {"from": []}),
    ],
)
def test_arguments_that_make_no_sense_are_refused(call: str, arguments: dict[str, Any]) -> None:
    """Over a socket anything comes."""
    with pytest.raises(ValueError, match=r"."):
        ask(ledger(1), call, **arguments)
