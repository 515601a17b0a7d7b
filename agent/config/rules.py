"""What must hold between settings, beyond what each must be by itself.

Contract: `across(tree)` yields the problems, `items(tree)` alone those inside single items of the playlist. They read
the plain tree, so that a fault elsewhere hides none of these.
Rules: a value of the wrong kind is not judged here (agent.config.check has already named it).
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

from agent.config.cache import cache_problems
from agent.config.kinds import MisfitError
from agent.config.metrics import is_loopback
from agent.config.permission import grant_problems
from agent.config.problems import Place, Problem
from agent.config.words import Moment
from agent.kernel.media import Role


def across(tree: Mapping[str, Any]) -> Iterator[Problem]:
    """Every broken rule."""
    yield from _reporting(tree)
    yield from _track_event(tree)
    yield from _xapi(tree)
    yield from _service(tree)
    yield from _session(tree)
    yield from _web(tree)
    yield from _viewer(tree)
    yield from _restarts(tree)
    yield from _certificate(tree)
    yield from _metrics(tree)
    yield from grant_problems(tree)
    yield from items(tree)


def items(tree: Mapping[str, Any]) -> Iterator[Problem]:
    """Every broken rule of the playlist's items, each by itself."""
    playlist = _get(tree, ("player", "playlist"))
    for index, item in enumerate(playlist if isinstance(playlist, list) else ()):
        yield from _item(item, ("player", "playlist", index))
        yield from _copies(tree, item, ("player", "playlist", index))


def _reporting(tree: Mapping[str, Any]) -> Iterator[Problem]:
    kaltura = tree.get("kaltura", {})
    if not isinstance(kaltura, Mapping) or kaltura.get("enabled", True) is not True:
        return
    remedy = "To play without reporting, set enabled = false in [kaltura]."
    if "service_url" not in kaltura:
        example = "an address, as https://www.kaltura.com/api_v3"
        yield Problem(("kaltura", "service_url"), "is missing", example, remedy=remedy)
    if "partner_id" not in kaltura:
        example = "your Kaltura account's number (KMC: Settings, Integration Settings)"
        yield Problem(("kaltura", "partner_id"), "is missing", example, remedy=remedy)


_NEEDS = {
    "ks-file": {"ks_file": "the path of a file"},
    "app-token": {"app_token_id": "the id of an app token", "app_token_file": "the path of a file"},
    "secret": {"secret_file": "the path of a file"},
}


def _track_event(tree: Mapping[str, Any]) -> Iterator[Problem]:
    if _get(tree, ("track_event", "enabled")) is True and _get(tree, ("kaltura", "partner_id")) is None:
        if _get(tree, ("kaltura", "enabled")) is not False:
            return  # then it is missing already
        example = "your Kaltura account's number (KMC: Settings, Integration Settings)"
        yield Problem(("kaltura", "partner_id"), "is missing, which track_event.enabled = true needs", example)


_LOGINS = {
    "basic": {"user": "a user's name", "password_file": "the path of a file"},
    "oauth2": {
        "user": "the client's id",
        "password_file": "the path of a file",
        "token_url": "an address, as https://login.example.com/oauth/token",
    },
}


def _xapi(tree: Mapping[str, Any]) -> Iterator[Problem]:
    if _get(tree, ("xapi", "enabled")) is True and _get(tree, ("xapi", "endpoint")) is None:
        example = "an address, as https://lrs.example.com/xAPI"
        yield Problem(("xapi", "endpoint"), "is missing, which xapi.enabled = true needs", example)
    place = ("xapi", "authentication")
    mode = _get(tree, (*place, "mode"))
    for name, allowed in _LOGINS.get(mode if isinstance(mode, str) else "none", {}).items():
        if _get(tree, (*place, name)) is None:
            yield Problem((*place, name), f'is missing, which mode = "{mode}" needs', allowed)


def _service(tree: Mapping[str, Any]) -> Iterator[Problem]:
    """Sessions are started at the API, also where stats.collect is off."""
    mode = _get(tree, ("kaltura", "session", "mode"))
    is_off = _get(tree, ("kaltura", "enabled")) is False
    if mode in ("app-token", "secret") and is_off and _get(tree, ("kaltura", "service_url")) is None:
        what = f'is missing, which kaltura.session.mode = "{mode}" needs'
        yield Problem(("kaltura", "service_url"), what, "an address, as https://www.kaltura.com/api_v3")


def _session(tree: Mapping[str, Any]) -> Iterator[Problem]:
    place = ("kaltura", "session")
    mode = _get(tree, (*place, "mode"))
    if mode is not None and not isinstance(mode, str):
        return
    needed = _NEEDS.get(mode or "none", {})
    for name, allowed in needed.items():
        if _get(tree, (*place, name)) is None:
            yield Problem((*place, name), f'is missing, which mode = "{mode}" needs', allowed)
    for user, names in _NEEDS.items():
        for name in names.keys() - needed.keys():
            if _get(tree, (*place, name)) is not None and (mode is None or mode == "none" or mode in _NEEDS):
                yield Problem((*place, name), "is set, but mode does not use it", remedy=f'Set mode = "{user}".')


def _web(tree: Mapping[str, Any]) -> Iterator[Problem]:
    place = ("intake", "web")
    if _get(tree, (*place, "enabled")) is True:
        for name, allowed in (("token_file", "the path of a file"), ("origins", "a list of origins")):
            if not _get(tree, (*place, name)):
                yield Problem((*place, name), "is missing, which enabled = true needs", allowed)


def _viewer(tree: Mapping[str, Any]) -> Iterator[Problem]:
    if _get(tree, ("kaltura", "unique_viewer")) == "visit" and _get(tree, ("visits", "enabled")) is not True:
        what = "is visit, but visits are not told apart"
        yield Problem(("kaltura", "unique_viewer"), what, remedy="Set enabled = true in [visits].")


def _restarts(tree: Mapping[str, Any]) -> Iterator[Problem]:
    place = ("player", "restart")
    first, longest = _get(tree, (*place, "first_delay_s")), _get(tree, (*place, "longest_delay_s"))
    if _less(longest, first):
        yield Problem((*place, "longest_delay_s"), f"is {longest}, less than first_delay_s, which is {first}")


def _certificate(tree: Mapping[str, Any]) -> Iterator[Problem]:
    place = ("remote",)
    names = ("certificate_file", "key_file")
    for name, other in (names, names[::-1]):
        if _get(tree, (*place, name)) is None and _get(tree, (*place, other)) is not None:
            yield Problem((*place, name), f"is missing, which remote.{other} needs", "the path of a file")


def _metrics(tree: Mapping[str, Any]) -> Iterator[Problem]:
    place = ("metrics", "listen")
    listen = _get(tree, place)
    if isinstance(listen, str) and not is_loopback(listen) and _get(tree, ("metrics", "beyond_loopback")) is not True:
        remedy = "Say beyond_loopback = true in [metrics] if the network may read the figures."
        yield Problem(place, "is an address that other machines reach", "an address as 127.0.0.1:9479", remedy=remedy)


def _item(item: Any, place: Place) -> Iterator[Problem]:
    if not isinstance(item, Mapping):
        return
    start, stop = item.get("start_s", 0), item.get("stop_s")
    if _number(start) and _number(stop) and stop <= start:
        yield Problem((*place, "stop_s"), f"is {stop}, not after start_s, which is {start}")
    yield from _spot(item, place)
    yield from cache_problems(item, place)
    begin, end = _moment(item.get("valid_from")), _moment(item.get("valid_until"))
    if begin is None or end is None:
        return
    from_, until = _start_of(begin), _end_of(end)
    if (from_.tzinfo is None) == (until.tzinfo is None) and until <= from_:
        yield Problem((*place, "valid_until"), f"is {end}, not after valid_from, which is {begin}")


def _copies(tree: Mapping[str, Any], item: Any, place: Place) -> Iterator[Problem]:
    player = tree.get("player")
    if not isinstance(item, Mapping) or item.get("cache") is not True or not isinstance(player, Mapping):
        return
    if player.get("host") == "unit" and _get(tree, ("player", "cache", "dir")) is None:
        remedy = "Set player.cache.dir to a folder that the user kiosk-player may read."
        yield Problem(
            (*place, "cache"), "is true, but kiosk-player.service cannot read the state folder", remedy=remedy
        )


# What else an item of a role must have; a midroll and an overlay have their place in the content.
_ROLE_NEEDS = {Role.MIDROLL.value: ("at_s",), Role.OVERLAY.value: ("at_s", "duration_s")}


def _spot(item: Mapping[str, Any], place: Place) -> Iterator[Problem]:
    role = item.get("role", Role.CONTENT.value)
    if role not in [known.value for known in Role]:
        return
    for name in _ROLE_NEEDS.get(role, ()):
        if item.get(name) is None:
            yield Problem((*place, name), f'is missing, which role = "{role}" needs', "a number of seconds")
    if item.get("at_s") is not None and role not in _ROLE_NEEDS:
        remedy = 'Set role = "midroll" or role = "overlay".'
        yield Problem((*place, "at_s"), f"is set, but an item of role {role} has no place in another", remedy=remedy)


def _get(tree: Any, place: Place) -> Any:
    for key in place:
        tree = tree.get(key) if isinstance(tree, Mapping) else None
    return tree


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _less(left: Any, right: Any) -> bool:
    return _number(left) and _number(right) and left < right


def _moment(value: Any) -> date | datetime | None:
    try:
        return None if value is None else Moment().read(value)
    except MisfitError:
        return None


def _start_of(moment: date | datetime) -> datetime:
    return moment if isinstance(moment, datetime) else datetime.combine(moment, time.min)


def _end_of(moment: date | datetime) -> datetime:
    return moment if isinstance(moment, datetime) else datetime.combine(moment, time.max)
