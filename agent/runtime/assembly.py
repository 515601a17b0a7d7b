"""The player's and the destination's parts, made from the settings.

Contract: one function a part; nothing is started here.
"""

import json
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, assert_never

import structlog

from agent.config.hours import HORIZON_S, is_open, next_change
from agent.config.identity import derived_id, read_machine
from agent.config.intake import Visits as VisitSettings
from agent.config.kaltura import EventSemantics, Kaltura
from agent.config.model import Settings
from agent.config.player import Headless, HostMode
from agent.config.player import Player as PlayerSettings
from agent.kernel.instants import Clock, Instant
from agent.kernel.rotation import Rotation
from agent.kernel.visits import Visits
from agent.outbox.store import Outbox
from agent.player import handover
from agent.player.conductor import Conductor
from agent.player.director import Director
from agent.player.display import has_display
from agent.player.hostoptions import HostOptions
from agent.player.items import ALWAYS, Item, Plan, Screen
from agent.player.keeper import Keeper, RestartRules
from agent.player.lifecycle import Child
from agent.player.link import MAX_PATH_BYTES, Listener
from agent.player.outcomes import ItemFailed, ListPlays, ListRests, News
from agent.player.playlist import expand, may_exist
from agent.player.reports import Report
from agent.player.supervisor import Supervisor
from agent.player.surroundings import Link, Surroundings
from agent.player.unit import Unit
from agent.runtime.caching import Caching
from agent.runtime.clock import SystemClock
from agent.runtime.journal import DIRECTOR
from agent.runtime.reception import VISITS
from agent.runtime.recorder import Profile
from agent.runtime.viewers import Viewers
from agent.sinks.http.client import Timeouts, Wire
from agent.sinks.kaltura.semantics import Semantics

log = structlog.get_logger()

PLAYER_SOCKET = "player.sock"
# Whose members may play for us, where the player is a service of its own.
PLAYER_GROUP = "kiosk-player"
# A list of usual length is read within milliseconds. The main loop waits for it: the player's words wait in its mailbox
# meanwhile and no stall is told of, but commands wait too, and whoever wonders finds why in the log.
SLOW_READING_S = 1.0


def profile(settings: Settings) -> Profile:
    """Whom events belong to."""
    kaltura = settings.kaltura
    return Profile(
        device_id=settings.device.id,
        referrer=kaltura.referrer,
        # Without reporting there may be no partner; such events are passed over and never sent.
        partner_id=kaltura.partner_id or 0,
        user_id=kaltura.user_id,
        uiconf_id=kaltura.uiconf_id,
        client_version=kaltura.client_version,
        widget_id=kaltura.widget_id,
        viewers=Viewers(kaltura.unique_viewer, settings.device.id, derived_id(read_machine()) or settings.device.id),
    )


def semantics(kaltura: Kaltura) -> Semantics:
    """Whose rules stats.collect events follow."""
    return Semantics.PLAYER if kaltura.event_semantics is EventSemantics.PLAYER else Semantics.GUIDE


def keeper(
    settings: Settings,
    state_dir: Path,
    *,
    put: Callable[[Report], None],
    clock: Clock,
    taken: tuple[int, int] = (0, 0),
) -> Keeper:
    """The keeper of the player host. `taken`: see `last_taken`. Raises LinkPathError."""
    rules = restart_rules(settings.player)
    if settings.player.is_attached:
        from agent.player.attachment import SERVICE, Attachment  # noqa: PLC0415

        now = lambda: clock.now().boottime  # noqa: E731
        return Attachment(_shared_socket(state_dir), rules=rules, put=put, now=now, taken=taken, service=SERVICE)
    match settings.player.host:
        case HostMode.CHILD:
            path = _socket_path(state_dir)
            child = Child(path, host_options(settings.player))
            return Supervisor(child, path, rules=rules, put=put, now=lambda: clock.now().boottime)
        case HostMode.UNIT:
            listener = _shared_socket(state_dir)
            return Unit(listener, rules=rules, put=put, now=lambda: clock.now().boottime, taken=taken)
        case _:
            assert_never(settings.player.host)


def _shared_socket(state_dir: Path) -> Listener:
    """Where hosts of other users dial: in the runtime folder, which they can reach, or else in the state folder."""
    # systemd names several folders with colons between them.
    folder = Path(os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0] or state_dir)
    return Listener(folder.absolute() / PLAYER_SOCKET, PLAYER_GROUP)


def host_options(player: PlayerSettings) -> HostOptions:
    """What a player host is started with."""
    return HostOptions(headless=is_headless(player.headless), vlc_options=player.vlc_options)


def restart_rules(player: PlayerSettings) -> RestartRules:
    """How a player host is watched."""
    rules = player.restart
    return RestartRules(rules.hang_after_s, rules.first_delay_s, rules.longest_delay_s)


def _socket_path(state_dir: Path) -> Path:
    """In the state folder, or, where that path is too long for a Unix socket, in a short private folder."""
    path = state_dir.absolute() / PLAYER_SOCKET
    if len(os.fsencode(path)) <= MAX_PATH_BYTES:
        return path
    return Path(tempfile.mkdtemp(prefix="kiosk-agent-")) / PLAYER_SOCKET


def is_headless(wanted: Headless) -> bool:
    """Whether the player gets null outputs."""
    return not has_display(os.environ) if wanted is Headless.AUTO else wanted is Headless.ALWAYS


def plays_on(player: PlayerSettings) -> bool:
    """Whether the player goes on when the agent ends."""
    return player.is_attached or player.host is HostMode.UNIT


def last_taken(outbox: Outbox) -> tuple[int, int]:
    """(run, number) of the last signal of a player that goes on without us that an earlier process took in."""
    return handover.taken(_director_state(outbox))


def conductor(settings: Settings, outbox: Outbox, link: Link, clock: Clock) -> Conductor:
    """Who knows what is on the screen: the director of our own player, or the watcher of one that is not ours."""
    if not settings.player.is_attached:
        return director(settings, outbox, link, clock)
    # Memory: most kiosks have a player of their own.
    from agent.player.naming import Naming  # noqa: PLC0415
    from agent.player.watcher import Watcher  # noqa: PLC0415

    naming = Naming(playlist(settings), settings.kaltura.entries.rules)
    return Watcher(naming, link=link, boot=clock.now().boot_id, tell=_log, state=_director_state(outbox))


def director(settings: Settings, outbox: Outbox, link: Link, clock: Clock) -> Director:
    """The driver of the playlist, going on where the last process was."""
    planned = plan(settings, playlist(settings))

    def may_play(item: Item) -> bool:
        return is_open(item.window, clock.now().wall)

    def closes_in(item: Item) -> float | None:
        wall = clock.now().wall
        if item.window == ALWAYS:
            return None
        if not is_open(item.window, wall):
            return 0.0
        closes = next_change(item.window, wall)
        return closes - wall if closes is not None else HORIZON_S

    return Director(
        planned.items,
        Rotation((), loop=planned.loop, shuffle=planned.shuffle, seed=outbox.generation),
        link=link,
        screen=planned.screen,
        around=Surroundings(may_play=may_play, closes_in=closes_in, may_exist=may_exist, tell=_log),
        boot=clock.now().boot_id,
        state=_director_state(outbox),
        hands_over=plays_on(settings.player),
        # No process gives a thousand tokens a second, so each one's are larger than those before in this boot.
        tokens_from=int(clock.now().boottime * 1000) if plays_on(settings.player) else 0,
    )


def caching(settings: Settings, state_dir: Path, clock: Clock, spawn: Callable[..., object]) -> Caching:
    """Who keeps copies of media, where an item wants one."""
    agent, bound = settings.kaltura.client_version, settings.queue.max_bytes
    return Caching(state_dir, clock, queue_bytes=bound, user_agent=agent, spawn=spawn)


def playlist(settings: Settings) -> tuple[Item, ...]:
    """The items of the list, read from the disk; what is wrong with it goes to the log."""
    began = time.monotonic()
    found = expand(settings.player, settings.kaltura.entries.rules)
    seconds = time.monotonic() - began
    if seconds > SLOW_READING_S:
        log.warning("playlist took long to read", items=len(found.items), seconds=round(seconds, 1))
    for problem in found.problems:
        log.warning("playlist", doubt=problem)
    return found.items


def plan(settings: Settings, items: tuple[Item, ...]) -> Plan:
    """What is to be played, and how."""
    player = settings.player
    screen = Screen(player.volume, player.audio_device, player.rotation.value, player.fullscreen)
    return Plan(items, player.loop, player.shuffle, screen, settings.kaltura.entries.rules)


def _log(news: News) -> None:
    match news:
        case ItemFailed(uri, reason):
            log.warning("playlist item given up", uri=uri, reason=reason.value)
        case ListRests():
            log.warning("playlist rests, since no item can be played")
        case ListPlays(rests, seconds):
            log.info("playlist plays again", rests=rests, seconds=round(seconds, 1))
        case _:
            assert_never(news)


def _director_state(outbox: Outbox) -> Mapping[str, Any] | None:
    """Where the list was; None, with a log line, where that cannot be read: the list then begins anew."""
    text = outbox.state(DIRECTOR)
    if text is None:
        return None
    try:
        state = json.loads(text)
    except ValueError:
        state = None
    if not isinstance(state, dict):
        log.error("place in the list unreadable, beginning anew")
        return None
    return state


def wire_to(kaltura: Kaltura) -> Wire:
    """The road to the service, as configured; `doctor` tries the same one."""
    return Wire(
        user_agent=kaltura.client_version,
        monotonic=time.monotonic,
        timeouts=Timeouts(kaltura.connect_timeout_s, kaltura.read_timeout_s, kaltura.total_timeout_s),
        proxy={"environment": None, "none": ""}.get(kaltura.proxy, kaltura.proxy),
        now=SystemClock().now,
    )


def visits(settings: VisitSettings, outbox: Outbox, now: Instant) -> Visits:
    """Visits as the last process left them. Where that cannot be read none of their numbers is given again."""
    rules: dict[str, Any] = {"boot": now.boot_id, "idle_s": settings.idle_s, "enabled": settings.enabled}
    text = outbox.state(VISITS) or ""
    try:
        return Visits.restore(text, outbox.generation, **rules)
    except ValueError as error:
        log.error("visits unreadable, counting anew", error=str(error))
        # Each visit that was told of has an event, or is followed by one.
        return Visits(outbox.generation, begun=outbox.statistics().newest + 1, **rules)
