"""One item of the list, ready to be played, and all of them with how they are played.

Contract: values only; `agent.player.playlist` makes them, the director plays them.
"""

from dataclasses import dataclass

from agent.config.entries import EntryRules
from agent.config.hours import Window
from agent.kernel.media import Media

ALWAYS = Window()
RULES = EntryRules()


@dataclass(frozen=True, slots=True)
class Item:
    """A medium and how it is shown. What is None is as the `Screen` has it.

    `options`: libvlc media options. `volume` in percent, `rotation` in degrees clockwise. `window`: when it may be
    shown. `limit`: seconds after which something without an end of its own (a live stream) is gone on from. `spots`:
    the advertisements and bumpers that belong to it, in the order of the list. `cached`: a copy is kept here, which
    must have the checksum `sha256`, where there is one.
    """

    media: Media
    options: tuple[str, ...] = ()
    volume: int | None = None
    audio_device: str | None = None
    rotation: int | None = None
    window: Window = ALWAYS
    limit: float | None = None
    spots: "tuple[Spot, ...]" = ()
    cached: bool = False
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Spot:
    """An advertisement or bumper of a content item; its medium says its role.

    `at`: how far into the content a midroll or an overlay comes, `seconds`: how long an overlay stands (media s).
    """

    item: Item
    at: float = 0.0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Screen:
    """How all items are shown, where an item does not say otherwise."""

    volume: int = 100
    audio_device: str | None = None
    rotation: int = 0
    fullscreen: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be played from now on: the items, which have different keys, in their order, and how.

    `rules`: how a medium that is in no list is named, where the player is not ours.
    """

    items: tuple[Item, ...]
    loop: bool
    shuffle: bool
    screen: Screen
    rules: EntryRules = RULES
