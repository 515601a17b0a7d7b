"""What a television can say of itself by HDMI-CEC, and what stands in cec-ctl's answer.

Contract: pure. `read` turns the program's output into a `Heard`.
Rules: "to-on" counts as on: televisions were seen that say so for as long as they are on. What is no answer is none.
Reasons: cec-ctl of v4l-utils 1.22 (Debian 12) and 1.26; config/display.md.
"""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final


class Tv(Enum):
    """The television's own word."""

    ON = "on"
    STANDBY = "standby"


@dataclass(frozen=True, slots=True)
class Heard:
    """`tv`: None where it did not answer. `is_nameless`: this machine has no address on the wire: nobody answers it."""

    tv: Tv | None
    is_nameless: bool


_STATE: Final = re.compile(r"pwr-state:\s*(to-)?(on|standby)\b")
_ADDRESSES: Final = re.compile(r"Logical Address Mask\s*:\s*0x([0-9a-fA-F]+)")


def read(output: str) -> Heard:
    """What cec-ctl wrote."""
    states, masks = _STATE.findall(output), _ADDRESSES.findall(output)
    tv = None if not states else Tv(states[-1][1])
    return Heard(tv, is_nameless=bool(masks) and int(masks[-1], 16) == 0)
