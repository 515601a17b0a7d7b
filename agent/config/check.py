"""Turns a tree of plain values into `Settings`, or into everything that is wrong with it.

Contract: `check(tree)` answers settings, or the problems (without origins: the tree has no lines); `misfits(tree)`
those problems alone that each value is by itself, whatever stands elsewhere. Pure.
Rules: unknown keys are problems, with what was probably meant, and their values are never shown: a secret may stand
under a misspelt name. A tree is accepted as a whole or not at all.
Reasons: cattrs reports every fault of every class at once; each field is read by its own kind (agent.config.setting).
"""

from collections.abc import Iterator, Mapping
from functools import cache, partial
from typing import Any

from cattrs import Converter, override
from cattrs.errors import (
    AttributeValidationNote,
    BaseValidationError,
    ForbiddenExtraKeysError,
    IterableValidationNote,
)
from cattrs.gen import make_dict_structure_fn

from agent.config.kinds import MisfitError, MisfitsError, quoted
from agent.config.model import Settings
from agent.config.problems import Place, Problem, bounded, place_text
from agent.config.rules import across
from agent.config.setting import Setting, Table, entries, walk
from agent.config.suggest import closest

# A playlist of more items is a folder or an M3U file.
MOST_TABLES = 5000


def check(tree: Mapping[str, Any]) -> Settings | tuple[Problem, ...]:
    """The settings that `tree` says, defaults filled in; or all its problems."""
    taken = _taken(tree)
    problems = [] if isinstance(taken, Settings) else list(taken)
    meant = {(*problem.place[:-1], problem.suggestion) for problem in problems if problem.suggestion}
    # What is only misspelt is not missing as well.
    problems += [problem for problem in bounded(across(tree)) if problem.place not in meant]
    return tuple(problems) if problems or not isinstance(taken, Settings) else taken


def misfits(tree: Any) -> tuple[Problem, ...]:
    """Unknown keys and values that no setting takes; not what is missing, but for what an element of a list needs."""
    taken = _taken(tree)
    return () if isinstance(taken, Settings) else taken


def _taken(tree: Any) -> Settings | tuple[Problem, ...]:
    try:
        settings: Settings = _converter().structure(tree, Settings)
    except (BaseValidationError, MisfitError) as error:
        return tuple(bounded(_problems(error, (), Settings)))
    return settings


@cache
def _converter() -> Converter:
    converter = Converter(forbid_extra_keys=True, detailed_validation=True)
    _register(converter, Settings)
    return converter


def _register(converter: Converter, model: type[Any]) -> None:
    hooks: dict[str, Any] = {}
    for name, entry in entries(model):
        if isinstance(entry, Setting):
            hooks[name] = override(struct_hook=partial(_read, entry))
        else:
            _register(converter, entry.model)
            hooks[name] = override(struct_hook=partial(_nest, converter, entry))
    converter.register_structure_hook(
        model,
        partial(
            _table,
            make_dict_structure_fn(
                model, converter, _cattrs_forbid_extra_keys=True, _cattrs_detailed_validation=True, **hooks
            ),
        ),
    )


def _read(entry: Setting, value: Any, _type: Any) -> Any:
    return entry.kind.read(value)


def _nest(converter: Converter, entry: Table, value: Any, _type: Any) -> Any:
    if not entry.many:
        return converter.structure(value, entry.model)
    if not isinstance(value, list):
        raise MisfitError(f"found {quoted(value)}", "an array of tables, each under a header in [[double brackets]]")
    if len(value) > MOST_TABLES:
        raise MisfitError(
            f"found {len(value)} of them", f"at most {MOST_TABLES}", remedy="Name a folder or an M3U list."
        )
    return converter.structure(value, tuple[entry.model, ...])  # type: ignore[name-defined]


def _table(structure: Any, value: Any, model: Any) -> Any:
    if not isinstance(value, Mapping):
        raise MisfitError(f"found {quoted(value)}", "a table")
    return structure(value, model)


def _problems(error: BaseException, place: Place, model: type[Any]) -> Iterator[Problem]:
    """Walks the tree of exceptions that cattrs raises; its notes say where each belongs."""
    match error:
        case ForbiddenExtraKeysError():
            yield from (_unknown(place, key, error.cl) for key in error.extra_fields)
        case BaseValidationError():
            for inner in error.exceptions:
                yield from _problems(inner, place + _step(inner), error.cl)
        case MisfitsError():
            for index, misfit in error.each:
                yield from _problems(misfit, (*place, index), model)
        case MisfitError():
            yield Problem(place, error.what, error.allowed, error.suggestion, error.remedy)
        case KeyError():
            found = dict(entries(model))[str(error.args[0])]
            allowed = found.kind.allowed if isinstance(found, Setting) else None
            yield Problem((*place, str(error.args[0])), "is missing", allowed)
        case _:
            raise error


def _step(error: BaseException) -> Place:
    for note in getattr(error, "__notes__", ()):
        match note:
            case AttributeValidationNote():
                # A missing key is named by its KeyError.
                return () if isinstance(error, KeyError) else (note.name,)
            case IterableValidationNote():
                return (note.index,)
    return ()


def _unknown(place: Place, key: str, model: type[Any]) -> Problem:
    known = [name for name, _ in entries(model)]
    here = closest(key, known)
    if here is not None:
        return Problem((*place, key), "is not a setting", suggestion=place_text((here,)))
    elsewhere = next(
        (path for path, _, entry in walk(Settings) if path[-1] == key and isinstance(entry, Setting)), None
    )
    if elsewhere is not None:
        *table, _ = elsewhere
        return Problem((*place, key), "is not a setting here", suggestion=f"{key} in [{place_text(tuple(table))}]")
    return Problem((*place, key), "is not a setting", ", ".join(known))
