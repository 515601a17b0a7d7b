"""Items that VLC plays several times in a row, or for ever, without a gap between the passes.

Contract: `settle` gives the items of a list as they are to be played. Which ones repeat is in their media, by which the
tracker goes. What an item asks for and cannot have is a problem in words; it is then played as any other.
Rules: `seamless` is for the one item of a list that loops; `:input-repeat=N`, VLC's own option, plays an item N more
times, wherever it stands. What has no end of its own (a live stream), no time line (an image) or times that go back by
themselves (a stream of segments) has no passes that could be told; nor is an item with advertisements repeated, since a
midroll has its content loaded anew, from the middle.
Of several options of a name VLC takes the last one, and a medium's before the player's.
Reasons: decision 12; vlc.md section 8 (only `:input-repeat` loops one file without a gap); 65535 is VLC's own bound.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from agent.config.redact import masked
from agent.player.items import Item
from agent.player.kinds import kind_of

ENDLESS = ":input-repeat=65535"
_ONCE = ":input-repeat=0"
_OPTION = re.compile(r"(?::|--)input-repeat=([0-9]+)")


def settle(
    items: Sequence[Item], *, seamless: Collection[str], loop: bool, vlc_options: Sequence[str]
) -> tuple[tuple[Item, ...], tuple[str, ...]]:
    """The items, and the problems. `seamless`: the keys of those that are to be; `vlc_options`: the player's own."""
    settled: list[Item] = []
    problems: list[str] = []
    for item in items:
        name = masked(item.media.uri)
        if item.media.key in seamless:
            doubt = _doubt(item) or _doubt_of_list(len(items), loop=loop)
            if doubt is None:
                item = replace(item, options=(*item.options, ENDLESS))
            else:
                problems.append(f"{name} is not played seamlessly: {doubt}")
        if _repeats(vlc_options, item.options) and not _is_endless_or_still(item):
            if item.spots:
                problems.append(f"{name} is played once in a row: {_doubt(item)}")
                item = replace(item, options=(*item.options, _ONCE))
            else:
                item = replace(item, media=replace(item.media, repeats=True))
        settled.append(item)
    return tuple(settled), tuple(problems)


def _repeats(*options: Sequence[str]) -> bool:
    """Whether VLC repeats a medium with `options`, the last of a name counting."""
    found = [int(match[1]) for each in options for option in each if (match := _OPTION.fullmatch(option))]
    return bool(found) and found[-1] > 0


def _is_endless_or_still(item: Item) -> bool:
    return item.media.live or kind_of(item.media.uri).image


def _doubt(item: Item) -> str | None:
    """Why the item itself cannot be repeated."""
    if item.spots:
        return "it has advertisements or bumpers"
    if _is_endless_or_still(item):
        return "it is a live stream or an image"
    return "it is a stream of segments" if item.media.adaptive else None


def _doubt_of_list(count: int, *, loop: bool) -> str | None:
    if count > 1:
        return "the list has other items; the option :input-repeat=4 plays one item five times in a row"
    return None if loop else "the list does not loop"
