"""The watch over the screen, put together: what it looks at, whom it asks, what follows for plays.

Contract: `begin` makes it of the settings; nothing is started but a first look. `watch` is agent.display.watch's;
`ways` are the threads to run, `follow` goes on by changed settings, `leave_out` decides for a session that opens now,
and counts; `status` is the part `display` of the status.
Rules: HDMI-CEC is loaded only where it is asked for. Where the picture goes nowhere (null outputs), or to another
machine, connectors are not asked.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.config.model import Settings
from agent.config.player import Headless, HostMode
from agent.display.drm import CONNECTORS
from agent.display.rule import elsewhere
from agent.display.watch import DisplayWatch
from agent.kernel.instants import Instant

if TYPE_CHECKING:
    from agent.display.cec import Television


class Looking:
    """`settings` as they count; `environment`: the process's own."""

    def __init__(
        self,
        settings: Settings,
        environment: Mapping[str, str],
        television: "Television | None",
        now: float,
        folder: Path,
    ) -> None:
        self._settings = settings
        self._environment = environment
        self._television = television
        self._left_out = 0
        self.watch = DisplayWatch(
            lambda: self._settings.display,
            elsewhere=self._elsewhere,
            now=now,
            television=television,
            folder=folder,
        )

    @property
    def ways(self) -> Sequence[tuple[str, "Television"]]:
        """Each with the name of its thread."""
        return () if self._television is None else (("television", self._television),)

    def follow(self, settings: Settings) -> None:
        """Go on by these."""
        self._settings = settings

    def leave_out(self) -> bool:
        """Whether no destination is told of the session that opens now; counted."""
        is_out = self.watch.leaves_out()
        self._left_out += is_out
        return is_out

    def status(self, now: Instant) -> dict[str, Any]:
        """`left_out`: plays of which no destination was told, since the start."""
        return {**self.watch.status(now), "left_out": self._left_out}

    def close(self) -> None:
        """Have the threads end."""
        if self._television is not None:
            self._television.close()

    def _elsewhere(self) -> str | None:
        """Why the picture is on no connector of this machine. What another's player is given is not known here."""
        player = self._settings.player
        if player.host is not HostMode.CHILD or player.is_attached:
            return None
        if player.headless is Headless.ALWAYS:
            return "the player has no outputs (player.headless)"
        return elsewhere(self._environment)


def begin(settings: Settings, clock: Callable[[], Instant], folder: Path = CONNECTORS) -> Looking:
    """Look once, and make what is asked later."""
    display = settings.display
    television = None
    if display.enabled and display.cec:
        from agent.display.cec import Television  # noqa: PLC0415  only where it is wanted

        television = Television(display.cec_device, display.cec_every_s, now=lambda: clock().boottime)
    return Looking(settings, os.environ, television, clock().boottime, folder)
