"""An accepted configuration in a running agent: each part is told what concerns it, and nothing else."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from agent.config.setting import Effect
from agent.kernel.session import SessionTracker
from agent.kernel.signals import PlayCommanded, Signal, SkipCommanded
from agent.outbox.store import Outbox
from agent.player import wire
from agent.player.hostoptions import HostOptions
from agent.player.keeper import RestartRules
from agent.player.operations import Next
from agent.player.reports import HostReady
from agent.runtime import assembly
from agent.runtime.destinations import destinations
from agent.runtime.reconfigure import Applied, Applier
from tests.support.configuration import SMALLEST, loaded
from tests.support.delivery import HandClock
from tests.support.loops import Line
from tests.support.outbox import open_outbox

TRACK = "[track_event]\nenabled = true\n"


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    found = open_outbox(tmp_path / "state")
    yield found
    found.close()


class Running:
    """An agent's parts, without threads, and what each of them was told."""

    def __init__(self, folder: Path, outbox: Outbox, text: str = "") -> None:
        self._folder = folder
        self.clock, self.line = HandClock(), Line()
        self.signals: list[Signal] = []
        self.hosts: list[tuple[HostOptions, RestartRules]] = []
        self.tracker = SessionTracker()
        first = loaded(folder, SMALLEST + text)
        self.destinations = destinations(first.settings, outbox, self.clock)
        self.director = assembly.director(first.settings, outbox, self.line, self.clock)
        self.applier = Applier(
            first,
            tracker=self.tracker,
            director=self.director,
            host=self,
            delivery=self.destinations,
            inject=self._inject,
        )
        self._inject(self.director.on_report(HostReady(self.now, 1, 4711, "3.0", ()), self.now))

    @property
    def now(self) -> float:
        return self.clock.now().boottime

    def _inject(self, signals: Sequence[Signal]) -> None:
        self.signals += signals

    def reconfigure(self, options: HostOptions, rules: RestartRules) -> None:
        """The player's supervisor."""
        self.hosts.append((options, rules))

    def apply(self, text: str, *, base: str = SMALLEST) -> Applied:
        return self.applier.apply(loaded(self._folder, base + text), self.now)


def _list(*names: str) -> str:
    return "".join(f'[[player.playlist]]\nuri = "http://127.0.0.1/{name}.mp4"\n' for name in names)


def _current(running: Running) -> str:
    assert running.director.current is not None
    return running.director.current.media.uri.rpartition("/")[2]


def test_same_configuration_disturbs_nobody(tmp_path: Path, outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every document is re-read after a reconnection; most say what holds already."""
    running = Running(tmp_path, outbox, _list("a"))
    monkeypatch.setattr(assembly, "playlist", lambda _: pytest.fail("the card was read"))
    before = len(running.signals), len(running.line.sent), running.destinations.workers
    assert Applied((), frozenset(), restart=False) == running.apply(_list("a"))
    assert before == (len(running.signals), len(running.line.sent), running.destinations.workers)


def test_new_list_is_the_directors_and_nobody_elses(tmp_path: Path, outbox: Outbox) -> None:
    """The film plays on, the next one is another; neither the host nor delivery hears of it."""
    running = Running(tmp_path, outbox, _list("a", "b"))
    workers = running.destinations.workers
    applied = running.apply(_list("a", "c"))
    assert [Effect.LIVE] == [change.effect for change in applied.changes]
    assert (frozenset(), False, [], workers) == (
        applied.connections,
        applied.restart,
        running.hosts,
        running.destinations.workers,
    )
    assert "a.mp4" == _current(running)
    running.director.obey(Next(), running.now)
    assert "c.mp4" == _current(running)


def test_signals_of_a_change_are_injected(tmp_path: Path, outbox: Outbox) -> None:
    """What the director says of a stream that was given up belongs into the log of events."""
    live = '[[player.playlist]]\nuri = "udp://@239.0.0.1:1234"\n'
    running = Running(tmp_path, outbox, live)
    running.signals.clear()
    running.apply(_list("a"))
    assert [SkipCommanded, PlayCommanded] == [type(signal) for signal in running.signals]


def test_loop_shuffle_and_volume_need_no_card(tmp_path: Path, outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of ten thousand films takes seconds to read on a slow card, and it did not change."""
    running = Running(tmp_path, outbox, _list("a", "b"))
    monkeypatch.setattr(assembly, "playlist", lambda _: pytest.fail("the card was read"))
    running.apply("[player]\nvolume = 30\nloop = false\n" + _list("a", "b"))
    assert wire.SetVolume(30) == running.line.sent[-1]
    assert (30, False) == (running.director._screen.volume, running.director._rotation.loop)
    assert [] == running.hosts


def test_seamless_item_is_another_one_when_the_list_no_longer_loops(tmp_path: Path, outbox: Outbox) -> None:
    """It would be repeated for days, by a list that is to end."""
    items = _list("a") + "seamless = true\n"
    running = Running(tmp_path, outbox, items)
    assert running.director.items[0].media.repeats
    running.apply("[player]\nloop = false\n" + items)
    assert not running.director.items[0].media.repeats


def test_players_options_restart_the_player_alone(tmp_path: Path, outbox: Outbox) -> None:
    """Which knows its new options when it starts, and its first item the new picture."""
    running = Running(tmp_path, outbox, _list("a"))
    workers = running.destinations.workers
    more = '[player]\nheadless = true\nrotation = 90\nvlc_options = ["--network-caching=5000"]\n'
    applied = running.apply(more + "[player.restart]\nhang_after_s = 7.0\n" + _list("a"))
    ((options, rules),) = running.hosts
    assert HostOptions(headless=True, vlc_options=("--network-caching=5000",)) == options
    assert (7.0, 90) == (rules.silence, running.director._screen.rotation)
    assert (frozenset({"player"}), False, workers) == (
        applied.connections,
        applied.restart,
        running.destinations.workers,
    )


def test_rules_for_entries_hold_for_the_list_without_a_new_player(tmp_path: Path, outbox: Outbox) -> None:
    """libvlc knows nothing of entries."""
    name = '[[player.playlist]]\nuri = "http://127.0.0.1/0_abcd1234.mp4"\n'
    running = Running(tmp_path, outbox, name + name.replace("0_", "1_"))
    applied = running.apply('[kaltura.entries]\nfile_pattern = ""\n' + name + name.replace("0_", "1_"))
    assert ([], frozenset()) == (running.hosts, applied.connections)
    assert "0_abcd1234" == running.director.current.media.entry_id if running.director.current else None
    assert [None, None] == [item.media.entry_id for item in running.director.items]


def test_address_renews_delivery_alone(tmp_path: Path, outbox: Outbox) -> None:
    """The picture has nothing to do with where it is told of."""
    running = Running(tmp_path, outbox, TRACK + _list("a"))
    sent = list(running.line.sent)
    base = SMALLEST.replace("8911", "8912")
    applied = running.apply(TRACK + _list("a"), base=base)
    assert (frozenset({"stats.collect"}), False) == (applied.connections, applied.restart)
    assert (sent, []) == (running.line.sent, running.hosts)


def test_destination_that_is_switched_on_or_off_asks_the_tracker(tmp_path: Path, outbox: Outbox) -> None:
    """Its heartbeat comes with the next session; without it the server would count nothing."""
    running = Running(tmp_path, outbox)
    running.apply(TRACK + "player_events = true\n")
    assert ["deliver stats.collect", "deliver trackEvent"] == [each.name for each in running.destinations.workers]
    assert running.tracker._memory.beats
    assert frozenset() == running.apply("").connections, "one that is switched off cannot fail"
    assert not running.tracker._memory.beats


def test_brokers_settings_are_named_and_left_to_whoever_has_the_line(tmp_path: Path, outbox: Outbox) -> None:
    """The line is on trial as any other connection."""
    running = Running(tmp_path, outbox)
    applied = running.apply('[remote]\nurl = "mqtt://127.0.0.1"\n')
    assert (frozenset({"broker"}), False) == (applied.connections, applied.restart)


def test_names_for_people_concern_nobody(tmp_path: Path, outbox: Outbox) -> None:
    """`status` reads them from what is in force."""
    running = Running(tmp_path, outbox)
    applied = running.apply("", base=SMALLEST.replace("[kaltura]", 'site = "Berlin"\n[kaltura]'))
    assert (frozenset(), False) == (applied.connections, applied.restart)
    assert "Berlin" == running.applier.loaded.settings.device.site


def test_one_setting_that_needs_another_process_leaves_everything_to_it(tmp_path: Path, outbox: Outbox) -> None:
    """Half a configuration is one that nobody wrote: not even its volume is taken before the agent starts again."""
    running = Running(tmp_path, outbox, _list("a", "b"))
    old, sent, workers = running.applier.loaded, list(running.line.sent), running.destinations.workers
    base = SMALLEST.replace("partner_id = 102", "partner_id = 103").replace("8911", "8912")
    applied = running.apply(
        '[log]\nlevel = "debug"\n[player]\nvolume = 3\nfullscreen = false\n' + _list("c"), base=base
    )
    assert applied.restart
    assert frozenset({"stats.collect", "player"}) == applied.connections, "these are on trial in the next process"
    assert (sent, [], workers, old) == (
        running.line.sent,
        running.hosts,
        running.destinations.workers,
        running.applier.loaded,
    )
    assert "a.mp4" == _current(running)


def test_player_that_is_not_ours_is_not_made_anew_by_a_setting(outbox: Outbox, tmp_path: Path) -> None:
    """It is watched by the new rules; a trial that waited for it to come back would give the change back."""
    running = Running(tmp_path, outbox, '[player]\nsource = "mpris"\n')
    applied = running.apply('[player]\nsource = "mpris"\nvolume = 3\n[player.restart]\nhang_after_s = 9.0\n')
    assert (frozenset(), False) == (applied.connections, applied.restart)
    assert [9.0] == [rules.silence for _, rules in running.hosts]
    assert running.apply("").restart, "another source is another kind of player"
