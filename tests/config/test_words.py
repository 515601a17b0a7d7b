"""Settings with a small grammar of their own."""

from datetime import UTC, date, datetime

import pytest

from agent.config.kinds import Kind, MisfitError
from agent.config.words import DeviceId, EntryId, Hours, Moment, Pattern, Template, VlcOption, fill


@pytest.mark.parametrize(
    ("expected", "kind", "value"),
    [
        ("device-001", DeviceId(), "device-001"),
        ("a", DeviceId(), "a"),
        ("0_abcd1234", EntryId(), "0_abcd1234"),
        (date(2026, 12, 24), Moment(), date(2026, 12, 24)),
        (date(2026, 12, 24), Moment(), "2026-12-24"),
        (datetime(2026, 12, 24, 18), Moment(), "2026-12-24T18:00:00"),
        (datetime(2026, 12, 24, 18, tzinfo=UTC), Moment(), "2026-12-24T18:00:00Z"),
        (r"(\d_\w+)", Pattern(), r"(\d_\w+)"),
        ("", Pattern(), ""),
        ("kiosk://{device.id}", Template(("device.id",), 50), "kiosk://{device.id}"),
        ("--file-caching=300", VlcOption("--", "--x"), "--file-caching=300"),
        (":no-audio", VlcOption(":", ":x"), ":no-audio"),
    ],
)
def test_fitting_value_is_read(expected: object, kind: Kind, value: object) -> None:
    """TOML has dates, JSON documents have texts: both are the same moment."""
    assert expected == kind.read(value)


@pytest.mark.parametrize(
    ("what", "suggestion", "kind", "value"),
    [
        ('found "Device_001"', '"device-001"', DeviceId(), "Device_001"),
        ('found "Lobby: left"', '"lobby-left"', DeviceId(), "Lobby: left"),
        ('found "-"', None, DeviceId(), "-"),
        ("found 7", None, DeviceId(), 7),
        ('found "0_abc 123"', None, EntryId(), "0_abc 123"),
        ('found "25:00-26:00": no such time of day', None, Hours(), "25:00-26:00"),
        ('found "24.12.2026"', None, Moment(), "24.12.2026"),
        ("found 2026", None, Moment(), 2026),
        ('found "(": missing ), unterminated subpattern at position 0', None, Pattern(), "("),
        ("found {device.nam}", "{device.name}", Template(("device.id", "device.name"), 50), "x{device.nam}"),
        ("found {}", None, Template(("device.id",), 50), "x{}"),
        ('found "network-caching=300"', '"--network-caching=300"', VlcOption("--", "--x"), "network-caching=300"),
        ('found "--no-audio"', '":no-audio"', VlcOption(":", ":x"), "--no-audio"),
        ('found "--"', None, VlcOption("--", "--x"), "--"),
    ],
)
def test_misfit_says_what_was_found_and_meant(what: str, suggestion: str | None, kind: Kind, value: object) -> None:
    """These grammars are ours, so nobody knows them by heart."""
    with pytest.raises(MisfitError) as raised:
        kind.read(value)
    assert (what, suggestion) == (raised.value.what, raised.value.suggestion)


def test_template_is_filled() -> None:
    """Text that only looks like Python's format fields stays harmless."""
    assert "kiosk://a/" == fill("kiosk://{device.id}/{device.site}", {"device.id": "a"})
    assert "{a.b!r:{c}}" != fill("{a.b!r:{c}}", {"c": "x"})
    assert "x{" == fill("x{", {})
