"""The desired state of this device: the documents of its levels, wanted, applied and known to be good.

Contract: a value; each method answers the state as it is afterwards. Pure.
Rules: precedence is fleet, groups in their order, device. Groups are those of the device's own document where it names
some, else those of the machine's file; a document of a group counts only while the device is in it. That nothing is
retained is never an order. What is judged and applied is agent.remote.settling's.
Reasons: a broker that lost its retained messages, or came back with old ones, changes nothing here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, assert_never

from agent.config.layers import Layer
from agent.remote.documents import Document, Parsed
from agent.remote.shelf import PROBLEM_LENGTH, Outcome, Shelf
from agent.remote.topics import Device, Fleet, Group, Level

GROUPS_REMEMBERED = 64
"""Groups that the device has left: only their highest revisions are kept, and those of the last ones."""

Documents = Mapping[Level, Document]


class Which(Enum):
    """Which of each level's documents is meant."""

    WANTED = "wanted"
    APPLIED = "applied"
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class Home:
    """Where the device stands: its id, the groups of the machine's file, and which broker's revisions count."""

    device: str
    groups: tuple[str, ...] = ()
    broker: str = ""


@dataclass(frozen=True, slots=True)
class Returned:
    """The last return: which revisions were given back (None: a removal), why, and when (epoch s)."""

    revisions: Mapping[str, int | None]
    reason: str
    at: float


@dataclass(frozen=True, slots=True)
class Desired:
    """All that is known of what is wanted. `shelves`: by level; a level that was never heard of has none."""

    home: Home
    shelves: Mapping[Level, Shelf] = field(default_factory=dict)
    returned: Returned | None = None

    @property
    def levels(self) -> tuple[Level, ...]:
        """What is listened to, in the order of precedence: the levels of what is wanted, applied and good."""
        return self._levels(*Which)

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups whose documents count now."""
        return groups_of(self.home, self.documents(Which.APPLIED))

    def shelf(self, level: Level) -> Shelf:
        """What is known of `level`."""
        return self.shelves.get(level, Shelf())

    def documents(self, which: Which) -> dict[Level, Document]:
        """The documents of all levels. What was given back is not wanted."""
        found = {level: _of(shelf, which) for level, shelf in self.shelves.items()}
        return {level: document for level, document in found.items() if document is not None}

    def layers_of(self, which: Which) -> list[Layer]:
        """The documents as layers to be laid over the machine's file."""
        return layers(self.home, self.documents(which))

    def offer(self, level: Level, parsed: Parsed) -> tuple["Desired", Outcome]:
        """What arrived on the topic of `level` is looked at."""
        if level not in self.levels:
            return self, Outcome.NOT_OURS
        shelf, outcome = self.shelf(level).offered(parsed)
        after = replace(self, shelves={**self.shelves, level: shelf})
        return after.tidied() if outcome in (Outcome.TAKEN, Outcome.REMOVED) else after, outcome

    def confirmed(self) -> "Desired":
        """What is applied has stood its trial."""
        shelves = {level: replace(shelf, good=shelf.applied) for level, shelf in self.shelves.items()}
        return replace(self, shelves=shelves).tidied()

    def given_back(self, reason: str, *, wall: float) -> "Desired":
        """The last good documents are applied again, and what was not among them is not tried again.

        `reason`: for people; `wall`: now, epoch s. Whoever calls this has the rest judged anew (settling.start).
        """
        back = {level: shelf for level, shelf in self.shelves.items() if shelf.applied != shelf.good}
        # What is not applied although it is wanted belongs to a group that was left; nothing of it was on trial.
        tried = {str(level): shelf.applied for level, shelf in back.items() if shelf.applied or not shelf.wanted}
        revisions = {name: None if document is None else document.revision for name, document in tried.items()}
        shelves = {**self.shelves, **{level: shelf.returned(reason) for level, shelf in back.items()}}
        return replace(self, shelves=shelves, returned=Returned(revisions, reason[:PROBLEM_LENGTH], wall))

    def moved(self, home: Home) -> "Desired":
        """The same state where the machine's file says another id, other groups, or another broker."""
        shelves = {
            level: shelf if home.broker == self.home.broker else shelf.moved()
            for level, shelf in self.shelves.items()
            if not isinstance(level, Device) or level.id == home.device
        }
        return replace(self, home=home, shelves=shelves).tidied()

    def tidied(self) -> "Desired":
        """Without the documents of groups that the device left, and without what is no longer worth a report."""
        inside = set(self.levels)
        left = [level for level in self.shelves if level not in inside][-GROUPS_REMEMBERED:]
        shelves = {level: self.shelves[level].left() for level in left}
        shelves |= {level: shelf for level, shelf in self.shelves.items() if level in inside}
        sorry = any(shelves[level].condemned for level in inside if level in shelves)
        return replace(self, shelves=shelves, returned=self.returned if sorry else None)

    def report(self, *, on_trial: bool) -> dict[str, Any]:
        """The parts `groups`, `state`, `levels` and `returned` of what is reported."""
        shelves = {level: self.shelf(level) for level in self._levels(Which.WANTED, Which.APPLIED)}
        return {
            "groups": list(self.groups),
            "state": self._state(on_trial=on_trial, refused=any(shelf.problems for shelf in shelves.values())),
            "levels": {
                str(level): {
                    "wanted": shelf.wanted and shelf.wanted.revision,
                    "applied": shelf.applied and shelf.applied.revision,
                    "problems": list(shelf.problems),
                }
                for level, shelf in shelves.items()
            },
            "returned": self.returned
            and {
                "revisions": dict(self.returned.revisions),
                "reason": self.returned.reason,
                "at": self.returned.at,
            },
        }

    def _levels(self, *which: Which) -> tuple[Level, ...]:
        groups = (level for each in which for level in in_force(self.home, self.documents(each))[1:-1])
        return (Fleet(), *dict.fromkeys(groups), Device(self.home.device))

    def _state(self, *, on_trial: bool, refused: bool) -> str:
        if on_trial:
            return "trial"
        if self.returned is not None:
            return "returned"
        return "refused" if refused else "applied"


def groups_of(home: Home, documents: Documents) -> tuple[str, ...]:
    """The groups of a device that goes by `documents`, the last of which counts most."""
    own = documents.get(Device(home.device))
    named = home.groups if own is None or own.groups is None else own.groups
    # Of a group that is named twice, the later place counts.
    return tuple(reversed(dict.fromkeys(reversed(named))))


def in_force(home: Home, documents: Documents) -> tuple[Level, ...]:
    """The levels that count for a device that goes by `documents`, in the order of precedence."""
    return (Fleet(), *(Group(name) for name in groups_of(home, documents)), Device(home.device))


def layers(home: Home, documents: Documents) -> list[Layer]:
    """The documents that count, in the order of precedence."""
    found = (documents.get(level) for level in in_force(home, documents))
    return [layer_of(document) for document in found if document is not None]


def layer_of(document: Document) -> Layer:
    """The document as a layer. A person who asks where a value comes from is told the revision too."""
    return Layer(f"{document.level}@{document.revision}", document.tree, {}, remote=True)


def _of(shelf: Shelf, which: Which) -> Document | None:
    match which:
        case Which.WANTED:
            return shelf.aim
        case Which.APPLIED:
            return shelf.applied
        case Which.GOOD:
            return shelf.good
        case _:
            assert_never(which)
