"""Whether anybody could see the picture.

Contract: values only. Who looks, and how the looks add up over a play, is agent.display's and agent.kernel.plays's.
Rules: unknown is said as unknown: a connector that tells nothing is no dark screen.
Reasons: a moving playhead on a dark screen is not a play that anyone saw.
"""

from enum import Enum


class Display(Enum):
    """The screen at one moment."""

    ON = "on"
    OFF = "off"
    UNKNOWN = "unknown"


class Shown(Enum):
    """The screen over a whole play; PARTLY: it was seen both on and off."""

    ON = "on"
    OFF = "off"
    PARTLY = "partly"
    UNKNOWN = "unknown"
