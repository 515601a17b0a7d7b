"""What is known of one level's documents.

Contract: a value; each method answers the shelf as it is afterwards. Pure.
Rules: revisions only rise. The highest that was ever taken stays known when its document is removed, so that an old
one that comes again (a broker restored from its backup) is not taken for news. What was given back is not tried again
until something else is wanted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from agent.config.problems import Origin, Problem
from agent.config.redact import masked
from agent.remote.documents import Document, Parsed, Removal, fingerprint

PROBLEMS_KEPT = 50
"""As many as a report holds; the rest is counted."""
PROBLEM_LENGTH = 500


class Outcome(Enum):
    """What became of what arrived. Only TAKEN and REMOVED must be durable before they are acknowledged."""

    TAKEN = "taken"
    REMOVED = "removed"
    KNOWN = "known"
    STALE = "stale"
    MALFORMED = "malformed"
    NOT_OURS = "not-ours"


@dataclass(frozen=True, slots=True)
class Shelf:
    """`wanted`: the newest good one; `applied`: in use; `good`: the last that stood its trial. None: no document.

    `floor`: the highest revision ever taken; `known`: its fingerprint, None where it was removed. `condemned`: why
    what is wanted (a removal too) was given back; None: it was not. `unread`: what is wrong with what arrived last
    and was not taken; `refused`: why what is wanted is not applied.
    """

    wanted: Document | None = None
    applied: Document | None = None
    good: Document | None = None
    floor: int = 0
    known: str | None = None
    condemned: str | None = None
    unread: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def aim(self) -> Document | None:
        """What is to be applied if it is found good."""
        return self.wanted if self.condemned is None else self.applied

    @property
    def problems(self) -> tuple[str, ...]:
        """Everything that is wrong here."""
        return (*self.unread, *self.refused)

    def offered(self, parsed: Parsed) -> tuple["Shelf", Outcome]:
        """What arrived is looked at."""
        match parsed:
            case Document():
                return self._document(parsed)
            case Removal():
                if self.wanted is None:
                    return replace(self, known=None, unread=()), Outcome.KNOWN
                gone = replace(self, wanted=None, known=None, condemned=None, unread=(), refused=())
                return gone, Outcome.REMOVED
            case problems:
                return replace(self, unread=texts(problems)), Outcome.MALFORMED

    def returned(self, reason: str) -> "Shelf":
        """The last good document is in use again."""
        if self.applied == self.good:
            return self
        if self.wanted != self.applied:
            return replace(self, applied=self.good)
        text = f"was given back: {reason}"[:PROBLEM_LENGTH]
        return replace(self, applied=self.good, condemned=text, refused=(text,))

    def moved(self) -> "Shelf":
        """The same documents, where another broker counts its own revisions."""
        return replace(self, floor=0, known=None)

    def left(self) -> "Shelf":
        """What is remembered of a group that the device is no longer in: it is heard anew if it comes back."""
        return Shelf(floor=self.floor, known=self.known, condemned=self.condemned)

    def _document(self, document: Document) -> tuple["Shelf", Outcome]:
        said = fingerprint(document)
        if document.revision < self.floor:
            return self._stale(document, f"{document.revision} is older than {self.floor}, which is known here")
        if document.revision == self.floor and said != self.known:
            what = "was removed" if self.known is None else "is known here with another content"
            return self._stale(document, f"{document.revision} {what}")
        same = self.wanted is not None and self.wanted.revision == document.revision
        if self.wanted is not None and same and fingerprint(self.wanted) == said:
            return replace(self, floor=document.revision, known=said, unread=()), Outcome.KNOWN
        # One that was given back stays so where the device left its group and came again.
        again = document.revision == self.floor
        return replace(
            self,
            wanted=document,
            floor=document.revision,
            known=said,
            condemned=self.condemned if again else None,
            unread=(),
            refused=self.refused if again else (),
        ), Outcome.TAKEN

    def _stale(self, document: Document, what: str) -> tuple["Shelf", Outcome]:
        remedy = "Publish a higher one."
        problem = Problem(("revision",), what, remedy=remedy, origin=Origin(str(document.level)))
        return replace(self, unread=texts([problem])), Outcome.STALE


def texts(problems: Sequence[Problem]) -> tuple[str, ...]:
    """The problems as they are reported: bounded, and without what rides in addresses."""
    told = tuple(masked(str(problem))[:PROBLEM_LENGTH] for problem in problems[:PROBLEMS_KEPT])
    more = len(problems) - len(told)
    return (*told, f"and {more} more") if more else told
