"""Which devices come in which stage of a rollout.

Contract: `shares` reads what the operator typed, `chosen` divides the devices. Pure.
Rules: stages are cumulative ("5%,25%,100%", or numbers of devices) and end with all. The order of the devices is that
of a hash of the rollout and the device: the same whenever it is asked, and another one for each rollout, so that it is
not always the same kiosks that go first. Every stage adds at least one device, as long as there are some.
"""

import hashlib
import math
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

_SHARE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)(%?)")
# More stages than anybody waits for.
MOST_STAGES = 20

# A fraction of the devices, or their number.
Share = float | int


def shares(text: str) -> tuple[Share, ...]:
    """`5%,25%,100%` as (0.05, 0.25, 1.0), `3,100%` as (3, 1.0); raises ValueError with words for the operator."""
    found = [_share(part.strip()) for part in text.split(",")]
    if len(found) > MOST_STAGES:
        raise ValueError(f"at most {MOST_STAGES} stages")
    for before, after in pairwise(found):
        if type(before) is type(after) and after <= before:
            raise ValueError(f'each stage must be larger than the one before it, in "{text}"')
    if any(map(_is_all, found[:-1])):
        raise ValueError("100% is the last stage")
    return tuple(found) if _is_all(found[-1]) else (*found, 1.0)


def chosen(rollout: str, devices: Iterable[str], sizes: Sequence[Share]) -> tuple[tuple[str, ...], ...]:
    """The devices that each stage adds; the last stage is all that are left."""
    order = sorted(devices, key=lambda device: hashlib.sha256(f"{rollout}\n{device}".encode()).digest())
    stages: list[tuple[str, ...]] = []
    begun = 0
    for size in sizes[:-1]:
        # A share of few devices is rounded up; the small part keeps 0.07 * 100 from being 8.
        wanted = size if isinstance(size, int) else math.ceil(size * len(order) - 1e-9)
        end = min(len(order), max(begun + 1, wanted))
        stages.append(tuple(order[begun:end]))
        begun = end
    return (*(stage for stage in stages if stage), tuple(order[begun:]))


def _is_all(share: Share) -> bool:
    # One device is 1, all of them are 1.0.
    return isinstance(share, float) and share == 1.0


def _share(text: str) -> Share:
    found = _SHARE.fullmatch(text)
    number = float(found[1]) if found else 0.0
    if found and found[2] and 0 < number <= 100:
        return number / 100
    if found and not found[2] and number >= 1 and number.is_integer():
        return int(number)
    raise ValueError(f'"{text}" is neither a share as 5% nor a number of devices')
