"""The device's own days, in zones that make trouble."""

from datetime import date
from pathlib import Path

import pytest

from agent.runtime.reporting.zone import Days, begin_of, day_of, offset_s, time_of, zone
from tests.support.zones import in_zone


@pytest.mark.parametrize("name", ["Europe/Berlin", "UTC", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia"])
@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25), date(2017, 10, 15), date(2018, 2, 18)])
def test_day_begins_where_the_day_before_ends(name: str, day: date) -> None:
    """Clocks jump, in Brazil at midnight itself: no play may fall between two days, or into both."""
    with in_zone(name):
        begin = begin_of(day)
        assert str(day) == day_of(begin) == day_of(begin + 1800)
        assert str(day) > day_of(begin - 0.001)


def test_days_are_remembered_and_never_wrong() -> None:
    """Most lines lie in the day of the line before; the others must not."""
    with in_zone("Europe/Berlin"):
        days = Days()
        begin = begin_of(date(2026, 10, 24))
        for hour in [*range(100), *reversed(range(100))]:
            wall = begin + hour * 3600 + 0.5
            assert day_of(wall) == days.of(wall)


@pytest.mark.parametrize("wall", [1e20, -1e20, float("nan"), float("inf"), 253_402_300_799.0])
def test_broken_clock_raises_nothing(wall: float) -> None:
    """It is a line of the report, and no end of it."""
    assert day_of(wall) == Days().of(wall)
    assert time_of(wall)
    assert begin_of(date.min) < begin_of(date.max)


def test_zone_is_named_as_people_know_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever adds up a fleet must see that its days begin at different moments."""
    with in_zone("Asia/Kathmandu"):
        assert ("Asia/Kathmandu", 20_700) == (zone(), offset_s())
        assert "13:45:00" == time_of(1_800_000_000.0)
    monkeypatch.delenv("TZ", raising=False)
    link = tmp_path / "localtime"
    link.symlink_to("/usr/share/zoneinfo/Europe/Berlin")
    assert "Europe/Berlin" == zone(link)
    assert zone(tmp_path / "missing")
    (tmp_path / "copied").write_bytes(b"TZif")
    assert zone(tmp_path / "copied")
