"""The demo's verdict on one pass: the exit status of `tools/run --once` hangs on it."""

from typing import Any

import pytest

from tools.demo.judge import Expected, is_complete, judge, table

EXPECTED = Expected(("0_first", "0_second"), "kiosk://device-001")


def play(entry: str, session: str, numbers: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)) -> list[dict[str, Any]]:
    return [{"eventType": n, "entryId": entry, "sessionId": session, "referrer": "kiosk://device-001"} for n in numbers]


GOOD = [*play("0_first", "a"), *play("0_second", "b")]


def test_whole_pass_has_no_problems() -> None:
    """What is right must pass, or nobody believes the rest."""
    assert judge(GOOD, EXPECTED) == []


def test_stall_seek_and_full_screen_are_no_fault() -> None:
    """A slow machine stalls; the demo is about what arrives, not about the machine."""
    events = [*play("0_first", "a", (1, 2, 14, 3, 12, 13, 4, 5, 17, 6, 7)), *play("0_second", "b")]
    assert judge(events, EXPECTED) == []


@pytest.mark.parametrize(
    ("events", "problem"),
    [
        ([], "0_first: nothing arrived."),
        (play("0_first", "a"), "0_second: nothing arrived."),
        ([*play("0_first", "a", (1, 2, 3, 5, 7)), *GOOD[7:]], "0_first: missing: PLAY_REACHED_25, PLAY_REACHED_75."),
        ([*play("0_first", "a", (1, 2, 3, 3, 4, 5, 6, 7)), *GOOD[7:]], "0_first: PLAY arrived 2 times."),
        (
            [*play("0_first", "a", (1, 3, 2, 4, 5, 6, 7)), *GOOD[7:]],
            "0_first: out of order: WIDGET_LOADED, PLAY, MEDIA_LOADED, PLAY_REACHED_25, PLAY_REACHED_50, "
            "PLAY_REACHED_75, PLAY_REACHED_100.",
        ),
        ([*GOOD[7:], *GOOD[:7]], "0_second began to report before 0_first was through."),
        ([*GOOD[:6], *GOOD[7:], GOOD[6]], "0_second began to report before 0_first was through."),
        ([*GOOD, *play("0_first", "c")], "0_first: an unexpected session c."),
        ([*GOOD, *play("0_other", "c")], "0_other: an unexpected session c."),
        ([*GOOD[:7], *play("0_second", "a")], "Session a has several entries: 0_first, 0_second."),
        ([*play("0_first", ""), *GOOD[7:]], "Some events have no session id."),
        (
            [{**event, "referrer": "kiosk://other"} for event in GOOD],
            "The referrer is 'kiosk://other', not 'kiosk://device-001'.",
        ),
        (
            [{name: value for name, value in event.items() if name != "referrer"} for event in GOOD],
            "The referrer is '(none)', not 'kiosk://device-001'.",
        ),
    ],
)
def test_wrong_pass_names_what_is_wrong(events: list[dict[str, Any]], problem: str) -> None:
    """A status of 1 without a reason is of no use to anybody."""
    assert problem in judge(events, EXPECTED)


def test_item_twice_in_the_list_needs_two_plays() -> None:
    """A list may show one film twice: that is two sessions, not one and a surplus."""
    twice = Expected(("0_first", "0_first"), "kiosk://device-001")
    assert judge([*play("0_first", "a"), *play("0_first", "b")], twice) == []
    assert judge(play("0_first", "a"), twice) == ["0_first: nothing arrived."]


def test_pass_is_complete_when_each_item_has_reached_its_end() -> None:
    """The demo must not wait for what cannot come any more."""
    assert is_complete(GOOD, EXPECTED)
    assert not is_complete(GOOD[:-1], EXPECTED)
    assert is_complete([event for event in GOOD if event["eventType"] != 5], EXPECTED)


def test_table_shows_where_an_event_is_missing_or_doubled() -> None:
    """Of twenty-one events a person wants to see the one."""
    events = [*play("0_first", "a", (1, 2, 3, 3, 4, 5, 6, 7)), *play("0_second", "b", (1, 2))]
    assert [
        "entry      1   2   3   4   5   6   7",
        "0_first    ✓   ✓   2   ✓   ✓   ✓   ✓",
        "0_second   ✓   ✓   –   –   –   –   –",
    ] == table(events, EXPECTED)
