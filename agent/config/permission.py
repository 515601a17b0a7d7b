"""Which settings a document of the broker may set, and what the machine's own file permits beyond that.

Contract: pure. `Grant` is what the machine permits, and `grant_of` reads it in the machine's own tree; `forbidden`
yields a problem for each place of a document that it may not set, or remove; `grant_problems` judges `remote.allow`.
Rules: what the schema marks as remote may be set; beyond it what `remote.allow` names, a setting or a table with all in
it; never `NEVER`, which would let a document widen its own rights, or make the kiosk another one. Removing counts as
setting: a table is removed whole by a null, or by any value that is no table, so all in it must be permitted. What is
no setting at all is left to agent.config.check. No value is ever shown.
Reasons: decision 35.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from agent.config.kinds import MisfitError, MisfitsError
from agent.config.medium_options import medium_option_fault
from agent.config.model import Settings
from agent.config.problems import Place, Problem, place_text
from agent.config.remote import Remote
from agent.config.setting import Setting, Table, entries, walk
from agent.config.suggest import closest

Name = tuple[str, ...]

NEVER: frozenset[Name] = frozenset(
    {
        ("device", "id"),
        ("remote", "allow"),
        ("remote", "media_roots"),
        ("remote", "media_hosts"),
        ("remote", "base"),
    }
)
ALLOW: Name = ("remote", "allow")
# These two are remote, with a rule of their own, which the machine's file lifts by naming them.
MEDIA: Name = ("player", "playlist", "uri")
OPTIONS: Name = ("player", "playlist", "options")
_SETTINGS: Mapping[Name, Setting | Table] = {name: entry for name, _, entry in walk(Settings)}


@dataclass(frozen=True, slots=True)
class Grant:
    """What the machine permits: settings and tables beyond those marked remote, and where a playlist's media may be."""

    allow: frozenset[Name] = frozenset()
    media_roots: tuple[str, ...] = ()
    media_hosts: tuple[str, ...] = ()

    def names(self, name: Name) -> bool:
        """Whether `remote.allow` names the setting, or a table round it."""
        return any(name[:length] in self.allow for length in range(1, len(name) + 1))

    def permits(self, name: Name, setting: Setting) -> bool:
        """Whether a document may set it at all."""
        return name not in NEVER and (setting.remote or self.names(name))


def granted(allow: Sequence[str]) -> Grant:
    """A grant for the names of `remote.allow`, without media."""
    return Grant(frozenset(tuple(name.split(".")) for name in allow))


def grant_of(tree: Mapping[str, Any]) -> Grant:
    """What the machine's own file permits; a value of it that is not right permits nothing."""
    table = tree.get("remote", {})
    table = table if isinstance(table, Mapping) else {}
    return Grant(
        frozenset(tuple(name.split(".")) for name in _words(table, "allow")),
        _words(table, "media_roots"),
        _words(table, "media_hosts"),
    )


def grant_problems(tree: Mapping[str, Any]) -> Iterator[Problem]:
    """Entries of `remote.allow` that name nothing, or what no document may ever change."""
    known = {place_text(name): name for name in _SETTINGS}
    table = tree.get("remote")
    written = table.get("allow") if isinstance(table, Mapping) else None
    for index, name in enumerate(written if isinstance(written, list) else ()):
        if not isinstance(name, str):
            continue
        if name not in known:
            yield Problem((*ALLOW, index), "names no setting and no table", suggestion=closest(name, known))
        elif known[name] in NEVER:
            yield Problem((*ALLOW, index), f"names {name}, which no document may change", remedy="Take it out.")


def forbidden(tree: Any, grant: Grant) -> Iterator[Problem]:
    """Each place of a document's tree that it may not set."""
    if isinstance(tree, Mapping):
        yield from _table(tree, Settings, (), (), grant)


def _table(tree: Mapping[str, Any], model: type[Any], place: Place, name: Name, grant: Grant) -> Iterator[Problem]:
    for key, entry in entries(model):
        if key not in tree:
            continue
        here, named, value = (*place, key), (*name, key), tree[key]
        match entry:
            case Setting():
                if not grant.permits(named, entry):
                    yield _refused(here, named)
                elif named == OPTIONS and not grant.names(OPTIONS):
                    yield from _options(value, here)
            case Table(inner, _, many):
                if many:
                    yield from _items(value, inner, here, named, grant)
                elif isinstance(value, Mapping):
                    yield from _table(value, inner, here, named, grant)
                else:
                    yield from _removed(inner, here, named, grant)


def _items(value: Any, model: type[Any], place: Place, name: Name, grant: Grant) -> Iterator[Problem]:
    """A list is written whole, so only what stands in it counts, and a null in it stands for nothing."""
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, Mapping):
            written = {key: each for key, each in item.items() if each is not None}
            yield from _table(written, model, (*place, index), name, grant)


def _removed(model: type[Any], place: Place, name: Name, grant: Grant) -> Iterator[Problem]:
    """A whole table taken away takes all of its settings with it."""
    kept = [
        place_text((*name, *path))
        for path, _, entry in walk(model)
        if isinstance(entry, Setting) and not grant.permits((*name, *path), entry)
    ]
    if kept:
        what = f"may not be removed by the broker: {kept[0]} stands in it"
        yield Problem(place, what, remedy="Name the settings in it that are to be removed.")


def _options(value: Any, place: Place) -> Iterator[Problem]:
    for index, option in enumerate(value if isinstance(value, list) else ()):
        fault = medium_option_fault(option) if isinstance(option, str) else None
        if fault is not None:
            yield Problem((*place, index), f"names an option of VLC that {fault}", remedy=_remedy(OPTIONS))


def _refused(place: Place, name: Name) -> Problem:
    what = "may not be set by the broker"
    return (
        Problem(place, f"{what}, whatever remote.allow says")
        if name in NEVER
        else Problem(place, what, remedy=_remedy(name))
    )


def _remedy(name: Name) -> str:
    return f"To permit it, name {place_text(name)} in remote.allow of the machine's own file."


def _words(table: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """One list of `[remote]`, its default where it is not written."""
    field, default = dict(entries(Remote))[key], getattr(Remote(), key)
    read: Any = ()
    with suppress(MisfitError, MisfitsError):
        read = field.kind.read(table[key]) if key in table and isinstance(field, Setting) else default
    return tuple(read)
