"""What the status says of a player that is not ours: who asks it, which one it is, how much can be known of it.

Contract: `attached` makes JSON-able data of what the settings and the host say; None where the player is ours.
Rules: names of players are text of theirs; no address is in it.
Reasons: issue 8 (what a source cannot know is said where its figures are read).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from agent.config.player import Player, Source
from agent.player.keeper import PlayerStatus

# systemd/attached.md has the whole table, and how much of it was measured.
_UNSEEN = "buffering is seen after 1.6 s, and errors, captions and renditions are not seen"
ACCURACY: Mapping[str, str] = MappingProxyType(
    {
        Source.MPRIS.value: f"over MPRIS: positions to 0.5 s, seeks under 1 s are not seen, {_UNSEEN}",
        Source.HTTP.value: f"over HTTP: positions to 0.5 s and lengths to 1 s, seeks under 1 s are not seen, {_UNSEEN}",
    }
)
ABSENT = "kiosk-attach is not connected: systemctl status kiosk-attach says why; started by hand, it says so itself"

_SAME: Mapping[Source, str] = MappingProxyType(
    {
        Source.MPRIS: 'take --source=http off the command line of kiosk-attach, or set player.source = "http"',
        Source.HTTP: 'start kiosk-attach with --source=http (systemd/attached.md), or set player.source = "mpris"',
    }
)


def attached(player: Player, host: PlayerStatus, now: float) -> dict[str, Any] | None:
    """The part `attached` of the player's status.

    `source`: how it is asked. `follows`: the player's name, None while there is none, and then `problem` says why, with
    what helps, and `unfollowed_s` for how long. `others`: further players, which are not followed. `now`: boot-time s.
    """
    if not player.is_attached:
        return None
    said = host.attached if host.ready else None
    source = player.source.value if said is None else said.source
    problem = ABSENT if not host.ready else None if said is None else said.problem
    if source != player.source.value:  # Whatever else is wrong, it may be wrong with the way that nobody wants.
        problem = (
            f"kiosk-attach asks over {source}, and player.source is {player.source.value}: " + _SAME[player.source]
        )
    return {
        "source": source,
        "accuracy": ACCURACY.get(source),
        "follows": None if said is None else said.name,
        "others": [] if said is None else list(said.others),
        "problem": problem,
        "unfollowed_s": None if host.unfollowed_since is None else max(now - host.unfollowed_since, 0.0),
    }
