"""The `[display]` table: whether anybody can see the picture, and what becomes of plays that nobody could see.

Contract and rules: as agent.config.model. Off and on, hours and policy may be set remotely (decision 35); connectors
and devices are this machine's own, and CEC runs a program on it.
Reasons: config/display.md.
"""

# ruff: noqa: RUF009  (`setting` makes attrs fields, as attrs.field does; nothing is shared)

import re
from dataclasses import dataclass
from enum import Enum
from typing import Any

import attrs

from agent.config.hours import Opening, Window
from agent.config.kinds import CONTROL, Choice, Flag, MisfitError, Number, Several, quoted
from agent.config.setting import Effect, setting
from agent.config.words import Hours

_CONNECTOR_PATTERN = r"(card[0-9]+-)?[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*-[0-9]+"
_LONGEST_NAME = 40
_DEVICE_PATTERN = r"/dev/[A-Za-z0-9_/.-]*[A-Za-z0-9]"
_LONGEST_PATH = 100


class DarkPlays(Enum):
    """What becomes of a play on a dark screen."""

    COUNT = "count"
    MARK = "mark"
    LEAVE_OUT = "leave-out"


@dataclass(frozen=True, slots=True)
class ConnectorName:
    """What the kernel calls a way out for a picture."""

    @property
    def allowed(self) -> str:
        return "the name of a connector as HDMI-A-1 or card1-HDMI-A-1 (ls /sys/class/drm)"

    def read(self, value: object) -> str:
        if not isinstance(value, str) or len(value) > _LONGEST_NAME or not re.fullmatch(_CONNECTOR_PATTERN, value):
            raise MisfitError(f"found {quoted(value)}", self.allowed)
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{_CONNECTOR_PATTERN}$", "maxLength": _LONGEST_NAME}


@dataclass(frozen=True, slots=True)
class Device:
    """A device of this machine."""

    @property
    def allowed(self) -> str:
        return "a path below /dev, as /dev/cec0"

    def read(self, value: object) -> str:
        if (
            not isinstance(value, str)
            or len(value) > _LONGEST_PATH
            or CONTROL.search(value)
            or not re.fullmatch(_DEVICE_PATTERN, value)
            or ".." in value
        ):
            raise MisfitError(f"found {quoted(value)}", self.allowed)
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{_DEVICE_PATTERN}$", "maxLength": _LONGEST_PATH}


@attrs.frozen(kw_only=True)
class Display:
    """Whether anybody can see the picture."""

    enabled: bool = setting(
        Flag(),
        "Whether the agent looks if the screen is on. What it sees stands in status, in the metrics, in the fleet's "
        "table and with each play in the ledger; where nobody can tell, unknown is said.",
        default=True,
        remote=True,
    )
    connector: str | None = setting(
        ConnectorName(),
        "The way out that the picture takes.",
        unset="any: the screen is on where one of them is, and off where all are",
        example="HDMI-A-1",
    )
    hours: tuple[Opening, ...] = setting(
        Several(Hours(), 50, lone=True),
        "When the screen should be on, in the machine's local time. A dark screen is a problem within them and none "
        "outside.",
        default=(),
        remote=True,
        unset="at all hours",
        example=["Mon-Fri 08:00-20:00", "Sat,Sun 10:00-18:00"],
    )
    dark_plays: DarkPlays = setting(
        Choice(DarkPlays),
        "What becomes of plays while the screen is off. mark: they are reported as every play is, and marked in the "
        "ledger. leave-out: of a play that begins on a dark screen no destination is told; it stands in the ledger as "
        "left out, and is counted. count: plays are not asked for the screen at all. A screen of which nothing is "
        "known is not off.",
        default=DarkPlays.MARK,
        remote=True,
    )
    cec: bool = setting(
        Flag(),
        "Whether the television is asked by HDMI-CEC if it is in standby, with the program cec-ctl (Debian's "
        "v4l-utils). The service needs the device for it (config/display.md).",
        default=False,
        effect=Effect.AGENT,
    )
    cec_device: str = setting(
        Device(),
        "The device of HDMI-CEC. A Raspberry Pi 4 or 5 has /dev/cec1 for its second socket.",
        default="/dev/cec0",
        effect=Effect.AGENT,
    )
    cec_every_s: float = setting(
        Number(10, 3600), "How often the television is asked.", default=60.0, unit="s", effect=Effect.AGENT
    )

    @property
    def window(self) -> Window:
        """When the screen should be on."""
        return Window(self.hours)
