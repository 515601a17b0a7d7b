"""What a statement looks like: data that an integrator may change.

Contract: `read` makes `Templates` of JSON text, or raises TemplateError, which names the place and the remedy; `fill`
gives a statement's body. Pure.
Rules: a template is a part of a statement, by the name of what it tells (`facts.NAMES`); `*` is merged under each.
`"${name}"` becomes the value with its type, `"…${name}…"` a text. What holds a value that is not known is left out, and
so is what is left empty by that; a statement without actor, verb or object is none. An integrator's file is merged over
the profile's own: null removes a key, and a whole template. Nobody sets what makes a statement ours: its id, its
timestamp, who stored it.
Reasons: issue "Statement templates are data"; xAPI 1.0.3, part 2, sections 2.2 to 2.4.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from agent.sinks.xapi.facts import NAMES, VALUES, Profile, Value

BASE: Final = "*"
ACTOR: Final = "actor"

_PLACE: Final = re.compile(r"\$\{([^}]*)\}")
_PARTS: Final = ("actor", "verb", "object", "result", "context", "attachments")
_NEEDED: Final = (ACTOR, "verb", "object")
# Deeper than any statement; a file that is nested without end must not end the agent.
_DEEPEST: Final = 32


class TemplateError(ValueError):
    """A template cannot be used; the text says which, where, and what to do."""


@dataclass(frozen=True, slots=True)
class Templates:
    """By name, each merged with what all have."""

    by_name: Mapping[str, Mapping[str, Any]]

    def fill(self, name: str, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """The statement's body; None where there is no such template, or it lacks what every statement has."""
        template = self.by_name.get(name)
        if template is None:
            return None
        filled = _filled(template, values)
        whole = isinstance(filled, dict) and all(_has_id(filled, part) for part in _NEEDED)
        return filled if whole else None


def read(profile: Profile, own: str, changes: str | None = None) -> Templates:
    """`own`: the profile's JSON text; `changes`: the integrator's. Raises TemplateError."""
    tree = _parsed(own)
    if changes is not None:
        tree = _merged(tree, _parsed(changes))
    base = {ACTOR: f"${{{ACTOR}}}", **(tree.get(BASE) or {})}
    _check_names(profile, tree)
    by_name = {name: _merged(base, tree[name]) for name in NAMES[profile] if tree.get(name) is not None}
    for name, template in by_name.items():
        _check(name, template)
    return Templates(by_name)


def _parsed(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TemplateError(f"is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise TemplateError("is no JSON object; write one template for each name")
    for name, template in found.items():
        if template is not None and not isinstance(template, dict):
            raise TemplateError(f"{name}: is no object; write parts of a statement, or null to send none")
    return found


def _check_names(profile: Profile, tree: Mapping[str, Any]) -> None:
    for name in tree:
        if name not in (BASE, *NAMES[profile]):
            raise TemplateError(f"{name}: is no template of the profile {profile.value}; {', '.join(NAMES[profile])}")


def _merged(under: Mapping[str, Any], over: Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
    if depth > _DEEPEST:
        raise TemplateError(f"is nested deeper than {_DEEPEST}")
    merged = dict(under)
    for key, value in over.items():
        mine = merged.get(key)
        if value is None and depth > 0:
            merged.pop(key, None)
        else:
            merged[key] = (
                _merged(mine, value, depth + 1) if isinstance(mine, dict) and isinstance(value, dict) else value
            )
    return merged


def _check(name: str, template: Mapping[str, Any]) -> None:
    for part in template:
        if part not in _PARTS:
            raise TemplateError(f"{name}.{part}: cannot be set; {', '.join(_PARTS)} can")
    for part in _NEEDED:
        if not isinstance(template.get(part), dict) and template.get(part) != f"${{{ACTOR}}}":
            raise TemplateError(f"{name}.{part}: is missing, and every statement has one")
    verb = template["verb"].get("id") if isinstance(template["verb"], dict) else None
    if not isinstance(verb, str) or _PLACE.search(verb) or not _is_iri(verb):
        raise TemplateError(f"{name}.verb.id: is no absolute IRI, as http://activitystrea.ms/schema/1.0/watch")
    target = template["object"].get("id") if isinstance(template["object"], dict) else None
    if not isinstance(target, str) or not (_PLACE.match(target) or _is_iri(target)):
        raise TemplateError(f"{name}.object.id: is no absolute IRI; ${{entry_url}} is the entry's")
    for place, text in _texts(template, (name,)):
        for used in _PLACE.findall(text):
            if used not in (*VALUES, ACTOR):
                raise TemplateError(f"{'.'.join(place)}: uses ${{{used}}}, which nothing is; {', '.join(VALUES)}")
    _check_extensions(name, template)


def _check_extensions(name: str, template: Mapping[str, Any]) -> None:
    """The standard wants IRIs as their names; an LRS refuses the whole batch over one that is none."""
    for part in ("result", "context"):
        holder = template.get(part)
        if holder is not None and not isinstance(holder, dict):
            raise TemplateError(f"{name}.{part}: is no object")
        extensions = (holder or {}).get("extensions", {})
        if not isinstance(extensions, dict):
            raise TemplateError(f"{name}.{part}.extensions: is no object")
        for key in extensions:
            if not _is_iri(key):
                raise TemplateError(f"{name}.{part}.extensions.{key}: is no absolute IRI")


def _texts(value: Any, place: tuple[str, ...]) -> Sequence[tuple[tuple[str, ...], str]]:
    if len(place) > _DEEPEST:
        raise TemplateError(f"{place[0]}: is nested deeper than {_DEEPEST}")
    if isinstance(value, str):
        return [(place, value)]
    if isinstance(value, Mapping):
        return [found for key, item in value.items() for found in _texts(item, (*place, str(key)))]
    if isinstance(value, list):
        return [found for index, item in enumerate(value) for found in _texts(item, (*place, str(index)))]
    return []


def _is_iri(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return bool(parts.scheme) and bool(parts.netloc or parts.path) and " " not in text


_GONE: Final = object()


def _filled(value: Any, values: Mapping[str, Any]) -> Any:
    """`value` with its places filled; `_GONE` where a value of it is not known, or nothing is left of it."""
    if isinstance(value, str):
        return _text(value, values)
    if isinstance(value, Mapping):
        pairs = {key: _filled(item, values) for key, item in value.items()}
        if pairs.get("id") is _GONE:
            return _GONE  # an activity that is not known is not mentioned
        kept = {key: item for key, item in pairs.items() if item is not _GONE}
        return kept if kept or not value else _GONE
    if isinstance(value, list):
        items = [item for each in value if (item := _filled(each, values)) is not _GONE]
        return items if items or not value else _GONE
    return value


def _text(text: str, values: Mapping[str, Any]) -> Any:
    whole = _PLACE.fullmatch(text)
    if whole is not None:
        found = values.get(whole[1])
        return _GONE if found is None else found
    names = _PLACE.findall(text)
    if any(values.get(name) is None for name in names):
        return _GONE
    return _PLACE.sub(lambda place: _shown(values[place[1]]), text)


def _shown(value: Value) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _has_id(filled: Mapping[str, Any], part: str) -> bool:
    found = filled.get(part)
    return isinstance(found, Mapping) and bool(found.get("id") or found.get("account") or found.get("mbox"))
