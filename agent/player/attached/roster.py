"""The VLCs on a session bus: which are there, and which one is followed.

Contract: `own` and `leave` are told who has which name, `know` what a player shows; `followed` is the owner of the
player that is followed, or None; `due` is when `look` is wanted. Pure: it is told the time (boot-time s).
Rules: a VLC is `org.mpris.MediaPlayer2.vlc`, the next ones `….vlc.instance123`; two names of one owner are one player.
A player counts once its state is known. The one that is followed stays so while it is there, unless it stands stopped
and another one plays: for `STOPPED_S`, for VLC stops between two items, too; without one it is the one that plays,
then one that pauses, then the one that came first. A chosen name is the only one that is followed.
Reasons: vlc.md section 7.
"""

from dataclasses import dataclass, field, replace

from agent.player.attached.state import State, Status

PREFIX = "org.mpris.MediaPlayer2."
VLC = f"{PREFIX}vlc"
_EAGER = (Status.PLAYING, Status.PAUSED, Status.STOPPED)

STOPPED_S = 2.0
"""The next item came 0.1 to 0.2 s after the stop before it; on a busy Pi that may take ten times as long (s)."""


def is_vlc(name: str) -> bool:
    """Whether a bus name is one of VLC's."""
    return name == VLC or name.startswith(f"{VLC}.")


@dataclass(slots=True)
class Player:
    """One VLC, met at `met`. `names`: on the bus, first the one that it is known by.

    `state`: None until it has answered. `stopped`: when it stopped that had played, None where it has not.
    """

    met: float
    names: list[str] = field(default_factory=list)
    state: State | None = None
    stopped: float | None = None

    @property
    def name(self) -> str:
        """For people: without what all players have in common."""
        return self.names[0].removeprefix(PREFIX)


class Roster:
    """`chosen`: the name to follow ("vlc", "vlc.instance123"), None for whichever plays."""

    def __init__(self, chosen: str | None = None) -> None:
        self._chosen = None if chosen is None else chosen.removeprefix(PREFIX)
        self._players: dict[str, Player] = {}
        self.followed: str | None = None

    def own(self, owner: str, name: str, at: float) -> bool:
        """The bus says that `owner` has `name`; True where it is a player that was not known."""
        known = self._players.get(owner)
        if known is None:
            self._players[owner] = Player(at, [name])
            return True
        if name not in known.names:
            known.names.append(name)
            self.look(at)  # It may be the chosen one now.
        return False

    def leave(self, owner: str, name: str, at: float) -> None:
        """`owner` has given up `name`; with its last one it is gone."""
        player = self._players.get(owner)
        if player is None or name not in player.names:
            return
        player.names.remove(name)
        if not player.names:
            del self._players[owner]
        self.look(at)

    def know(self, owner: str, state: State, at: float) -> None:
        """`owner` is in `state`. Who is no player here is passed over."""
        player = self._players.get(owner)
        if player is not None:
            if state.status is not Status.STOPPED:
                player.stopped = None
            elif player.state is not None and player.state.status is not Status.STOPPED:
                player.stopped = at
            player.state = state
            self.look(at)

    def clear(self) -> None:
        """The bus is gone, and all on it."""
        self._players.clear()
        self.followed = None

    def state(self, owner: str) -> State | None:
        """What `owner` shows; None where it has not said, or is no player here."""
        player = self._players.get(owner)
        return None if player is None else player.state

    def change(self, owner: str, **fields: object) -> State | None:
        """What `owner` shows with `fields` changed; None where nothing is known of it yet."""
        state = self.state(owner)
        return None if state is None else replace(state, **fields)  # type: ignore[arg-type]

    @property
    def unknown(self) -> tuple[str, ...]:
        """The owners that have not said their state."""
        return tuple(owner for owner, player in self._players.items() if player.state is None)

    def mute(self, before: float) -> tuple[str, ...]:
        """The names of those that were met before then and have not said their state."""
        return tuple(sorted(each.name for each in self._players.values() if each.state is None and each.met <= before))

    @property
    def due(self) -> float | None:
        """When another player is to be followed, unless something happens before."""
        if self.followed is None or self._rival() is None:
            return None
        stopped = self._players[self.followed].stopped
        return self._players[self.followed].met if stopped is None else stopped + STOPPED_S

    @property
    def name(self) -> str | None:
        """The name of the player that is followed."""
        return None if self.followed is None else self._players[self.followed].name

    @property
    def others(self) -> tuple[str, ...]:
        """The names of the others."""
        return tuple(sorted(player.name for owner, player in self._players.items() if owner != self.followed))

    @property
    def chosen(self) -> str | None:
        """The name that somebody chose."""
        return self._chosen

    def look(self, at: float) -> None:
        """Choose whom to follow."""
        candidates = self._candidates()
        if self.followed not in candidates:
            self.followed = min(candidates, key=lambda owner: _EAGER.index(candidates[owner]), default=None)
        due = self.due
        if due is not None and at >= due:
            self.followed = self._rival()

    def _candidates(self) -> dict[str | None, Status]:
        return {
            owner: player.state.status
            for owner, player in self._players.items()
            if player.state is not None and self._may_follow(player)
        }

    def _rival(self) -> str | None:
        """Another one that plays while the one that is followed stands stopped."""
        candidates = self._candidates()
        if candidates.get(self.followed) is not Status.STOPPED:
            return None
        return next((owner for owner, status in candidates.items() if status is Status.PLAYING), None)

    def _may_follow(self, player: Player) -> bool:
        return self._chosen is None or any(name.removeprefix(PREFIX) == self._chosen for name in player.names)
