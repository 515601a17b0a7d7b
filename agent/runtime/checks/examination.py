"""All checks, in the order in which a person wants to read them.

Contract: `examine` yields findings one by one, for some take seconds; it raises nothing that a broken machine can
cause, and starts and changes nothing.
Rules: a check that needs the configuration is left out where that cannot be used; its problems are findings then.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from agent.config.files import Loaded
from agent.remote.settings import broker_settings
from agent.runtime.assembly import wire_to
from agent.runtime.checks import broker, collector, machine, player, store
from agent.runtime.checks.analytics import analytics
from agent.runtime.checks.attached import attached
from agent.runtime.checks.cache import cache
from agent.runtime.checks.display import display
from agent.runtime.checks.finding import Finding, ok, warn
from agent.runtime.checks.health import health
from agent.runtime.checks.intake import intake
from agent.runtime.checks.learning import learning_record_store
from agent.runtime.checks.ledger import ledger
from agent.runtime.checks.session import session
from agent.runtime.checks.settings import application, meaning, settings
from agent.runtime.checks.versions import versions
from agent.runtime.clock import SystemClock
from agent.runtime.control import ControlError, NotRunningError, ask


def examine(config: Path, state_dir: Path) -> Iterator[Finding]:
    """Check everything. `config` and `state_dir` as for `run`."""
    yield from versions()
    found, loaded = settings(config)
    yield from found
    yield machine.clock(SystemClock().now())
    agent = _asked(state_dir)
    yield from _state(state_dir, loaded, agent)
    yield from _player(loaded, agent)
    if loaded is not None:
        yield from display(loaded.settings.display, None if isinstance(agent, ControlError) else agent)
    if loaded is not None:
        yield meaning(loaded.settings.kaltura, loaded.settings.track_event)
        told = application(loaded.settings.intake, loaded.settings.track_event)
        if told is not None:
            yield told
        yield from connections(loaded, agent)


def _player(loaded: Loaded | None, agent: Mapping[str, Any] | ControlError) -> Iterator[Finding]:
    """Of a player that is not ours no libvlc is needed; who leads the way to it is."""
    if loaded is not None and loaded.settings.player.is_attached:
        yield from attached(None if isinstance(agent, ControlError) else agent)
        return
    yield player.libvlc()
    yield player.cache()
    if loaded is not None:
        yield from player.options(loaded.settings.player.vlc_options)


def connections(loaded: Loaded, agent: Mapping[str, Any] | ControlError) -> Iterator[Finding]:
    """Whether the services are there and let this device in. `agent`: the status of the one that runs, or why none."""
    yield from _collector(loaded)
    yield from _analytics(loaded)
    yield from learning_record_store(loaded.settings)
    yield from _broker(loaded, agent)


def _asked(state_dir: Path) -> Mapping[str, Any] | ControlError:
    """The status of the agent that runs, or why there is none."""
    try:
        answer: Mapping[str, Any] = ask(state_dir, "status")
    except ControlError as error:
        return error
    return answer


def _state(state_dir: Path, loaded: Loaded | None, agent: Mapping[str, Any] | ControlError) -> Iterator[Finding]:
    finding = machine.folder(state_dir)
    yield finding
    if not state_dir.is_dir():
        return
    yield machine.disk(state_dir, None if loaded is None else loaded.settings.queue.max_bytes)
    keeps = store.keeps(state_dir)
    if keeps is not None:
        yield keeps
    copies = None if loaded is None else cache(loaded.settings, state_dir)
    if copies is not None:
        yield copies
    running = None
    match agent:
        case NotRunningError():
            yield ok("agent", "not running")
        case ControlError():
            yield warn("agent", str(agent), "Look into its log: journalctl -u kiosk-agent.")
        case _:
            running = agent
            yield ok("agent", f"running, version {agent.get('version')}, pid {agent.get('pid')}")
            yield from intake(agent)
            yield from health(agent)
    yield store.store(state_dir, agent=running)
    chain = ledger(state_dir, agent=running)
    if chain is not None:
        yield chain


def _collector(loaded: Loaded) -> Iterator[Finding]:
    kaltura = loaded.settings.kaltura
    if not kaltura.enabled or kaltura.service_url is None:
        return
    wire = wire_to(kaltura)
    try:
        yield collector.collector(wire, kaltura.service_url)
    finally:
        wire.close()
    yield from session(kaltura, lambda: wire_to(kaltura))


def _analytics(loaded: Loaded) -> Iterator[Finding]:
    track = loaded.settings.track_event
    if not track.enabled:
        return
    wire = wire_to(loaded.settings.kaltura)
    try:
        yield analytics(wire, track.url)
    finally:
        wire.close()


def _broker(loaded: Loaded, agent: Mapping[str, Any] | ControlError) -> Iterator[Finding]:
    reached = broker_settings(loaded.settings.remote, device_id=loaded.settings.device.id, locate=Path)
    if reached is None:
        return
    match agent:
        case NotRunningError():
            yield broker.broker(reached)
        case ControlError():
            text = f"{reached.place} is not tried: an agent that does not answer may be connected"
            yield warn(broker.SUBJECT, text, "End the agent and ask again.")
        case _:
            yield from broker.told(agent.get("remote"))
