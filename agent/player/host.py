"""The player host: the process that owns libvlc, and none of our rules.

Contract: `kiosk-player --socket PATH` plays what the agent says over the link and tells what libvlc says. Without
`--parent` it is a unit: a service of its own, which plays on while the agent is away, up to the end of what it has, and
dials again. Exit status: 0 told to end, or link closed (child), 3 libvlc is missing or does not start.
Rules: all libvlc calls are made by one thread, which also makes the heartbeat, so that a call that hangs shows as
silence: the agent kills a child, and systemd a unit, whose watchdog's ping comes from the same thread. A unit that is
older than its agent ends, since an upgrade has put another in its place. Rate, fullscreen and the playhead are polled,
since libvlc says nothing of them; not before the first TimeChanged, for until then libvlc's playhead reads 0 even where
an item starts later.
Reasons: decision 32; vlc.md sections 0, 3 (R7, R8), 4.
"""

import ctypes
import os
import signal
import sys
import threading
import time
import traceback
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import assert_never

from agent.kernel import signals
from agent.kernel.signals import TrackKind
from agent.player import display, libvlc, wire
from agent.player.codec import encode
from agent.player.dialer import Dialer, FromAgent, LinkDown, LinkUp, Outlet
from agent.player.hostline import arguments_of
from agent.player.hostoptions import HostArguments, usable
from agent.player.hostservice import Service
from agent.player.pictures import Pictures
from agent.player.raw import signal_of
from agent.player.ring import Ring
from agent.service.notify import Notifier

POLL_S = 0.25  # vlc.md R8: libvlc's own clock steps are no finer, and a poll costs 0.14 ms a value
BEAT_S = 0.5
PICTURES_S = 1.0  # a frozen picture is judged over many seconds
SIZE_SETTLES_S = 0.15  # vlc.md R7: the new rendition's size is known this long after its track came

EXIT_NO_LIBVLC = 3
EXIT_CRASHED = 70  # sysexits.h, EX_SOFTWARE
PR_SET_PDEATHSIG = 1  # linux/prctl.h

RawEvent = libvlc.RawEvent


@dataclass(slots=True)
class Wanted:
    """What holds for the current medium and can be applied only when its outputs exist."""

    volume: int | None = None
    audio_device: str | None = None
    fullscreen: bool = False


class Host:
    """The owner loop. `refused`: VLC options that were dropped."""

    def __init__(self, arguments: HostArguments, *, vlc_arguments: tuple[str, ...], refused: tuple[str, ...]) -> None:
        self._run = arguments.run
        self._refused = refused
        self._inbox: SimpleQueue[RawEvent | LinkUp | LinkDown | FromAgent] = SimpleQueue()
        self._ring = Ring()
        self._outlet = Outlet(self._ring)
        self._player = libvlc.Player(vlc_arguments, self._inbox.put)
        self._dialer = Dialer(arguments.socket, self._inbox.put, redial=arguments.parent is None)
        self._coming: deque[int] = deque()
        self._medium = 0
        self._wanted = Wanted()
        self._moving = False
        self._size_due: float | None = None
        self._poll_due = self._beat_due = self._pictures_due = _now()
        self._pictures = Pictures(
            self._player, None if arguments.options.headless else lambda: display.answers(os.environ)
        )
        self._is_unit = arguments.parent is None
        self._service = Service(Notifier.found(os.environ) if self._is_unit else Notifier())
        self._linked = self._leaving = False

    def leave(self) -> None:
        """Have `work` end; for a signal handler."""
        self._leaving = True

    def work(self) -> None:
        """Until the link of a child is gone; in unit mode until it is told to end."""
        self._service.begin()
        threading.Thread(target=self._dialer.run, name="link", daemon=True).start()
        while not self._leaving:
            with suppress(Empty):
                self._handle(self._inbox.get(timeout=max(0.0, min(self._poll_due, self._beat_due) - _now())))
            self._step(_now())
            self._outlet.flush()
        self._service.end()
        self._player.release()

    def _step(self, now: float) -> None:
        self._service.step(now, _in_words(plays=self._moving, linked=self._linked))
        if now >= self._poll_due:
            self._poll_due = now + POLL_S
            self._poll(now)
        if now >= self._beat_due:
            self._beat_due = now + BEAT_S
            self._outlet.beat(wire.Beat(now, self._medium, self._player.read_time() if self._moving else None))
        if now >= self._pictures_due:
            self._pictures_due = now + PICTURES_S
            pictures = self._pictures.look(now, self._medium) if self._moving else None
            if pictures is not None:
                self._outlet.beat(pictures)

    def _poll(self, now: float) -> None:
        if not self._moving:
            return
        playhead = self._player.read_time()
        if playhead is not None:
            rate, fullscreen = self._player.read_rate(), self._player.read_fullscreen()
            self._ring.add(self._medium, signals.Sampled(now, playhead, rate, fullscreen))
        if self._size_due is not None and now >= self._size_due:
            self._size_due = None
            size = self._player.read_video_size()
            if size is not None:
                self._ring.add(self._medium, signals.VideoSizeRead(now, *size))

    def _handle(self, item: RawEvent | LinkUp | LinkDown | FromAgent) -> None:
        match item:
            case LinkUp(connection):
                self._linked = True
                self._outlet.connect(connection, self._hello())
            case LinkDown(final):
                self._linked = False
                self._outlet.disconnect()
                self._leaving = self._leaving or final
            case FromAgent(message):
                self._obey(message)
            case (at, number, union):
                self._hear(at, number, union)
            case _:
                assert_never(item)

    def _hello(self) -> bytes:
        return encode(
            wire.Hello(
                protocol=wire.PROTOCOL,
                pid=os.getpid(),
                run=self._run,
                libvlc=libvlc.VERSION,
                medium=self._medium,
                refused=self._refused,
                lost=self._ring.lost,
            )
        )

    def _hear(self, at: float, number: int, union: bytes) -> None:
        heard = signal_of(at, number, union)
        if heard is None:
            return
        if isinstance(heard, wire.MediumSet):
            self._medium = self._coming.popleft()
            self._moving, self._size_due = False, None
        elif isinstance(heard, signals.Playing):
            self._apply_wanted()
        elif isinstance(heard, signals.TimeChanged):
            self._moving = True
        elif isinstance(heard, signals.EndReached | signals.PlaybackFailed | signals.Stopped):
            self._moving = False
        elif isinstance(heard, signals.TrackSelected | signals.TrackAdded) and heard.track is TrackKind.VIDEO:
            self._size_due = at + SIZE_SETTLES_S
        self._ring.add(self._medium, heard)

    def _apply_wanted(self) -> None:
        """Outputs exist only from Playing on; libvlc forgets a device or full screen that it was told before."""
        if self._wanted.audio_device is not None:
            self._player.set_audio_device(self._wanted.audio_device)
        if self._wanted.volume is not None:
            self._player.set_volume(self._wanted.volume)
        self._player.set_fullscreen(on=self._wanted.fullscreen)

    def _obey(self, message: wire.ToHost) -> None:
        match message:
            case wire.Welcome(protocol, acknowledged):
                if protocol == wire.PROTOCOL:
                    self._outlet.welcome(acknowledged)
                elif self._is_unit and protocol > wire.PROTOCOL:
                    self._leaving = True
            case wire.Quit():
                self._leaving = True
            case wire.Acknowledge(number):
                self._ring.acknowledge(number)
            case wire.Load():
                self._load(message)
            case wire.Pause():
                self._player.pause(on=True)
            case wire.Resume():
                self._player.pause(on=False)
            case wire.Seek(to):
                self._player.seek(to)
            case wire.SetRate(rate):
                self._player.set_rate(rate)
            case wire.SetFullscreen(on):
                self._wanted.fullscreen = on
                self._player.set_fullscreen(on=on)
            case wire.SetVolume(volume):
                self._wanted.volume = volume
                self._player.set_volume(volume)
            case wire.Overlay(path):
                self._player.draw(path)
            case wire.Stop():
                self._player.stop()
            case wire.Skip():
                pass  # the list is the agent's: only a player with a list of its own is told this
            case _:
                assert_never(message)

    def _load(self, load: wire.Load) -> None:
        """libvlc says MediaChanged inside `open`, on this thread: signals put before it are the earlier medium's."""
        self._player.draw(None)
        self._player.turn(load.rotation)
        if self._player.read_rate() != 1.0:
            self._player.set_rate(1.0)
        self._wanted = Wanted(
            volume=load.volume if load.volume is not None else self._wanted.volume,
            audio_device=load.audio_device if load.audio_device is not None else self._wanted.audio_device,
            fullscreen=load.fullscreen,
        )
        self._coming.append(load.medium)
        self._player.open(load.uri, load.options)


def _in_words(*, plays: bool, linked: bool) -> str:
    return ("playing" if plays else "nothing to play") + ("" if linked else ", waiting for kiosk-agent")


def _now() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _host(arguments: HostArguments) -> Host:
    """A host with all its options where libvlc takes them, else with those that it takes one by one."""
    wanted = arguments.vlc_arguments()
    if not arguments.careful:
        try:
            return Host(arguments, vlc_arguments=wanted, refused=arguments.without)
        except libvlc.LibvlcRefusedError:
            pass
    accepted, refused = usable(wanted)
    return Host(arguments, vlc_arguments=accepted, refused=(*arguments.without, *refused))


def _die_with(parent: int) -> None:
    """Have the kernel kill us when the agent dies, however it dies; `parent` may be gone already."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise SystemExit(0)


def _end_with(crash: threading.ExceptHookArgs) -> None:
    """A thread of ours that crashes ends the process: the supervisor starts another."""
    traceback.print_exception(crash.exc_value)
    os._exit(EXIT_CRASHED)


def main() -> int:
    """The process. libvlc's own words on stderr say which option it did not know."""
    arguments = arguments_of(sys.argv[1:])
    threading.excepthook = _end_with
    if arguments.parent is not None:
        _die_with(arguments.parent)
    try:
        host = _host(arguments)
    except libvlc.LibvlcRefusedError:
        return EXIT_NO_LIBVLC
    if arguments.parent is None:
        if arguments.options.headless:
            # As agent.player.lifecycle does for a child: libwayland complains where it is missing.
            os.environ.setdefault("XDG_RUNTIME_DIR", str(arguments.socket.parent.absolute()))
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: host.leave())
    host.work()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
