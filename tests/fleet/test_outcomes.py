"""What became of a document at each device."""

from typing import Any

import pytest

from agent.fleet.outcomes import Outcome, Verdict, final, outcome
from agent.fleet.sighting import Presence, Sighting
from agent.remote.topics import Fleet

ONLINE = Presence(online=True, session=3)
GONE = Presence(online=False, session=3, reason="lost")


def device(wanted: int | None, applied: int | None, problems: list[str] | None = None, **config: Any) -> Sighting:
    levels = {"fleet": {"wanted": wanted, "applied": applied, "problems": problems or []}, **config.pop("levels", {})}
    return Sighting("a", ONLINE, {"session": 3, "config": {"state": "applied", "levels": levels, **config}})


@pytest.mark.parametrize(
    ("verdict", "reasons", "sighting"),
    [
        (Verdict.APPLIED, (), device(7, 7)),
        (Verdict.WAITING, (), device(6, 6)),
        (Verdict.WAITING, (), device(None, None)),
        (Verdict.WAITING, (), device(7, 6)),
        (Verdict.WAITING, (), Sighting("a", ONLINE)),
        (Verdict.REFUSED, ("volume is 900",), device(7, 6, ["volume is 900"], state="refused")),
        (Verdict.REFUSED, ("no reason given",), device(7, 6, state="refused")),
        (
            Verdict.REFUSED,
            ("7 is known here with another content",),
            device(7, 7, ["7 is known here with another content"]),
        ),
        (
            Verdict.REFUSED,
            ("group/lobby: bad",),
            device(7, 6, state="refused", levels={"group/lobby": {"wanted": 1, "problems": ["bad"]}}),
        ),
        (Verdict.TRIAL, ("stats.collect",), device(7, 7, state="trial", trial={"on": ["stats.collect"]})),
        (Verdict.APPLIED, (), device(7, 7, state="trial", trial={"on": [], "left_s": 50.0})),
        (Verdict.TRIAL, (), device(7, 7, state="trial")),
        (Verdict.RETURNED, ("gone",), device(7, 6, returned={"revisions": {"fleet": 7}, "reason": "gone"})),
        (Verdict.SUPERSEDED, ("revision 8 came after it",), device(8, 8)),
        (Verdict.OFFLINE, (), Sighting("a", GONE, device(6, 6).state)),
        (Verdict.APPLIED, (), Sighting("a", GONE, device(7, 7).state)),
        (Verdict.OFFLINE, (), Sighting("a", GONE, device(7, 7, state="trial").state)),
    ],
)
def test_device_is_judged_by_what_it_reports(verdict: Verdict, reasons: tuple[str, ...], sighting: Sighting) -> None:
    """`push` ends with these words, and scripts with its status."""
    assert Outcome("a", verdict, reasons) == outcome(sighting, Fleet(), 7)


def test_earlier_return_says_nothing_about_this_revision() -> None:
    """The report of last week's trouble stays until the next change."""
    assert Verdict.APPLIED is outcome(device(7, 7, returned={"revisions": {"fleet": 5}}), Fleet(), 7).verdict


def test_after_the_wait_who_said_nothing_is_silent_and_comes_before_the_well() -> None:
    """Somebody must look at it: the device is there and does not answer."""
    found = final([Outcome("c", Verdict.APPLIED), Outcome("b", Verdict.WAITING), Outcome("a", Verdict.REFUSED)])
    assert [("a", Verdict.REFUSED), ("b", Verdict.SILENT), ("c", Verdict.APPLIED)] == [
        (each.device, each.verdict) for each in found
    ]
    assert [True, True, False] == [each.has_failed for each in found]


def test_hostile_reasons_are_printable() -> None:
    """They are printed as they came."""
    assert ("\\x1b[2J",) == outcome(device(7, 6, ["\x1b[2J"]), Fleet(), 7).reasons
