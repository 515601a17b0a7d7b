"""The playlist of the settings as a list of items, each one medium.

Contract: `expand` reads folders, M3U lists and sidecars from the disk; what it cannot read is a problem in words and
never an exception.
Rules: a folder gives its media files in natural order (2 before 10), hidden files and sub-folders left out. A list
gives its entries, lists in it included, `DEEPEST` deep. An address that cannot be expanded stays an item, so that its
failure is told like any other. Keys are the addresses, numbered where one occurs again: a key is stable as long as the
order of its equals is. At most `MOST_ITEMS` items. A role holds for all that its line expands to; an item with a role
counts for the entry of its content item, so it needs none.
Reasons: house rule 8 (bounds); agent.config.entries for the Kaltura entry.
"""

import os
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.config.addresses import MEDIA_SCHEMES, scheme_of
from agent.config.entries import SIDECAR_SUFFIX, EntryRules, entry_for
from agent.config.player import Player, PlaylistItem
from agent.kernel.media import Media, Role
from agent.player.grouping import Line, group
from agent.player.items import Item
from agent.player.kinds import LISTS, MEDIA_FILES, extension_of, file_of, kind_of
from agent.player.m3u import entries_of, is_hls
from agent.player.repeating import settle

# 10,000 items are a few megabytes of memory; a longer list is a mistake, as the whole disk named as a folder.
MOST_ITEMS = 10_000
MOST_LIST_BYTES = 4 << 20
MOST_SIDECAR_BYTES = 4096
DEEPEST = 3


@dataclass(frozen=True, slots=True)
class Playlist:
    """`problems`: sentences for the log, each once."""

    items: tuple[Item, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    uri: str
    duration: float | None


def expand(player: Player, rules: EntryRules) -> Playlist:
    """All items of `[player]`, whose addresses are URLs already (agent.config.resolve)."""
    lines: list[Line] = []
    problems: list[str] = []
    seen: Counter[str] = Counter()
    seamless: set[str] = set()
    for line in player.playlist:
        for found in _expanded(_Found(line.uri, None), problems, depth=0):
            if len(lines) >= MOST_ITEMS:
                problems.append(f"the playlist has more than {MOST_ITEMS} items; the rest is left out")
                return _grouped(lines, problems, seamless, player)
            seen[found.uri] += 1
            key = found.uri if seen[found.uri] == 1 else f"{found.uri} ({seen[found.uri]})"
            if line.seamless:
                seamless.add(key)
            lines.append(Line(_item(line, found, key, player, rules), line.at_s or 0.0, line.duration_s or 0.0))
    return _grouped(lines, problems, seamless, player)


def _grouped(lines: Sequence[Line], problems: Sequence[str], seamless: Collection[str], player: Player) -> Playlist:
    grouped, doubts = group(lines)
    items, more = settle(grouped, seamless=seamless, loop=player.loop, vlc_options=player.vlc_options)
    return Playlist(items, tuple(dict.fromkeys([*problems, *doubts, *more])))


def may_exist(item: Item) -> bool:
    """False only where the medium is a local file that plainly is not there."""
    path = file_of(item.media.uri)
    if path is None:
        return True
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError):
        return True
    return True


def _expanded(found: _Found, problems: list[str], *, depth: int) -> Iterator[_Found]:
    try:
        path = file_of(found.uri)
    except ValueError:
        problems.append(f"this is no address: {found.uri}")
        return
    try:
        if path is not None and path.is_dir():
            yield from _folder(path, problems)
        elif path is not None and extension_of(found.uri) in LISTS and path.is_file():
            yield from _list(found, path, problems, depth=depth)
        else:
            if path is None and extension_of(found.uri) == "m3u":
                problems.append(f"a list of media is read from files only, not from {found.uri}")
            yield found
    except (OSError, ValueError) as error:
        problems.append(f"cannot read {path}: {getattr(error, 'strerror', None) or error}")
        yield found


def _folder(path: Path, problems: list[str]) -> Iterator[_Found]:
    names = sorted(
        (entry.name for entry in os.scandir(path) if not entry.name.startswith(".") and entry.is_file()),
        key=natural,
    )
    media = [name for name in names if name.rpartition(".")[2].lower() in MEDIA_FILES]
    if not media:
        problems.append(f"there is no medium in the folder {path}")
    for name in media:
        yield _Found((path / name).absolute().as_uri(), None)


def _list(found: _Found, path: Path, problems: list[str], *, depth: int) -> Iterator[_Found]:
    if path.stat().st_size > MOST_LIST_BYTES:
        raise ValueError(f"the list is larger than {MOST_LIST_BYTES} bytes")
    text = path.read_text(encoding="utf-8", errors="surrogateescape")
    if is_hls(text):
        yield found
        return
    if depth >= DEEPEST:
        raise ValueError(f"lists in lists go deeper than {DEEPEST}")
    entries = entries_of(text, path.absolute().as_uri())
    if not entries:
        problems.append(f"there is nothing in the list {path}")
    for entry in entries:
        if scheme_of(entry.uri) in MEDIA_SCHEMES:
            yield from _expanded(_Found(entry.uri, entry.duration), problems, depth=depth + 1)
        else:
            problems.append(f"the list {path} names an address of a kind that is not played")


def natural(name: str) -> list[tuple[int, int, str]]:
    """A sort key under which numbers count by their value: clip2 before clip10."""
    parts = re.split(r"(\d+)", name.casefold())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part]


def _item(line: PlaylistItem, found: _Found, key: str, player: Player, rules: EntryRules) -> Item:
    kind, role = kind_of(found.uri), line.role or Role.CONTENT
    entry = _entry(found.uri, line, rules) if role is Role.CONTENT else None
    live = line.live or kind.live
    start, stop, limit = line.start_s, line.stop_s, None
    options = list(line.options)
    if kind.image:
        start = stop = None
        # A list's duration is how long an image stands; a clip's is in the clip.
        seconds = line.duration_s or found.duration or player.image_duration_s
        options.append(f":image-duration={seconds:g}")
    elif line.duration_s is not None:
        if live:
            limit = line.duration_s
        else:
            ends = (start or 0.0) + line.duration_s
            stop = ends if stop is None else min(stop, ends)
    options += [f":start-time={start:g}"] if start is not None else []
    options += [f":stop-time={stop:g}"] if stop is not None else []
    media = Media(
        key=key,
        uri=found.uri,
        entry_id=entry,
        live=live,
        adaptive=kind.adaptive,
        estimated_length=kind.estimated_length,
        start=start,
        stop=stop,
        holds_last_frame="--play-and-pause" in player.vlc_options,
        role=role,
    )
    shown: dict[str, Any] = {"volume": line.volume, "audio_device": line.audio_device, "window": line.window}
    shown["rotation"] = line.rotation.value if line.rotation is not None else None
    cached = line.cache and scheme_of(found.uri) in ("http", "https") and not (live or kind.adaptive)
    return Item(media=media, options=tuple(options), limit=limit, cached=cached, sha256=line.sha256, **shown)


def _entry(uri: str, line: PlaylistItem, rules: EntryRules) -> str | None:
    """The entry as which the medium is reported. A card is slow: a sidecar that does not count is not looked for."""
    counts = rules.use_sidecar and line.entry_id is None
    return entry_for(uri, line.entry_id, rules, sidecar(uri) if counts else None).entry_id


def sidecar(uri: str) -> str | None:
    """The text beside a local file that names its entry, or None."""
    path = file_of(uri)
    if path is None:
        return None
    try:
        with Path(f"{path}{SIDECAR_SUFFIX}").open("rb") as file:
            return file.read(MOST_SIDECAR_BYTES).decode("utf-8", "replace")
    except (OSError, ValueError):
        return None
