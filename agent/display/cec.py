"""Asks the television, now and then, whether it is in standby: HDMI-CEC, by the program cec-ctl.

Contract: `Television.serve` is the body of a thread of its own; `said` is what the television last said, None where
that is too old or was no answer; `trouble` is why it says nothing, with what helps. `ask` asks once.
Rules: nobody waits for it. A question is bounded (`WITHIN_S`); a program that does not even end when it is killed (it
waits in the kernel's driver) is left alone, and none is started beside it. The same trouble is logged once, its end
too. An address on the wire is asked for only where the machine has none: a television answers nobody without.
Reasons: config/display.md; the first question comes after the start, on no boot's critical path.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Event
from typing import Final

import structlog

from agent.display.tv import Heard, Tv, read

log = structlog.get_logger()

PROGRAM: Final = "cec-ctl"
WITHIN_S: Final = 10.0
"""A television answers within a second, or not at all; claiming an address takes another one."""
KILLED_WITHIN_S: Final = 1.0
FRESH_FOR: Final = 2.5
"""Of the distance of two questions: one that is lost on the wire makes nothing unknown."""
LONGEST: Final = 16 * 1024
"""Of an answer, which is about 1 kB."""

_CLAIM: Final = ("--playback", "--osd-name", "Kiosk")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why there is no answer. `remedy`: what a person can do about it."""

    text: str
    remedy: str


SILENT: Final = Trouble(
    "the television does not answer",
    "Switch HDMI-CEC on in its menu (Anynet+, Simplink, Bravia Sync, EasyLink …), or set display.cec = false.",
)
HANGS: Final = Trouble(f"{PROGRAM} hangs", "Look what its driver says (dmesg), or set display.cec = false.")
MISSING: Final = Trouble(f"{PROGRAM} is missing", "sudo apt install v4l-utils")


class Television:
    """`now`: boot-time s. `program`, `within_s`: what is asked, and for how long, by those who test it."""

    def __init__(
        self,
        device: str,
        every_s: float,
        *,
        now: Callable[[], float],
        program: str = PROGRAM,
        within_s: float = WITHIN_S,
    ) -> None:
        self._device = device
        self._every_s = every_s
        self._now = now
        self._program = program
        self._within_s = within_s
        self._closed = Event()
        self._running: subprocess.Popen[bytes] | None = None
        # One value, set whole: the main loop reads it meanwhile.
        self._last: tuple[Tv, float] | None = None
        self.trouble: Trouble | None = None

    @property
    def said(self) -> Tv | None:
        """What it said last, while that is fresh."""
        last = self._last
        return None if last is None or self._now() - last[1] > FRESH_FOR * self._every_s + self._within_s else last[0]

    def serve(self) -> None:
        """Ask until `close`."""
        while not self._closed.is_set():
            self.step()
            self._closed.wait(self._every_s)

    def step(self) -> None:
        """Ask once."""
        found = self.ask()
        if self._closed.is_set():
            return
        if isinstance(found, Tv):
            self._last = (found, self._now())
            if self.trouble is not None:
                log.info("the television answers again")
            self.trouble = None
        elif found != self.trouble:
            log.warning("the television cannot be asked", device=self._device, reason=found.text, remedy=found.remedy)
            self.trouble = found

    def ask(self) -> Tv | Trouble:
        """What it says now, or why it says nothing."""
        heard = self._question()
        if isinstance(heard, Heard) and heard.tv is None and heard.is_nameless:
            heard = self._question(*_CLAIM)
        if isinstance(heard, Trouble):
            return heard
        return SILENT if heard.tv is None else heard.tv

    def close(self) -> None:
        """Ask no more; for any thread."""
        self._closed.set()
        running = self._running
        if running is not None:
            running.kill()

    def _question(self, *claim: str) -> Heard | Trouble:
        if self._running is not None and self._running.poll() is None:
            return HANGS
        program = shutil.which(self._program)
        if program is None:
            return MISSING
        command = [program, "--device", self._device, *claim, "--to", "0", "--give-device-power-status"]
        try:
            self._running = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={"PATH": os.defpath, "LC_ALL": "C"},
            )
        except OSError as error:
            return Trouble(f"{PROGRAM} cannot be started: {error.strerror}", "Try it by hand: " + " ".join(command))
        if self._closed.is_set():
            self._running.kill()  # it was closed while the program was started, and not yet known
        return self._answer(self._running)

    def _answer(self, running: subprocess.Popen[bytes]) -> Heard | Trouble:
        try:
            output = running.communicate(timeout=self._within_s)[0]
        except subprocess.TimeoutExpired:
            running.kill()
            with suppress(subprocess.TimeoutExpired):
                running.wait(KILLED_WITHIN_S)
            if running.stdout is not None:
                running.stdout.close()
            return HANGS
        text = output[:LONGEST].decode("utf-8", "replace")
        heard = read(text)
        return heard if running.returncode == 0 or heard.tv is not None else _refused(text, self._device)


def _refused(text: str, device: str) -> Trouble:
    """What a program says that ends with an error."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "it says nothing")[:200]
    if "Permission denied" in text or "Operation not permitted" in text:
        remedy = "Let the service use the device: make screens/cec.conf a drop-in of kiosk-agent (config/display.md)."
        return Trouble(f"{device} is not permitted", remedy)
    if "No such" in text:
        remedy = "ls /dev/cec* shows what there is, for display.cec_device; a service sees it only with its drop-in."
        return Trouble(f"{device} does not exist, or not for this service", remedy)
    return Trouble(f"{PROGRAM} fails: {line}", "Try it by hand, and set display.cec = false where it never works.")
