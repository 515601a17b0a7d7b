"""A part of a device's report, as it travels.

Contract: `Slice.plain` and `slice_of` are inverse; the latter raises ValueError for anything else, whatever a device
sends. Pure.
Rules: a slice covers the lines of the ledger behind `after` up to `to`, every line once: whoever gathers them goes on
behind `to`, and passes over what begins before where they are. `span` is where the period lies in the ledger now, so
how much of it has come is the part that is covered, less the lines that were not there (`read` is how many were).
Reasons: a collection goes on after a lost connection, and a slice that comes twice counts once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from agent.kernel.plays import ChainHead
from agent.kernel.totals import COLUMNS, OF_A_DEVICE, By, Grouped, read_grouped

_LARGEST_NUMBER = 1 << 53
_LONGEST_TEXT = 200


@dataclass(frozen=True, slots=True)
class Slice:
    """`ledger`: the store's generation, in which a line's number means one line. `zone`: the device's, by its name,
    and `offset_s`: how far it is east of UTC now. `span`: the numbers of the period's first and last line; None: it has
    none. `done`: there are no more for now."""

    ledger: str
    zone: str
    offset_s: int
    chain: ChainHead
    span: tuple[int, int] | None
    after: int
    to: int
    read: int
    done: bool
    grouped: Grouped

    def plain(self) -> dict[str, Any]:
        """As JSON knows it."""
        return {
            "v": 1,
            "ledger": self.ledger,
            "zone": self.zone,
            "offset_s": self.offset_s,
            "chain": {
                "number": self.chain.number,
                "hash": self.chain.hash,
                "first": self.chain.first,
                "copied": self.chain.copied,
            },
            "span": None if self.span is None else list(self.span),
            "after": self.after,
            "cursor": self.to,
            "read": self.read,
            "done": self.done,
            "by": [each.value for each in self.grouped.by],
            "columns": list(COLUMNS),
            "rows": self.grouped.plain(),
        }


def slice_of(data: Mapping[str, Any]) -> Slice:
    """What `Slice.plain` made. Raises ValueError."""
    if data.get("v") != 1 or data.get("columns") != list(COLUMNS):
        raise ValueError("another version of reports")
    chain, span, done = data.get("chain"), data.get("span"), data.get("done")
    if not isinstance(chain, Mapping) or not isinstance(done, bool):
        raise ValueError("no slice")
    if span is not None and (not isinstance(span, list) or len(span) != 2):
        raise ValueError("no span")
    found = Slice(
        ledger=_text(data.get("ledger")),
        zone=_text(data.get("zone")),
        offset_s=_whole(data.get("offset_s"), least=-86_400),
        chain=ChainHead(
            _whole(chain.get("number")),
            _text(chain.get("hash")),
            _whole(chain.get("first")),
            _whole(chain.get("copied", 0)),
        ),
        span=None if span is None else (_whole(span[0], least=1), _whole(span[1], least=1)),
        after=_whole(data.get("after")),
        to=_whole(data.get("cursor")),
        read=_whole(data.get("read")),
        done=done,
        grouped=read_grouped(by_of(data.get("by")), data.get("rows")),
    )
    if found.to < found.after or found.read > found.to - found.after or found.grouped.whole.plays > found.read:
        raise ValueError("its numbers contradict each other")
    return found


def by_of(value: Any, among: Iterable[By] = OF_A_DEVICE) -> tuple[By, ...]:
    """The keys that a list names, or a text with commas. Raises ValueError with what there is."""
    names = value.split(",") if isinstance(value, str) else value
    allowed = {each.value: each for each in among}
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"allowed: some of {', '.join(allowed)}")
    for name in names:
        if name not in allowed:
            raise ValueError(f"no report is by {name[:40]!a}; allowed: some of {', '.join(allowed)}")
    if len(set(names)) < len(names):
        raise ValueError("each may stand there once")
    return tuple(allowed[name] for name in names)


def _whole(value: Any, *, least: int = 0) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= _LARGEST_NUMBER:
        raise ValueError("no whole number")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        raise ValueError("no text")
    return value
