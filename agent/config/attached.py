"""What of [player] makes no sense where the player is not the agent's.

Contract: `warnings` answers at most two problems, each naming all the settings that it is about. Pure.
Rules: only what was set to something else than its default is told of: nobody wrote the rest.
Reasons: whoever sets a volume should not wait for it.
"""

from collections.abc import Iterator
from typing import Any

import attrs

from agent.config.player import Player
from agent.config.problems import Problem
from agent.config.setting import Setting, Table, entries

# What is done to a player of our own. Of `restart`, hang_after_s counts for kiosk-attach as well.
_OURS = (
    *("host", "loop", "shuffle", "volume", "audio_device", "rotation", "fullscreen", "image_duration_s", "headless"),
    *("vlc_options", "restart.first_delay_s", "restart.longest_delay_s", "frozen.enabled", "frozen.after_s"),
)
# What says how an item is shown; its part (start_s, stop_s), its entry and whether it is live count.
_SHOWING = (
    *("role", "duration_s", "seamless", "cache", "sha256", "volume", "audio_device", "rotation", "options"),
    *("hours", "valid_from", "valid_until"),
)


def warnings(player: Player) -> Iterator[Problem]:
    """What has no effect on a player that is not ours."""
    source = player.source.value
    set_ = sorted(name for name in _OURS if name in set(_changed(player)))
    if set_:
        yield Problem(("player", "source"), f'is "{source}", so these have no effect: {", ".join(set_)}')
    shown = {
        index: names
        for index, item in enumerate(player.playlist)
        if (names := [name for name in _changed(item) if name in _SHOWING])
    }
    if shown:
        first, more = min(shown), len(shown) - 1
        every = dict.fromkeys(name for found in shown.values() for name in found)
        where = f" here and in {more} more {'items' if more > 1 else 'item'}" if more else ""
        what = f'player.source is "{source}", so these have no effect{where}: {", ".join(every)}'
        yield Problem(("player", "playlist", first), what)


def _changed(model: Any, above: str = "") -> Iterator[str]:
    """The names of the settings of `model` that are not at their default."""
    fields = attrs.fields_dict(type(model))
    for name, entry in entries(type(model)):
        value = getattr(model, name)
        match entry:
            case Setting() if value != fields[name].default:
                yield f"{above}{name}"
            case Table(many=False):
                yield from _changed(value, f"{above}{name}.")
            case _:
                continue
