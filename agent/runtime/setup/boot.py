"""What an imaged kiosk finds on its boot partition: its configuration, and the secrets that go with it.

Contract: `find` says what is there; `take` reads it and makes a draft, or says everything that is wrong; `clean` takes
the secrets off the partition once they are durable in their place, and sets the file aside. `take` changes nothing.
Rules: a secret is moved: read, written, durable; then overwritten, removed, durable. A power cut leaves it at one place
or at two, never at none, and the next start goes on: a file in which the overwriting had begun is removed, not read.
The configuration is set aside last, for it is what has a start look here at all.
A bare name in the configuration is a file beside it, as `kiosk-fleet enroll` lays a kiosk's bundle out.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from agent.config.addresses import SecretFile
from agent.config.broker import KeyFile, PublicFile
from agent.config.files import read_layer
from agent.config.kinds import MisfitError
from agent.config.layers import Layer, merge
from agent.config.model import Settings
from agent.config.problems import ConfigurationError, Place
from agent.config.secrets import SECRET_BYTES, SecretError, read_secret
from agent.config.session import SessionMode
from agent.config.setting import Setting, walk
from agent.runtime.setup.draft import APP_TOKEN, KS, MODE, SECRET, SECRET_NAMES, Draft
from agent.runtime.setup.files import is_wiped, sync_folder, wipe

CONFIG_NAME: Final = "kiosk-agent.toml"
TOKEN_NAME: Final = "kiosk-agent.token"
LOG_NAME: Final = "kiosk-agent-setup.log"
# Behind the name of a configuration that was carried in.
DONE: Final = ".done"

_BY_MODE: Final[Mapping[str, Place]] = {
    SessionMode.APP_TOKEN.value: APP_TOKEN,
    SessionMode.KS_FILE.value: KS,
    SessionMode.SECRET.value: SECRET,
}


@dataclass(frozen=True, slots=True)
class Found:
    """A boot partition with something for us. `config`, `token`: None where there is no such file."""

    folder: Path
    config: Path | None
    token: Path | None


@dataclass(frozen=True, slots=True)
class Taken:
    """`layer`: the configuration as it stands there. `moved`: the files to be wiped once the draft is durable."""

    draft: Draft
    layer: Layer
    moved: tuple[Path, ...]


def find(folders: tuple[Path, ...]) -> Found | None:
    """The first folder with something in it."""
    for folder in folders:
        config, token = (path if path.is_file() else None for path in (folder / CONFIG_NAME, folder / TOKEN_NAME))
        if config or token:
            return Found(folder, config, token)
    return None


def take(found: Found, there: Draft) -> Taken | list[str]:
    """The draft that the partition asks for, laid over what is `there`."""
    try:
        layer = read_layer(found.config) if found.config else Layer(str(found.token), {}, {})
    except ConfigurationError as error:
        return [str(each) for each in error.problems]
    base = Draft(merge([Layer("there", there.tree, {}), layer]).tree, kept=there.kept)
    reading = _Reading(found, base)
    for kind, name in _beside(layer.tree, found.folder):
        reading.take(kind, name)
    if found.token is not None and found.token not in reading.moved:
        reading.take_token(found.token)
    if reading.problems:
        return reading.problems
    return Taken(Draft(reading.draft.tree, reading.secrets, reading.publics, base.kept), layer, tuple(reading.moved))


class _Reading:
    """One reading of the partition."""

    def __init__(self, found: Found, draft: Draft) -> None:
        self._folder = found.folder
        self.draft = draft
        self.secrets: dict[str, str] = {}
        self.publics: dict[str, bytes] = {}
        self.moved: list[Path] = []
        self.problems: list[str] = []

    def take(self, kind: SecretFile | PublicFile, name: str) -> None:
        """A file that the configuration names."""
        path = self._folder / name
        if isinstance(kind, PublicFile):
            self.publics[name] = path.read_bytes()
        elif path not in self.moved:
            self._take_secret(path, name, many_lines=isinstance(kind, KeyFile))

    def take_token(self, path: Path) -> None:
        """The file that no setting names: it is what the session's mode says."""
        mode = self.draft.value(MODE)
        if mode is None and self.draft.value(("kaltura", "session", "app_token_id")) is not None:
            mode = SessionMode.APP_TOKEN.value
        place = _BY_MODE.get(str(mode))
        if place is None:
            self.problems.append(
                f"{path}: the configuration does not say what this token is. Set mode and app_token_id in "
                "[kaltura.session]."
            )
            return
        self._take_secret(path, SECRET_NAMES[place], many_lines=False)
        self.draft = self.draft.with_value(MODE, mode).with_value(place, SECRET_NAMES[place])

    def _take_secret(self, path: Path, name: str, *, many_lines: bool) -> None:
        with path.open("rb") as file:
            begun = file.read(SECRET_BYTES)
        if is_wiped(begun):
            self.moved.append(path)
            return
        try:
            self.secrets[name] = read_secret(path, many_lines=many_lines)
        except SecretError as error:
            self.problems.append(f"{path} {error}. Copy it onto the card again.")
            return
        self.moved.append(path)


def clean(taken: Taken, found: Found) -> None:
    """Take the secrets off the partition, and set the configuration aside. Raises OSError."""
    for path in taken.moved:
        wipe(path)
    if found.config is not None:
        found.config.replace(found.config.with_name(found.config.name + DONE))
    sync_folder(found.folder)


def write_log(folder: Path, lines: list[str]) -> None:
    """Leave word for whoever puts the card into a PC, with the line ends that every editor knows. Raises OSError."""
    path = folder / LOG_NAME
    path.write_bytes("".join(f"{line}\r\n" for line in lines).encode("utf-8", "replace"))
    sync_folder(folder)


def _beside(tree: Mapping[str, Any], folder: Path) -> Iterator[tuple[SecretFile | PublicFile, str]]:
    """The files that the configuration names, and that lie beside it."""
    draft = Draft(tree)
    for place, _, entry in walk(Settings):
        if isinstance(entry, Setting) and isinstance(entry.kind, SecretFile | PublicFile):
            with suppress(MisfitError):
                name = entry.kind.read(draft.value(place))
                if "/" not in name and (folder / name).is_file():
                    yield entry.kind, name
