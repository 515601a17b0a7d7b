"""A Learning Record Store as the settings describe it.

Contract: `store` makes the sink; where its settings cannot be used, one that holds the queue and says why. `problem`
says so beforehand, None where all is well. Nothing is sent here.
Rules: the templates' file and the key's are read here, for agent.config knows no destination's words. Without a key's
file the key comes from the machine id, which is confidential and never leaves the device.
Reasons: agent.sinks.xapi; config/xapi.md.
"""

import hashlib
import time
from pathlib import Path
from typing import Final, assert_never

from agent.config import xapi as settings_of
from agent.config.identity import read_machine
from agent.config.model import Settings
from agent.config.problems import Problem
from agent.config.secrets import SecretError, read_secret
from agent.config.xapi import Login, Xapi
from agent.kernel.milestones import QUARTILES
from agent.runtime.assembly import wire_to
from agent.runtime.secretfile import KeptSecret
from agent.sinks.base import Sink
from agent.sinks.http.client import Wire
from agent.sinks.xapi import sink as lrs
from agent.sinks.xapi import templates
from agent.sinks.xapi.actors import KEY_BYTES, Actors, Naming
from agent.sinks.xapi.authority import Authority, Basic, ClientCredentials, Nobody
from agent.sinks.xapi.facts import Profile
from agent.sinks.xapi.projection import Rules
from agent.sinks.xapi.templates import TemplateError
from agent.sinks.xapi.unready import Unready

PROFILES: Final = Path(lrs.__file__).parent / "profiles"
TEMPLATE_BYTES: Final = 1024 * 1024
"""A file of templates that is longer is another file."""

_KEY: Final = b"kiosk-agent actor"
_TEMPLATES: Final = "templates_file"
_ACTOR_KEY: Final = "actor_key_file"


class UnusableError(Exception):
    """A setting cannot be used. `setting`: its name in `[xapi]`; `what`: why, and what to do."""

    def __init__(self, setting: str, what: str) -> None:
        super().__init__(f"xapi.{setting}: {what}")
        self.setting = setting
        self.what = what


def store(settings: Settings, wire: Wire) -> tuple[Sink, lrs.Xapi | None]:
    """The destination, and the LRS behind it where there is one. `wire` goes to the LRS."""
    try:
        found = _store(settings, wire)
    except UnusableError as error:
        return Unready(str(error)), None
    return found, found


def problem(settings: Settings) -> Problem | None:
    """What keeps the destination from being used."""
    try:
        rules(settings.xapi)
    except UnusableError as error:
        return Problem(("xapi", error.setting), error.what)
    return None


def marks(xapi: Xapi) -> tuple[float, ...]:
    """The fractions of a playback (0..1) at which progress is told, but for its start and its end."""
    if xapi.profile is not settings_of.Profile.KALTURA:
        return QUARTILES
    step = xapi.progress_percent
    return tuple(percent / 100 for percent in range(step, 100, step))


def rules(xapi: Xapi) -> Rules:
    """What decides what is told. Raises UnusableError."""
    profile = Profile(xapi.profile.value)
    portal = xapi.portal_url
    return Rules(
        profile=profile,
        templates=_templates(profile, xapi.templates_file),
        actors=Actors(Naming(xapi.actor.value), portal, _key(xapi)),
        portal_url=portal,
        portal_name=xapi.portal_name,
        entry_url=xapi.entry_url or f"{portal}/media/t/{{id}}",
        category_url=xapi.category_url or f"{portal}/default/channels/view/channelid/{{id}}",
        marks=marks(xapi),
    )


def _store(settings: Settings, wire: Wire) -> lrs.Xapi:
    xapi = settings.xapi
    made = lrs.XapiSettings(xapi.endpoint or "", rules(xapi), batch=lrs.LARGEST)
    return lrs.Xapi(made, wire, _authority(settings))


def _authority(settings: Settings) -> Authority:
    login = settings.xapi.authentication
    secret = KeptSecret(Path(login.password_file or ""), "xapi.authentication.password_file").read
    match login.mode:
        case Login.NONE:
            return Nobody()
        case Login.BASIC:
            return Basic(login.user or "", secret)
        case Login.OAUTH2:
            return ClientCredentials(
                wire_to(settings.kaltura),
                login.token_url or "",
                login.user or "",
                secret,
                scope=login.scope,
                monotonic=time.monotonic,
            )
        case _:
            assert_never(login.mode)


def _templates(profile: Profile, file: str | None) -> templates.Templates:
    own = (PROFILES / f"{profile.value}.json").read_text(encoding="utf-8")
    try:
        return templates.read(profile, own, None if file is None else _text(Path(file)))
    except TemplateError as error:
        raise UnusableError(_TEMPLATES, f"{file}: {error}") from None


def _text(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            found = opened.read(TEMPLATE_BYTES + 1)
        if len(found) > TEMPLATE_BYTES:
            raise UnusableError(_TEMPLATES, f"{file} is larger than {TEMPLATE_BYTES // 1024} KiB")
        return found.decode("utf-8-sig")
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise UnusableError(_TEMPLATES, f"{file} cannot be read: {reason}") from None
    except UnicodeDecodeError:
        raise UnusableError(_TEMPLATES, f"{file} is not text") from None


def _key(xapi: Xapi) -> bytes:
    if xapi.actor is not settings_of.Actor.PSEUDONYM:
        return b""
    if xapi.actor_key_file is None:
        machine = read_machine().machine_id
        if machine is None:
            raise UnusableError(_ACTOR_KEY, "is missing, and this machine has no machine id to make a key from")
        return hashlib.blake2b(machine.encode(), key=_KEY).digest()
    try:
        key = read_secret(Path(xapi.actor_key_file)).encode()
    except SecretError as error:
        raise UnusableError(_ACTOR_KEY, f"the file {error}") from None
    if len(key) < KEY_BYTES:
        raise UnusableError(_ACTOR_KEY, f"the key is shorter than {KEY_BYTES} characters, and can be guessed")
    return key
