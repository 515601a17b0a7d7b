"""The tree of settings as a whole."""

import re

import attrs
import pytest

from agent.config.model import Settings
from agent.config.plain import plain
from agent.config.setting import Setting, Table, default_of, entries, walk

SETTINGS = [(".".join(path), model, entry) for path, model, entry in walk(Settings) if isinstance(entry, Setting)]


@pytest.mark.parametrize(("name", "model", "entry"), SETTINGS, ids=[name for name, _, _ in SETTINGS])
def test_setting_is_described_and_accepts_its_own_default_and_example(
    name: str, model: type[object], entry: Setting
) -> None:
    """Documentation that contradicts the check is worse than none."""
    key = name.rsplit(".", 1)[-1]
    assert re.fullmatch("[a-z][a-z0-9_]*", key)
    assert entry.help.endswith(".")
    default = default_of(model, key)
    if default is None or default == "":
        assert entry.unset or entry.required
    else:
        value = plain(default)
        assert default == entry.kind.read(value)
    if entry.example is not None:
        entry.kind.read(entry.example)


def test_durations_and_sizes_carry_their_unit_in_their_name() -> None:
    """`timeout = 5000` has ended many a night (house rule 12)."""
    for name, _, entry in SETTINGS:
        assert (entry.unit == "s") == name.endswith("_s"), name
        assert (entry.unit == "bytes") == name.endswith("_bytes"), name
        assert (entry.unit == "days") == name.endswith("_days"), name


def test_nothing_that_leads_events_or_files_astray_may_be_set_remotely() -> None:
    """A hostile document can neither send events elsewhere nor read a file (decision 35)."""
    remote = {name for name, _, entry in SETTINGS if entry.remote}
    item = (
        "uri",
        "entry_id",
        "duration_s",
        "live",
        "volume",
        "rotation",
        "hours",
        "valid_from",
        "valid_until",
        "role",
        "at_s",
        "seamless",
        "cache",
        "sha256",
        "options",
    )
    assert {
        *("kaltura.enabled", "track_event.enabled", "track_event.player_events", "xapi.enabled", "log.level"),
        *("remote.report_every_s", "player.frozen.enabled", "player.frozen.after_s"),
        *("display.enabled", "display.hours", "display.dark_plays"),
        *("xapi.batch_size", "xapi.coalesce_s"),
        *(f"kaltura.backlog.{name}" for name in ("batch_size", "rate", "coalesce_s")),
        *(f"player.{name}" for name in ("loop", "shuffle", "volume", "rotation", "image_duration_s")),
        *(f"player.playlist.{name}" for name in (*item, "start_s", "stop_s")),
    } == remote
    assert not any(entry.remote for _, _, entry in SETTINGS if entry.secret)


def test_values_come_before_tables_and_cannot_be_changed() -> None:
    """In TOML a value after a table's header belongs to that table; and settings travel between threads."""
    for path, _, entry in [((), Settings, Table(Settings, "", many=False)), *walk(Settings)]:
        if isinstance(entry, Table):
            kinds = [isinstance(each, Table) for _, each in entries(entry.model)]
            assert sorted(kinds) == kinds, path
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        Settings().log.level = None  # type: ignore[misc,assignment]
