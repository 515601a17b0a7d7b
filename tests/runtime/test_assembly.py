"""The parts, made from the settings."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from agent.config.files import Loaded
from agent.config.intake import Visits as VisitSettings
from agent.config.player import Headless
from agent.kernel.signals import PlaybackFailed, Playing, TimeChanged
from agent.kernel.visits import Visits
from agent.outbox.store import Outbox
from agent.player import wire
from agent.player.attachment import Attachment
from agent.player.link import MAX_PATH_BYTES
from agent.player.reports import Heard, HostReady
from agent.player.unit import Unit
from agent.player.watcher import Watcher
from agent.runtime import assembly
from agent.runtime.journal import DIRECTOR
from agent.runtime.reception import VISITS
from agent.sinks.kaltura.semantics import Semantics
from tests.support.configuration import SMALLEST, loaded
from tests.support.delivery import HandClock
from tests.support.loops import Line
from tests.support.outbox import an_instant, open_outbox
from tests.support.players import short_folder

LIST = "".join(f'[[player.playlist]]\nuri = "file:///srv/{name}.mp4"\nentry_id = "0_{name * 4}"\n' for name in "ab")


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    found = open_outbox(tmp_path / "state")
    yield found
    found.close()


@pytest.fixture
def settings(tmp_path: Path) -> Loaded:
    return loaded(tmp_path, SMALLEST + "[player]\nvolume = 40\n" + LIST)


@pytest.mark.parametrize(
    "state", ["", "no JSON", "[]", "null", "17", '{"rotation": 5, "tokens": "x", "boot": []}', "{}"]
)
def test_unreadable_place_in_the_list_begins_it_anew(outbox: Outbox, settings: Loaded, state: str) -> None:
    """What a later version or a bad block left there must not keep the screen black at every start."""
    outbox.append([], states={DIRECTOR: state})
    clock, line = HandClock(), Line()
    director = assembly.director(settings.settings, outbox, line, clock)
    now = clock.now().boottime
    director.on_report(HostReady(now, 1, 4711, "3.0", ()), now)
    assert {"missing": 2} == director.outcomes.passed, "both items were tried: neither file is there"


def test_semantics_are_those_of_the_settings(tmp_path: Path) -> None:
    """One named choice; the guide's is the default (decision 17)."""
    kaltura = loaded(tmp_path, SMALLEST).settings.kaltura
    assert Semantics.GUIDE is assembly.semantics(kaltura)
    kaltura = loaded(tmp_path, SMALLEST + 'event_semantics = "player"\n').settings.kaltura
    assert Semantics.PLAYER is assembly.semantics(kaltura)


def test_profile_is_the_settings_own(tmp_path: Path) -> None:
    """What every event says of this kiosk."""
    profile = assembly.profile(loaded(tmp_path, SMALLEST).settings)
    assert ("device-001", "kiosk://device-001", 102) == (profile.device_id, profile.referrer, profile.partner_id)


def test_kiosk_that_does_not_report_needs_no_partner(tmp_path: Path) -> None:
    """It plays; its events are passed over and sent to nobody."""
    settings = loaded(tmp_path, '[device]\nid = "d"\n[kaltura]\nenabled = false\n').settings
    assert 0 == assembly.profile(settings).partner_id


def test_state_folder_too_deep_for_a_socket_still_gets_one(outbox: Outbox, settings: Loaded, tmp_path: Path) -> None:
    """A Unix socket's path holds 107 bytes; a folder may be deeper than that."""
    deep = tmp_path / ("d" * 120)
    deep.mkdir()
    supervisor = assembly.keeper(settings.settings, deep, put=lambda _: None, clock=HandClock())
    path = supervisor._listener.path
    assert len(os.fsencode(path)) <= MAX_PATH_BYTES
    assert path.exists()
    assert 0o700 == path.parent.stat().st_mode & 0o777
    supervisor._listener.close()


@pytest.mark.parametrize("names", ["one", "one:two", None])
def test_player_that_is_a_service_is_awaited_in_the_runtime_folder(
    names: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its unit names the same path; without systemd there is the state folder."""
    with short_folder() as folder:
        (folder / "one").mkdir()
        monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
        if names is not None:
            monkeypatch.setenv("RUNTIME_DIRECTORY", ":".join(str(folder / name) for name in names.split(":")))
        settings = loaded(tmp_path, SMALLEST + '[player]\nhost = "unit"\n').settings
        keeper = assembly.keeper(settings, folder, put=lambda _: None, clock=HandClock(), taken=(7, 3))
        assert isinstance(keeper, Unit)
        assert (folder if names is None else folder / "one") / "player.sock" == keeper._listener.path
        keeper._listener.close()
    assert assembly.plays_on(settings.player)


@pytest.mark.parametrize("source", ["mpris", "http"])
def test_player_that_is_not_ours_is_watched(
    outbox: Outbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    """Its host dials the socket that a unit's would; it plays on when the agent ends; the list may be empty."""
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
    found = loaded(tmp_path, SMALLEST + f'[player]\nsource = "{source}"\n')
    assert [] == [str(warning) for warning in found.warnings]
    with short_folder() as folder:
        keeper = assembly.keeper(found.settings, folder, put=lambda _: None, clock=HandClock(), taken=(7, 3))
        assert isinstance(keeper, Attachment)
        assert folder / "player.sock" == keeper._listener.path
        keeper._listener.close()
    assert assembly.plays_on(found.settings.player)
    watcher = assembly.conductor(found.settings, outbox, Line(), HandClock())
    assert isinstance(watcher, Watcher)
    assert () == watcher.items


def test_screen_is_the_settings_own(outbox: Outbox, tmp_path: Path) -> None:
    """The volume that the operator wrote is the one that the first item is played with."""
    clip = tmp_path / "clip.mp4"
    clip.touch()
    text = SMALLEST + f'[player]\nvolume = 40\n[[player.playlist]]\nuri = "{clip.as_uri()}"\n'
    clock, line = HandClock(), Line()
    director = assembly.director(loaded(tmp_path, text).settings, outbox, line, clock)
    now = clock.now().boottime
    director.on_report(HostReady(now, 1, 4711, "3.0", ()), now)
    (load,) = line.sent
    assert isinstance(load, wire.Load)
    assert (clip.as_uri(), 40) == (load.uri, load.volume)


@pytest.mark.parametrize(("display", "found"), [(":0", False), ("", True)])
def test_player_is_headless_only_where_there_is_no_screen(
    monkeypatch: pytest.MonkeyPatch, *, display: str, found: bool
) -> None:
    """A graphics card without a monitor is no screen: libvlc ended at every item there. A setting is believed."""
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr("agent.player.display._is_connected", lambda _: False)
    assert found == assembly.is_headless(Headless.AUTO)
    assert (True, False) == (assembly.is_headless(Headless.ALWAYS), assembly.is_headless(Headless.NEVER))


@pytest.mark.parametrize("stepped", [0.0, 5000.0])
def test_item_is_taken_from_the_screen_when_its_hours_end(outbox: Outbox, tmp_path: Path, stepped: float) -> None:
    """An hour's offer ends with the hour, by the clock on the wall, even where that was set while it was shown."""
    picture = tmp_path / "offer.png"
    picture.touch()
    clock, line = HandClock(), Line()
    wall = datetime.fromtimestamp(clock.now().wall)
    hours = f"{wall - timedelta(minutes=5):%H:%M}-{wall + timedelta(minutes=60):%H:%M}"
    text = f'[player]\n[[player.playlist]]\nuri = "{picture.as_uri()}"\nduration_s = 86400\nhours = "{hours}"\n'
    director = assembly.director(loaded(tmp_path, SMALLEST + text).settings, outbox, line, clock)
    director.on_report(HostReady(0.0, 1, 4711, "3.0", ()), clock.now().boottime)
    director.on_report(Heard(1, 1, 1, Playing(clock.now().boottime)), clock.now().boottime)
    director.obey(wire.Pause(), clock.now().boottime)
    clock.instant = replace(clock.instant, wall=clock.instant.wall + stepped)
    shown = 0.0
    while director.current is not None:
        due = director.deadline
        assert due is not None
        shown += due - clock.now().boottime
        clock.move(due - clock.now().boottime)
        director.tick(clock.now().boottime)
    # `wall` is somewhere within the minute in which the hours began.
    assert 60.0 == shown if stepped else 3540.0 < shown <= 3600.0
    assert {"closed": 1} == director.outcomes.passed
    assert wire.Stop() == line.sent[-1]


def test_item_without_hours_is_never_asked_about_them(outbox: Outbox, tmp_path: Path) -> None:
    """Most items have none; looking through a calendar every minute is not for nothing on a Pi."""
    clip = tmp_path / "clip.mp4"
    clip.touch()
    clock, line = HandClock(), Line()
    text = f'[[player.playlist]]\nuri = "{clip.as_uri()}"\n'
    director = assembly.director(loaded(tmp_path, SMALLEST + text).settings, outbox, line, clock)
    now = clock.now().boottime
    director.on_report(HostReady(now, 1, 4711, "3.0", ()), now)
    director.on_report(Heard(1, 1, 1, Playing(now)), now)
    director.obey(wire.Pause(), now)
    assert director.deadline is None


def test_list_without_a_playable_item_says_so_in_the_log_and_when_it_plays_again(
    outbox: Outbox, tmp_path: Path
) -> None:
    """Whoever stands before a dark screen looks there first (decision 19); a password is nobody's business there."""
    clip = tmp_path / "clip.mp4"
    text = f'[[player.playlist]]\nuri = "{clip.as_uri()}"\n[[player.playlist]]\nuri = "http://u:pw@host/a.mp4"\n'
    clock, line = HandClock(), Line()
    with capture_logs() as logs:
        director = assembly.director(loaded(tmp_path, SMALLEST + text).settings, outbox, line, clock)
        now = clock.now().boottime
        director.on_report(HostReady(now, 1, 4711, "3.0", ()), now)
        director.on_report(Heard(1, 1, 1, PlaybackFailed(now)), now)
        clip.touch()
        director.tick(now + 60.0)
        director.on_report(Heard(1, 2, 2, Playing(now + 61.0)), now + 61.0)
        director.on_report(Heard(1, 3, 2, TimeChanged(now + 62.0, 1.0)), now + 62.0)
    given_up = {"event": "playlist item given up", "log_level": "warning"}
    assert [
        given_up | {"uri": clip.as_uri(), "reason": "missing"},
        given_up | {"uri": "http://***@host/a.mp4", "reason": "unplayable"},
        {"event": "playlist rests, since no item can be played", "log_level": "warning"},
        {"event": "playlist plays again", "log_level": "info", "rests": 1, "seconds": 62.0},
    ] == [entry for entry in logs if "doubt" not in entry]


def test_visits_go_on_counting_after_a_restart(outbox: Outbox) -> None:
    """The same context for two visitors would put their clicks together."""
    settings = VisitSettings(enabled=True)
    first = assembly.visits(settings, outbox, an_instant(1.0))
    context = first.start(1.0)
    outbox.append([], states={VISITS: first.state()})
    again = assembly.visits(settings, outbox, an_instant(2.0))
    assert context == again.current(2.0)
    assert context != again.start(3.0)


def test_unreadable_visits_begin_where_none_has_been(outbox: Outbox) -> None:
    """A damaged text must not stop the agent, nor give a context twice."""
    outbox.append([], states={VISITS: "nonsense"})
    found = assembly.visits(VisitSettings(enabled=True), outbox, an_instant(1.0))
    fresh = Visits(outbox.generation, boot="b", idle_s=90.0, enabled=True)
    assert found.start(1.0) not in (None, fresh.start(1.0))


def test_list_that_took_long_to_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The main loop waits for a slow card; whoever wonders why a command was late finds it in the log."""
    for limit, told in ((1000.0, 0), (0.0, 1)):
        monkeypatch.setattr(assembly, "SLOW_READING_S", limit)
        with capture_logs() as logs:
            assembly.playlist(loaded(tmp_path, SMALLEST).settings)
        assert told == len([entry for entry in logs if entry["event"] == "playlist took long to read"])
