"""The composition root: builds everything, decides nothing.

Contract: `Agent.live` runs from the start of the threads to their end; its answer is the exit status. The process
around it is agent.runtime.life's. Raises StoreError, LinkPathError or OSError where a part cannot be made.
Rules: SIGTERM and SIGINT end it within about two seconds and never wait for the network (house rule 9).
"""

import os
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import structlog

from agent.config.files import Loaded
from agent.kernel.instants import Instant
from agent.outbox.errors import StoreError
from agent.outbox.generation import MOVED, moved_id
from agent.remote import machine
from agent.runtime import assembly, logs, looking
from agent.runtime.clock import SystemClock
from agent.runtime.commanding.hands import Hands, player_view, queue_view
from agent.runtime.commanding.levels import Levels
from agent.runtime.control import ControlServer
from agent.runtime.crew import Crew
from agent.runtime.destinations import destinations, milestones, wants_heartbeat
from agent.runtime.diagnostics import Diagnostics
from agent.runtime.doors import open_doors
from agent.runtime.health.since import Since
from agent.runtime.journal import Journal
from agent.runtime.loop import Letter, MainLoop, sample_kind
from agent.runtime.mailbox import Mailbox
from agent.runtime.metrics.begin import begin as begin_metrics
from agent.runtime.reception import OnScreen, Reception
from agent.runtime.reconfigure import Applier
from agent.runtime.recorder import Recorder
from agent.runtime.recovery import recover, restore_tracker
from agent.runtime.reporting.begin import reports
from agent.runtime.requests import Desk
from agent.runtime.safe_mode import Footing
from agent.runtime.shelter import Home
from agent.runtime.status import Reading, Standing, announce, player_state, snapshot
from agent.runtime.steering.begin import Begun
from agent.runtime.upkeep import Upkeep, tell_plugin_cache
from agent.runtime.words import opening_text
from agent.service.notify import Notifier

if TYPE_CHECKING:
    from agent.runtime.steering.build import Steering

log = structlog.get_logger()

# SIGTERM is a courtesy: what has not ended by then ends with the process.
END_WITHIN_S = 2.0


class Agent:
    """The parts of one process, put together."""

    def __init__(self, config_path: Path, home: Home, begun: Begun, clock: SystemClock, footing: Footing) -> None:
        state_dir, outbox = home.folder, home.outbox
        loaded, settings = begun.loaded, begun.loaded.settings
        self._wants_again = self._is_told_to_end = False
        self._clock = clock
        self._state_dir = state_dir
        self._outbox = outbox
        self._mailbox: Mailbox[Letter] = Mailbox(sample_kind)
        self._destinations = destinations(settings, outbox, clock)
        self._tracker = restore_tracker(outbox, milestones(settings), heartbeat=wants_heartbeat(settings))
        profile = assembly.profile(settings)
        self._looking = looking.begin(settings, clock.now)
        recorder = Recorder(outbox.generation, profile, self._looking.leave_out, self._looking.watch.of_plays)
        taken = assembly.last_taken(outbox)
        self._supervisor = assembly.keeper(settings, state_dir, put=self._mailbox.put, clock=clock, taken=taken)
        self._director = assembly.conductor(settings, outbox, self._supervisor, clock)
        self._recovered = recover(outbox, self._tracker, recorder, goes_on=self._director.is_behind)
        self._journal = Journal(
            outbox,
            recorder,
            self._tracker,
            self._director,
            wake=self._destinations.wake,
            now=clock.now(),
            recovered=self._recovered,
            durability_s=settings.queue.durability_s,
        )
        self._in_state = Since(clock.now().boottime)
        reception = Reception(
            outbox.generation,
            profile,
            assembly.visits(settings.visits, outbox, clock.now()),
            screen=OnScreen(self._tracker, recorder),
            keep=self._journal.submit,
        )
        self._loop = MainLoop(
            clock=clock,
            mailbox=self._mailbox,
            journal=self._journal,
            tracker=self._tracker,
            director=self._director,
            acknowledge=self._supervisor.acknowledge,
            answer=lambda request: self._desk.answer(request),
            receive=reception.take,
            context=reception.context,
            housekeep=self._housekeeping(home.watch(self._destinations.watch(), self._begin_again)),
            steer=lambda letters, now: self._steering.step(letters, now) if self._steering else None,
            steer_due=lambda: self._steering.deadline if self._steering else None,
            plays_on=assembly.plays_on(settings.player),
        )
        self._levels = Levels(settings.log.level, apply=lambda level: logs.set_level(level.value))
        self._applier = Applier(
            loaded,
            tracker=self._tracker,
            director=self._director,
            host=self._supervisor,
            delivery=self._destinations,
            inject=self._loop.inject,
        )
        self._desk = Desk(
            outbox,
            status=self._status,
            obey=self._loop.obey,
            refusal=self._director.refusal,
            wake=self._destinations.wake,
            workers=lambda: self._destinations.workers,
        )
        self._control = ControlServer(state_dir, self._mailbox.put)
        self._doors = open_doors(
            settings.intake, state_dir, os.environ, put=self._mailbox.put, now=lambda: clock.now().boottime
        )
        self._telling = begin_metrics(settings.metrics, self._mailbox.put)
        self._crew = Crew(on_crash=lambda _: self._loop.abandon())
        moved = moved_id(outbox.state(MOVED))
        self._standing = Standing(
            config_path=config_path,
            loaded=loaded,
            started=clock.now(),
            opening=opening_text(outbox.opening, moved),
            moved=moved,
            volatile=home.volatile,
        )
        self._steering = self._steered(begun, state_dir)
        self._upkeep = Upkeep(
            Notifier.found(os.environ),
            footing,
            self._director,
            self._supervisor,
            player=lambda: self._standing.loaded.settings.player,
            obey=self._loop.obey,
            pulses=lambda: [self._supervisor.pulse, *(worker.pulse for worker in self._destinations.workers)],
            gone=lambda: self._crew.gone,
            status=self._status,
            again=self._begin_again,
            caching=assembly.caching(settings, state_dir, clock, self._crew.spawn),
        )

    def _steered(self, begun: Begun, state_dir: Path) -> "Steering | None":
        """The broker's side, loaded only where there is a broker."""
        if begun.vault is None:
            return None
        from agent.runtime.steering.build import Around, Steering  # noqa: PLC0415

        around = Around(
            clock=self._clock,
            state_dir=state_dir,
            destinations=self._destinations,
            supervisor=self._supervisor,
            put=self._mailbox.put,
            apply=self._apply,
            status=self._status,
            hands=self._hands,
        )
        return Steering(begun, around)

    def _housekeeping(self, also: Callable[[float], None]) -> Callable[[float], None]:
        def look(now: float) -> None:
            also(now)
            self._looking.watch.look(now)
            self._upkeep.look(now)
            self._in_state.look(player_state(self._director, self._tracker), now)

        return look

    def _hands(self, refresh: Callable[[], None]) -> Hands:
        diagnostics = Diagnostics(
            self._state_dir, loaded=lambda: self._standing.loaded, status=self._status, now=self._clock.now
        )
        return Hands(
            obey=self._loop.obey,
            restart_player=self._supervisor.restart,
            flush=self._destinations.kick,
            refresh=refresh,
            diagnostics=diagnostics.collect,
            report=reports(self._outbox),
            player=lambda: player_view(self._director, self._tracker, self._supervisor.status),
            queue=lambda: queue_view(self._outbox.statistics(), self._destinations.standings()),
            levels=self._levels,
            is_ours=not self._standing.loaded.settings.player.is_attached,
        )

    def _apply(self, loaded: Loaded, now: Instant) -> frozenset[str]:
        """Go on by `loaded`, or end to begin again with it; the connections that are new ones."""
        applied = self._applier.apply(loaded, now.boottime)
        if applied.restart:
            self._begin_again()
            return frozenset()
        self._levels.configure(loaded.settings.log.level)
        self._looking.follow(loaded.settings)
        self._standing = replace(self._standing, loaded=loaded)
        return applied.connections

    def _begin_again(self) -> None:
        self._wants_again = self._loop.stopping = True

    @property
    def begins_again(self) -> bool:
        """Whether all of it is to be started again; who was told to end meanwhile ends."""
        return self._wants_again and not self._is_told_to_end

    def live(self) -> int:
        """Start the threads, run the main loop, end in good order."""
        announce(self._standing, generation=self._outbox.generation, closing=len(self._recovered))
        self._crew.install()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._asked_to_end)
        self._crew.spawn("control", self._control.serve)
        self._destinations.start(self._crew.spawn)
        self._crew.spawn("player-link", self._supervisor.run)
        self._crew.spawn("plugin-cache", tell_plugin_cache, lasts=False)
        for name, server in (*self._doors.open, *self._telling.ways, *self._looking.ways):
            self._crew.spawn(name, server.serve)
        if self._steering is not None:
            for name, body in self._steering.threads:
                self._crew.spawn(name, body)
        try:
            self._loop.run()
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001  one place for every failure
            self._crew.crashed("main", error)
        else:
            if self._steering is not None:
                self._steering.end(self._clock.now())
        finally:
            self._stop_crew()
        log.info("agent ended", crash=self._crew.crash)
        return 0 if self._crew.crash is None else 1

    def _stop_crew(self) -> None:
        if not self.begins_again:
            self._upkeep.stop()
        if self._steering is not None:
            self._steering.stop()
        self._mailbox.close()
        self._supervisor.stop()
        self._upkeep.leave()
        self._destinations.stop()
        self._control.close()
        self._doors.close()
        self._telling.close()
        self._looking.close()
        if left := self._crew.join(END_WITHIN_S):
            log.warning("threads left behind", threads=", ".join(left))

    def _asked_to_end(self, number: int, _frame: FrameType | None) -> None:
        # Between two bytecodes of the main thread: a flag is all that may be touched here.
        self._is_told_to_end = self._loop.stopping = True

    def _status(self) -> dict[str, Any]:
        counters = Counter(self._journal.counters)
        counters["samples-coalesced"] = self._mailbox.coalesced
        counters["mailbox-waits"] = self._mailbox.waits
        counters["bad-player-lines"] = self._supervisor.status.bad_lines
        counters["player-signals-unheard"] = self._supervisor.status.unheard
        counters["waiting-in-memory"] = self._journal.pending
        now = self._clock.now()
        if self._steering is not None:
            counters.update(self._steering.counters)
        counters.update(self._upkeep.counters)
        reading = Reading(
            now=now,
            tracker=self._tracker,
            director=self._director,
            player=self._supervisor.status,
            store=self._outbox.statistics(),
            sinks=self._destinations.standings(),
            session=self._destinations.session(),
            doors=self._doors,
            remote=None if self._steering is None else self._steering.status(now),
            counters=counters,
            machine=machine.read(self._state_dir),
            state_s=self._in_state.lasts(now.boottime),
            kinds=self._journal.kinds,
            display=self._looking.status(now),
        )
        return {**snapshot(self._standing, reading), **self._upkeep.status(now.boottime)}
