"""Carries a draft in: folders, secrets, files, and the configuration last.

Contract: `apply` answers what was changed, in words; it raises OSError. `existing` reads what is there already.
Rules: secrets come first and the configuration last, each durable before the next, so that after a power cut at any
point the old configuration stands with all its files, or the new one with all of its. Repeated, it changes nothing.
The configuration that is replaced stays beside the new one as .bak; an old secret does not stay anywhere.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.config.files import read_layer
from agent.config.problems import ConfigurationError
from agent.config.secrets import SecretError, read_secret, secret_path
from agent.runtime.setup import files
from agent.runtime.setup.draft import SECRET_NAMES, Draft
from agent.runtime.setup.media import DEMO_FILE, demo_picture
from agent.runtime.setup.places import Places
from agent.runtime.setup.writing import config_text, strangers


@dataclass(frozen=True, slots=True)
class Existing:
    """The configuration that is there. `doubts`: what of it will not be kept, in words."""

    draft: Draft
    is_there: bool
    doubts: tuple[str, ...] = ()


def existing(places: Places) -> Existing:
    """What an earlier setup, or a person, has written. Raises PermissionError."""
    try:
        tree = dict(read_layer(places.config).tree)
    except ConfigurationError as error:
        if not places.config.exists():
            return Existing(Draft(), is_there=False)
        return Existing(Draft(), is_there=True, doubts=(f"The old file cannot be kept: {error.problems[0]}",))
    doubts = tuple(f"The old file has {name}, which is no setting: left out." for name in strangers(tree))
    return Existing(known(Draft(tree), places), is_there=True, doubts=doubts)


def known(draft: Draft, places: Places) -> Draft:
    """The draft with the secrets marked that are on this machine already."""
    kept = frozenset(place for place in SECRET_NAMES if _is_kept(draft.value(place), places))
    return Draft(draft.tree, draft.secrets, draft.publics, kept)


def apply(draft: Draft, places: Places) -> list[str]:
    """Write everything."""
    group = files.agents_group()
    files.make_folder(places.folder, mode=files.FOLDER_MODE, group=group)
    files.make_folder(places.secrets, mode=files.SECRETS_MODE)
    return list(_written(draft, places, group))


def install_demo(places: Places) -> Path:
    """Put the picture in its place, for everybody to read, and say where it is."""
    path = places.root / DEMO_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    files.install(path, demo_picture(), mode=0o644)
    return path


def _written(draft: Draft, places: Places, group: int | None) -> Iterator[str]:
    for name, text in draft.secrets.items():
        content = text.encode() + b"\n"
        if _put(places.secrets / name, content, mode=files.SECRET_MODE, group=None):
            yield f"wrote {places.secrets / name} (for root alone)"
    for name, content in draft.publics.items():
        if _put(places.folder / name, content, mode=files.CONFIG_MODE, group=group):
            yield f"wrote {places.folder / name}"
    content = config_text(draft.tree).encode()
    if places.config.exists() and _differs(places.config, content):
        old = places.config.with_name(places.config.name + ".bak")
        files.install(old, places.config.read_bytes(), mode=files.CONFIG_MODE, group=group)
        yield f"kept the old configuration as {old}"
    if _put(places.config, content, mode=files.CONFIG_MODE, group=group):
        yield f"wrote {places.config}"


def replaces(draft: Draft, places: Places) -> bool:
    """Whether a configuration is there that says something else."""
    try:
        there: Any = tomllib.loads(places.config.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return False
    except (ValueError, OSError):
        return True
    return bool(there != tomllib.loads(config_text(draft.tree)))


def _put(path: Path, content: bytes, *, mode: int, group: int | None) -> bool:
    """Write the file, or leave it as it is but for its mode and owner: a card is spared a write. Whether it wrote."""
    if _differs(path, content):
        files.install(path, content, mode=mode, group=group)
        return True
    files.put_right(path, mode=mode, group=group)
    return False


def _differs(path: Path, content: bytes) -> bool:
    try:
        return path.read_bytes() != content
    except FileNotFoundError:
        return True


def _is_kept(name: object, places: Places) -> bool:
    if not isinstance(name, str):
        return False
    try:
        read_secret(secret_path(name, places.folder, {}))
    except SecretError:
        return False
    return True
