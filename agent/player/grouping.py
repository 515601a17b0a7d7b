"""Which advertisement or bumper of the list belongs to which content item.

Contract: `group` takes the list's media in their order and gives the content items, each with its spots; what belongs
to no item, or cannot be shown, is a problem in words and is passed over.
Rules: preroll and bumper-pre belong to the next content item, all others to the one before. A live stream has no time
line, so nothing comes at a moment of it. An overlay is an image file, and libvlc's logo filter, which draws it, takes
`,` and `;` in its name for separators.
Reasons: decision 2.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent.config.redact import masked
from agent.kernel.media import Role
from agent.player.items import Item, Spot
from agent.player.kinds import file_of, kind_of

BEFORE = frozenset({Role.PREROLL, Role.BUMPER_PRE})
AFTER = frozenset({Role.POSTROLL, Role.BUMPER_POST})
TIMED = frozenset({Role.MIDROLL, Role.OVERLAY})


@dataclass(frozen=True, slots=True)
class Line:
    """One medium of the list, and for a spot its place in its content and how long it stands (media s)."""

    item: Item
    at: float = 0.0
    seconds: float = 0.0


def group(lines: Sequence[Line]) -> tuple[tuple[Item, ...], tuple[str, ...]]:
    """The content items with their spots, and the problems."""
    items: list[Item] = []
    problems: list[str] = []
    waiting: list[Spot] = []
    for line in lines:
        media = line.item.media
        spot = Spot(line.item, line.at, line.seconds)
        if media.role is Role.CONTENT:
            items.append(replace(line.item, spots=tuple(waiting)))
            waiting = []
        elif media.role in BEFORE:
            waiting.append(spot)
        elif (doubt := _doubt(spot, items[-1] if items else None)) is not None:
            problems.append(doubt)
        else:
            items[-1] = replace(items[-1], spots=(*items[-1].spots, spot))
    problems += [f"{_name(spot)} has no content item after it, it is left out" for spot in waiting]
    return tuple(items), tuple(problems)


def _doubt(spot: Spot, content: Item | None) -> str | None:
    """Why a spot cannot belong to the content item before it; None where it can."""
    role = spot.item.media.role
    if content is None:
        return f"{_name(spot)} has no content item before it, it is left out"
    if role in TIMED and content.media.live:
        return f"{_name(spot)} has no place in a live stream, it is left out"
    if role is Role.OVERLAY:
        path = file_of(spot.item.media.uri)
        if path is None or not kind_of(spot.item.media.uri).image:
            return f"{_name(spot)} is no image file, it is left out"
        if any(sign in str(path) for sign in ",;"):
            return f"{_name(spot)} cannot be shown with a comma or semicolon in its name, it is left out"
    return None


def _name(spot: Spot) -> str:
    return f"the {spot.item.media.role.value} {masked(spot.item.media.uri)}"
