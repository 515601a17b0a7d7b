"""What the agent says about itself: the answer to `status`.

Contract: `snapshot` reads what the parts say and returns JSON-able data; its keys are what `agent.cli.status_text`
prints and scripts read. `announce` says at the start, in the log, who this is.
Rules: every drop, refusal and repair is here by reason (nothing is lost silently); no secret and no URL with a
password ever is.
"""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import structlog

from agent.config.files import Loaded
from agent.config.redact import masked, masked_line
from agent.delivery.status import SinkStatus
from agent.kernel.instants import Instant
from agent.kernel.release import VERSION
from agent.kernel.session import SessionTracker
from agent.outbox.statistics import Statistics
from agent.player.conductor import Conductor
from agent.player.keeper import PlayerStatus
from agent.player.surroundings import Phase
from agent.remote.machine import Readings
from agent.runtime.attached import attached
from agent.runtime.doors import Doors
from agent.runtime.figures import figures
from agent.sinks.kaltura.sessions import SessionStatus

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Standing:
    """What does not change while the agent runs. `opening`, `volatile`: see the outbox; None where all is well.

    `moved`: the device id that another board may have too.
    """

    config_path: Path
    loaded: Loaded
    started: Instant
    opening: str | None
    volatile: str | None
    moved: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What the parts say at this moment.

    `state_s`: for how long the player is in its state. `kinds`: events written since the start, by kind. `display`:
    what is known of the screen (agent.runtime.looking).
    """

    now: Instant
    tracker: SessionTracker
    director: Conductor
    player: PlayerStatus
    store: Statistics
    sinks: tuple[SinkStatus, ...]
    session: SessionStatus
    doors: Doors
    counters: Mapping[str, int]
    remote: Mapping[str, Any] | None = None
    machine: Readings | None = None
    state_s: float | None = None
    kinds: Mapping[str, int] = field(default_factory=dict)
    display: Mapping[str, Any] | None = None


def announce(standing: Standing, *, generation: str, closing: int) -> None:
    """Say at the start who this is, and what was found. `closing`: events that end a play that was cut short."""
    log.info("agent starts", version=VERSION, device=standing.loaded.settings.device.id, generation=generation)
    if standing.opening is not None:
        log.warning("store", news=standing.opening)
    if standing.volatile is not None:
        log.warning("the queue will not survive a power cut", reason=standing.volatile)
    if closing:
        log.info("closing a play that was cut short", events=closing)


def snapshot(standing: Standing, reading: Reading) -> dict[str, Any]:
    """The whole status."""
    device = standing.loaded.settings.device
    now = reading.now
    view = figures(reading.store)
    delivery = {status.sink: status for status in reading.sinks}
    return {
        "version": VERSION,
        "pid": os.getpid(),
        "uptime_s": now.boottime - standing.started.boottime,
        "started_wall": standing.started.wall,
        "ready": reading.player.ready,
        "device": {"id": device.id, "name": device.name, "site": device.site, "tags": list(device.tags)},
        "config": {
            "file": str(standing.config_path),
            "warnings": [str(warning) for warning in standing.loaded.warnings],
        },
        "clock": {"wall": now.wall, "synced": now.synced},
        "player": {
            **_player(reading),
            "attached": attached(standing.loaded.settings.player, reading.player, now.boottime),
        },
        "display": reading.display,
        "ledger": view["ledger"],
        "queue": {**view["queue"], "volatile": standing.volatile, "opening": standing.opening, "moved": standing.moved},
        "session": _session(reading),
        "intake": _intake(reading.doors),
        "remote": reading.remote,
        "machine": None if reading.machine is None else asdict(reading.machine),
        "events": dict(reading.kinds),
        "sinks": [_sink(sink, delivery.get(sink["name"]), now) for sink in view["sinks"]],
        "counters": {name: number for name, number in reading.counters.items() if number},
    }


def _player(reading: Reading) -> dict[str, Any]:
    director, host = reading.director, reading.player
    item = director.current
    position, duration, rate = reading.tracker.motion or (None, None, None)
    return {
        "state": player_state(director, reading.tracker),
        "state_s": reading.state_s,
        "phase": director.phase.value,
        "item": None
        if item is None
        else {
            "index": director.place[0],
            "count": director.place[1],
            "uri": masked(item.media.uri),
            "entry_id": item.media.entry_id,
        },
        "spots": [{"role": role.value, "index": place} for role, place in director.spots],
        "position": position,
        "duration": duration,
        "rate": rate,
        "sessions": reading.tracker.sessions,
        "host": {
            "pid": host.pid,
            "running": host.ready,
            "restarts": host.losses,
            "libvlc": host.libvlc,
            "last_exit": host.last_loss,
            "waits_for": host.waits_for,
        },
        "skipped": dict(director.outcomes.passed),
        "rejected_options": [masked_line(option) for option in host.refused],
    }


def player_state(director: Conductor, tracker: SessionTracker) -> str:
    """The player in one word."""
    match director.phase:
        case Phase.PLAYING:
            return tracker.phase.value
        case Phase.WAITING:
            return "starting"
        case Phase.RESTING:
            return "waiting"
        case Phase.SHUT:
            return "closed"
        case Phase.FINISHED | Phase.STOPPED | Phase.IDLE:
            return "idle"


def _sink(view: Mapping[str, Any], status: SinkStatus | None, now: Instant) -> dict[str, Any]:
    if status is None:
        return dict(view)
    return {
        **view,
        "state": status.state.value,
        "cause": None if status.cause is None else status.cause.value,
        "text": status.text or None,
        "since_wall": None if status.since is None else status.since.wall,
        "since_s": None if status.since is None else max(now.boottime - status.since.boottime, 0.0),
        "next_try_s": None if status.next_try is None else max(status.next_try - now.boottime, 0.0),
        "last_delivery_wall": None if status.last_delivery is None else status.last_delivery.wall,
        "tries": status.tries,
        "draining": status.draining,
        "batched": status.is_batched,
        "rate": status.rate,
        "batches": status.batches,
    }


def _session(reading: Reading) -> dict[str, Any]:
    """How the account's sessions stand; never one itself."""
    session = reading.session
    return {
        "mode": session.mode,
        "state": session.state.value,
        "expires_wall": session.expires_wall,
        "left_s": session.left,
        "renewals": session.renewals,
        "text": session.text or None,
    }


def _intake(doors: Doors) -> dict[str, Any]:
    """What the kiosk's application told and was refused."""
    counters = {name: number for name, number in doors.counters.items() if number}
    shut = [{"problem": each.problem, "remedy": each.remedy} for each in doors.shut]
    return {"listening": list(doors.where), "shut": shut, "counters": counters}
