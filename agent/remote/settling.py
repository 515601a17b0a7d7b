"""Which of the wanted documents are applied.

Contract: `settle` answers the state afterwards and the configuration to apply, or None where nothing changes; `start`
what a program begins with. `judge` says what documents, as layers over the machine's file, make together. Pure.
Rules: all that is wanted at once, if it is good. If not, all but the documents that are blamed; then each that is left
on its own over what is applied, so that a bad one of a group does not keep the device's own away. What is applied was
always judged as a whole. A document that is refused keeps all its problems, and those are the ones that came with it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from agent.config.files import Loaded
from agent.config.layers import Layer
from agent.config.problems import ConfigurationError
from agent.remote.desired import Desired, Documents, Home, Which, in_force, layer_of, layers
from agent.remote.documents import Document
from agent.remote.shelf import Shelf, texts
from agent.remote.topics import Level

Judge = Callable[[Sequence[Layer]], Loaded | ConfigurationError]

PASSES = 3
"""One document may be good only with another that comes after it, as a group's that the device's own brings in."""


def settle(desired: Desired, judge: Judge) -> tuple[Desired, Loaded | None]:
    """Applies of what is wanted as much as is good; what is applied already was judged (`start`)."""
    judge = _once(judge)
    wanted, applied = desired.documents(Which.WANTED), desired.documents(Which.APPLIED)
    if wanted == applied:
        return _adopted(desired, applied, {}), None
    match judge(layers(desired.home, wanted)):
        case Loaded() as loaded:
            after = _adopted(desired, wanted, {})
        case ConfigurationError() as error:
            kept, loaded_, refused = _grown(desired, applied, wanted, judge, error)
            after = _adopted(desired, kept, refused)
            if loaded_ is None:
                return after, None
            loaded = loaded_
    return after.tidied(), None if after.documents(Which.APPLIED) == applied else loaded


def start(desired: Desired, judge: Judge) -> tuple[Desired, Loaded]:
    """What is applied, less the documents that are no longer good: the machine's file may have changed since.

    Raises `ConfigurationError` where the machine's file alone is not good.
    """
    applied = desired.documents(Which.APPLIED)
    match judge(layers(desired.home, applied)):
        case Loaded() as loaded:
            return desired, loaded
        case ConfigurationError() as fault:
            match judge([]):
                case ConfigurationError() as error:
                    raise error
                case Loaded() as alone:
                    kept, loaded_, refused = _grown(desired, {}, applied, judge, fault)
                    return _adopted(desired, kept, refused), loaded_ or alone


Refusals = Mapping[Level, tuple[str, ...]]


def _grown(
    desired: Desired, base: Documents, wanted: Documents, judge: Judge, fault: ConfigurationError
) -> tuple[Documents, Loaded | None, Refusals]:
    """`base` with each of the `wanted` documents that is good over it; the configuration of that, if it changed.

    `fault`: what is wrong with them all together.
    """
    kept, loaded = _spared(desired, base, wanted, judge, fault)
    refused: dict[Level, tuple[str, ...]] = {}
    left = [level for level in desired.levels if wanted.get(level) != kept.get(level)]
    for _ in range(PASSES):
        before = list(left)
        for level in before:
            tried = _with(kept, level, wanted.get(level))
            if not _counts(desired.home, level, kept, tried):
                continue
            match judge(layers(desired.home, tried)):
                case Loaded() as found:
                    kept, loaded = tried, found
                    left.remove(level)
                    refused.pop(level, None)
                case ConfigurationError() as error:
                    refused[level] = texts(error.problems)
        if not left or left == before:
            break
    return kept, loaded, refused


def _spared(
    desired: Desired, base: Documents, wanted: Documents, judge: Judge, fault: ConfigurationError
) -> tuple[Documents, Loaded | None]:
    """`base` with all `wanted` documents that `fault` does not blame, if that is good: one bad one of many is usual."""
    blamed = {problem.origin.layer for problem in fault.problems if problem.origin is not None}
    spared = dict(base)
    for level in desired.levels:
        document = wanted.get(level)
        if document is None or layer_of(document).name not in blamed:
            spared = _with(spared, level, document)
    if spared in (base, wanted):
        return base, None
    match judge(layers(desired.home, spared)):
        case Loaded() as found:
            return spared, found
        case ConfigurationError():
            return base, None


def _once(judge: Judge) -> Judge:
    """`judge`, which asks nothing twice: a single document that is refused is judged alone already."""
    answers: dict[tuple[int, ...], Loaded | ConfigurationError] = {}

    def ask(asked: Sequence[Layer]) -> Loaded | ConfigurationError:
        key = tuple(id(layer.tree) for layer in asked)
        if key not in answers:
            answers[key] = judge(asked)
        return answers[key]

    return ask


def _with(documents: Documents, level: Level, document: Document | None) -> dict[Level, Document]:
    others = {each: kept for each, kept in documents.items() if each != level}
    return others if document is None else {**others, level: document}


def _counts(home: Home, level: Level, before: Documents, after: Documents) -> bool:
    """Whether what `level` says has a say; otherwise judging would find it good without a look at it."""
    return level in in_force(home, before) or level in in_force(home, after)


def _adopted(desired: Desired, documents: Documents, refused: Refusals) -> Desired:
    counting = set(in_force(desired.home, documents))
    shelves = {
        level: _taken(shelf, documents.get(level) if level in counting else None, refused.get(level, ()))
        for level, shelf in desired.shelves.items()
    }
    return replace(desired, shelves=shelves)


def _taken(shelf: Shelf, applied: Document | None, refused: tuple[str, ...]) -> Shelf:
    return replace(shelf, applied=applied, refused=refused if shelf.condemned is None else (shelf.condemned, *refused))
