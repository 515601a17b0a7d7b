"""What a medium in somebody else's player is: an item of the list, by its address, or else what its address says.

Contract: `item` gives the item of an address, with a medium that is `polled`. It reads a sidecar at most.
Rules: the item comes from the list where that has the address, with its entry, its part and whether it is live. A local
path and its file:// address are the same, and so are two ways to write one address; passwords and tokens do not count.
An address that stands twice is the first one's. A spot of the list, wherever it is found, is played and not reported.
Any other address is named by the rules of [kaltura.entries], and masked: it is kept, and shown to people.
Reasons: agent.config.entries; the list that VLC plays is VLC's own.
"""

import os
import posixpath
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from agent.config.entries import EntryRules, entry_for
from agent.config.redact import masked
from agent.kernel.media import Media, Role
from agent.player.items import Item
from agent.player.kinds import file_of, kind_of
from agent.player.playlist import sidecar

# An address that is longer names no medium of a kiosk, and is kept in every event of its play.
LONGEST = 2048


class Naming:
    """`items`: the list, which may be empty; `rules`: how media that are not in it are named."""

    def __init__(self, items: Iterable[Item], rules: EntryRules) -> None:
        self._rules = rules
        self.items = tuple(items)
        self._listed: dict[str, Item] = {}
        for item in self.items:
            self._list(item, replace(item.media, polled=True, holds_last_frame=False))
            for spot in item.spots:
                media = replace(spot.item.media, role=Role.CONTENT, entry_id=None, polled=True, holds_last_frame=False)
                self._list(spot.item, media)

    def _list(self, item: Item, media: Media) -> None:
        self._listed.setdefault(same(media.uri), replace(item, media=media, spots=()))

    def item(self, uri: str) -> Item:
        """The item that is played from `uri`."""
        found = self._listed.get(same(uri))
        return self._unlisted(uri) if found is None else found

    def _unlisted(self, uri: str) -> Item:
        safe = masked(uri)[:LONGEST]
        try:
            kind = kind_of(uri)
            entry = entry_for(uri, None, self._rules, sidecar(uri) if self._rules.use_sidecar else None).entry_id
        except ValueError:
            return Item(Media(key=safe, uri=safe, polled=True))
        media = Media(
            key=safe,
            uri=safe,
            entry_id=entry,
            live=kind.live,
            adaptive=kind.adaptive,
            estimated_length=kind.estimated_length,
            polled=True,
        )
        return Item(media)


def same(uri: str) -> str:
    """A text that is the same for all ways to write one address, with or without what is secret in it."""
    text = masked(uri)
    try:
        path = file_of(text)
        if path is not None:
            return f"file:{os.path.normpath(path)}"
        address = urlsplit(text)
    except ValueError:
        return text
    if not address.scheme:
        return f"file:{posixpath.normpath(unquote(text))}"
    place = address.netloc.rpartition("@")[2].lower()
    return f"{address.scheme.lower()}://{place}{unquote(address.path)}?{address.query}"
