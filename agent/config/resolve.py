"""Fills in what depends on the machine: the derived device id, templates, and paths relative to the file's folder.

Contract: `resolve` takes settings that `check` accepted and answers them ready for use, with warnings; it asks the
disk whether media exist, and opens nothing.
Rules: afterwards `device.id` is never empty, `kaltura.referrer` has no placeholders, every playlist `uri` is a URL, and
every setting that names a secret's file, or a certificate's, is an absolute path. A medium that does not exist is a
warning: the player skips it.
"""

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import attrs

from agent.config import attached
from agent.config.addresses import scheme_of
from agent.config.entries import is_usual_entry_id
from agent.config.kaltura import RequestStyle
from agent.config.model import Settings
from agent.config.player import Headless, HostMode, Player, PlaylistItem
from agent.config.problems import Place, Problem
from agent.config.redact import masked
from agent.config.remote import Remote
from agent.config.session import SessionMode
from agent.config.words import fill
from agent.kernel.media import Role


@dataclass(frozen=True, slots=True)
class Resolved:
    """The settings for use, and what is doubtful about them."""

    settings: Settings
    warnings: tuple[Problem, ...]


def resolve(settings: Settings, *, folder: Path, device_id: str, files: Mapping[Place, Path]) -> Resolved:
    """The settings with everything filled in; `device_id` is the one to use, `files` where the named files are."""
    device = settings.device
    names = {"device.id": device_id, "device.name": device.name or "", "device.site": device.site or ""}
    referrer = fill(settings.kaltura.referrer, {name: quote(value, safe="") for name, value in names.items()})
    playlist = tuple(attrs.evolve(item, uri=absolute_uri(item.uri, folder)) for item in settings.player.playlist)
    ready = attrs.evolve(
        settings,
        device=attrs.evolve(device, id=device_id),
        kaltura=attrs.evolve(settings.kaltura, referrer=referrer),
        player=attrs.evolve(settings.player, playlist=playlist),
    )
    for place, path in files.items():
        ready = _with(ready, place, str(path))
    return Resolved(ready, tuple(_warnings(settings, names, playlist)))


def _with(table: Any, place: Place, value: str) -> Any:
    """`table` with the one setting at `place`, which goes through tables only, changed."""
    name, *below = (str(key) for key in place)
    return attrs.evolve(table, **{name: _with(getattr(table, name), tuple(below), value) if below else value})


def absolute_uri(uri: str, folder: Path) -> str:
    """A URL for a path, which starts at `folder` where it is relative; a URL stays as it is."""
    return uri if scheme_of(uri) is not None else Path(folder, uri).absolute().as_uri()


def local_path(uri: str) -> Path | None:
    """The path of a `file:` URL; None for other URLs."""
    return Path(unquote(urlsplit(uri).path)) if scheme_of(uri) == "file" else None


def _warnings(settings: Settings, names: dict[str, str], playlist: tuple[PlaylistItem, ...]) -> Iterator[Problem]:
    for name, value in names.items():
        if not value and f"{{{name}}}" in settings.kaltura.referrer:
            yield Problem(("kaltura", "referrer"), f"uses {{{name}}}, which is not set")
    yield from _beacon(settings)
    yield from _open_line(settings.remote)
    yield from attached.warnings(settings.player) if settings.player.is_attached else _ours(settings.player)
    if not playlist and not settings.player.is_attached:
        yield Problem(("player", "playlist"), "is empty: there is nothing to play")
    for index, item in enumerate(playlist):
        path = local_path(item.uri)
        if path is not None and not _exists(path):
            then = "it names nothing" if settings.player.is_attached else "the player skips it"
            what = f"names {masked(str(path))}, which does not exist; {then}"
            yield Problem(("player", "playlist", index, "uri"), what)
        if item.entry_id is not None and not is_usual_entry_id(item.entry_id):
            what = f'is "{item.entry_id}", which does not look like an entry id of today\'s Kaltura (as 0_abcd1234)'
            yield Problem(("player", "playlist", index, "entry_id"), what)


def _beacon(settings: Settings) -> Iterator[Problem]:
    """What a GET beacon cannot do, or the pipeline behind it does not take (kaltura.md section 5)."""
    kaltura = settings.kaltura
    if kaltura.request_style is not RequestStyle.BEACON:
        return
    place = ("kaltura", "request_style")
    if kaltura.session.mode is not SessionMode.NONE:
        yield Problem(place, "is get-beacon, which carries no session: kaltura.session is not used for plays")
    if kaltura.uiconf_id is None:
        what = "is get-beacon, and services that count by access logs refuse events without kaltura.uiconf_id"
        yield Problem(place, what)


def _ours(player: Player) -> Iterator[Problem]:
    """What is doubtful about a player of our own."""
    yield from _unit(player)
    yield from _seamless(player)


def _seamless(player: Player) -> Iterator[Problem]:
    """Where an item is not played seamlessly for what is written here; a folder may have one medium or many."""
    contents = sum(item.role in (None, Role.CONTENT) for item in player.playlist)
    for index, item in enumerate(player.playlist):
        why, remedy = None, None
        if contents > 1:
            why = "the list has other items"
            remedy = 'Write options = [":input-repeat=4"] to have it played five times in a row.'
        elif len(player.playlist) > contents:
            why = "it has advertisements or bumpers"
        elif not player.loop:
            why = "player.loop is false"
        elif item.live:
            why = "it is a live stream"
        if item.seamless and why is not None:
            yield Problem(("player", "playlist", index, "seamless"), f"has no effect, since {why}", remedy=remedy)


def _unit(player: Player) -> Iterator[Problem]:
    """What says nothing to a player that is a service of its own."""
    if player.host is not HostMode.UNIT:
        return
    what = 'has no effect, since player.host is "unit"'
    if player.headless is not Headless.AUTO:
        yield Problem(("player", "headless"), what, remedy="Write --headless, or not, in kiosk-player.service.")
    if player.vlc_options:
        yield Problem(("player", "vlc_options"), what, remedy="Write them as --vlc=OPTION in kiosk-player.service.")


def _open_line(remote: Remote) -> Iterator[Problem]:
    """What an unencrypted connection to the broker gives away, or cannot use."""
    if remote.url is None:
        return
    url = urlsplit(remote.url)
    if url.scheme in ("mqtts", "wss"):
        return
    place, remedy = ("remote", "url"), "Use mqtts:// or wss://."
    if remote.password_file is not None and not _is_loopback(url.hostname or ""):
        yield Problem(place, f"is {url.scheme}://, on which the password travels in the clear", remedy=remedy)
    for name in ("ca_file", "certificate_file"):
        if getattr(remote, name) is not None:
            yield Problem(("remote", name), f"is not used, since remote.url is {url.scheme}://", remedy=remedy)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
