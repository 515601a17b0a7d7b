"""The attached host: tells the agent what a VLC plays that somebody else has started.

Contract: `kiosk-attach` runs as the user that runs VLC, and says on the agent's link what it plays; it plays nothing
itself. It is a unit: it waits for the agent and for VLC, whichever comes later, and goes on when either comes back.
Exit status: 0 told to end.
Rules: one owner thread decides everything and makes the heartbeat, from which systemd's watchdog is fed, too. Signals
that the agent has not acknowledged are kept and said again, as the player host does. What is wrong is told to the agent
and, each time that it changes, to the journal; so is whether the agent is there. What a source says before it has asked
is no news.
Reasons: decision 32; vlc.md section 7 (no other user gets onto the session bus, so the agent cannot do this itself).
"""

import os
import secrets
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import assert_never

from agent.player import wire
from agent.player.attached import wording
from agent.player.attached.attachline import AttachArguments, arguments_of
from agent.player.attached.observer import Told
from agent.player.attached.overhttp import Desk, OverHttp, boot_time
from agent.player.attached.source import Attachment, Source
from agent.player.codec import encode
from agent.player.dialer import Dialer, FromAgent, LinkDown, LinkUp, Outlet
from agent.player.hostline import RUN_BITS
from agent.player.hostservice import Service
from agent.player.ring import Ring
from agent.service.notify import Notifier

BEAT_S = 0.5
EXIT_CRASHED = 70  # sysexits.h, EX_SOFTWARE

Inbox = SimpleQueue[object]


class Host:
    """The owner loop over `source`, which hears by itself once it has begun."""

    def __init__(
        self, arguments: AttachArguments, source: Source, inbox: Inbox, environment: Mapping[str, str]
    ) -> None:
        self._run = secrets.randbits(RUN_BITS)
        self._source = source
        self._inbox = inbox
        self._ring = Ring()
        self._outlet = Outlet(self._ring)
        self._dialer = Dialer(arguments.socket, inbox.put, redial=True)
        self._service = Service(Notifier.found(environment))
        self._beat_due = boot_time()
        self._attached: Attachment | None = None
        self._told = source.attachment
        self._socket = arguments.socket
        self._way = "waiting for kiosk-agent"
        self._linked = self._leaving = False

    def leave(self) -> None:
        """Have `work` end; for a signal handler."""
        self._leaving = True

    def work(self) -> None:
        """Until it is told to end."""
        threading.Thread(target=self._dialer.run, name="link", daemon=True).start()
        self._service.begin()
        while not self._leaving:
            now = boot_time()
            due = min(self._beat_due, self._source.due(now) or self._beat_due)
            with suppress(Empty):
                self._handle(self._inbox.get(timeout=max(0.0, due - now)))
            self._step(boot_time())
            self._outlet.flush()
        self._service.end()

    def _step(self, now: float) -> None:
        self._keep(self._source.work(now))
        attachment = self._source.attachment
        self._note(attachment)
        words = wording.found(attachment)
        self._service.step(now, words if self._linked else f"{words}; {self._way}")
        if attachment != self._attached and self._outlet.beat(
            wire.Attached(now, self._source.kind, attachment.name, attachment.others, attachment.problem)
        ):
            self._attached = attachment
        if now >= self._beat_due:
            self._beat_due = now + BEAT_S
            self._outlet.beat(wire.Beat(now, self._source.token, self._source.position))

    def _note(self, attachment: Attachment) -> None:
        if attachment != self._told:
            self._told = attachment
            _write(wording.found(attachment))

    def _note_way(self, words: str) -> None:
        if words != self._way:
            self._way = words
            _write(words)

    def _keep(self, told: list[Told]) -> None:
        for medium, each in told:
            self._ring.add(medium, each)

    def _handle(self, item: object) -> None:
        match item:
            case LinkUp(connection):
                self._linked, self._attached = True, None
                self._outlet.connect(connection, self._hello())
            case LinkDown(why=why):
                self._linked = False
                self._outlet.disconnect()
                self._note_way(wording.unreached(self._socket, why))
            case FromAgent(message):
                self._obey(message)
            case _:
                self._keep(self._source.take(item, boot_time()))

    def _hello(self) -> bytes:
        return encode(
            wire.Hello(
                protocol=wire.PROTOCOL,
                pid=os.getpid(),
                run=self._run,
                libvlc=f"VLC over {self._source.kind.upper()}",
                medium=self._source.token,
                refused=(),
                lost=self._ring.lost,
            )
        )

    def _obey(self, message: wire.ToHost) -> None:
        match message:
            case wire.Welcome(protocol, acknowledged):
                if protocol == wire.PROTOCOL:
                    self._outlet.welcome(acknowledged)
                    self._note_way(wording.reached(self._socket))
                elif protocol > wire.PROTOCOL:
                    self._leaving = True  # An upgrade has put another in our place.
            case wire.Quit():
                self._leaving = True
            case wire.Acknowledge(number):
                self._ring.acknowledge(number)
            case _ if isinstance(message, wire.Command):
                self._source.obey(message)
            case _:
                assert_never(message)


def _write(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def source_of(
    arguments: AttachArguments, inbox: Inbox, environment: Mapping[str, str]
) -> tuple[Source, Callable[[], None]]:
    """The source that was asked for, and what its thread runs."""
    if arguments.source == "http":
        desk = Desk(arguments.url, arguments.password_file, put=inbox.put, now=boot_time)
        return OverHttp(arguments.url, desk.order), desk.run
    # The D-Bus library is 2 MiB that the other way does not need.
    from agent.player.attached.address import user  # noqa: PLC0415
    from agent.player.attached.bus import Bus  # noqa: PLC0415
    from agent.player.attached.overbus import OverBus  # noqa: PLC0415

    bus = Bus(environment, os.geteuid(), inbox.put)
    return OverBus(bus, chosen=arguments.chosen, user=user(os.geteuid())), bus.run


def _end_with(crash: threading.ExceptHookArgs) -> None:
    """A thread of ours that crashes ends the process: its unit starts another."""
    traceback.print_exception(crash.exc_value)
    os._exit(EXIT_CRASHED)


def main() -> int:
    """The process."""
    arguments = arguments_of(sys.argv[1:])
    threading.excepthook = _end_with
    inbox: Inbox = SimpleQueue()
    source, hear = source_of(arguments, inbox, os.environ)
    host = Host(arguments, source, inbox, os.environ)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: host.leave())
    threading.Thread(target=hear, name="player", daemon=True).start()
    host.work()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
