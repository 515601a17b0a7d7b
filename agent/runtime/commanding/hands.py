"""What executing a command needs of the other parts, and what can be seen of them.

Contract: `Hands` is filled in by the composition root; `player_view` and `queue_view` make what its looks answer. All
of it is called by the main loop, between two steps of the player's rules, and none of it waits.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.delivery.status import SinkStatus
from agent.kernel.session import SessionTracker
from agent.outbox.statistics import Statistics
from agent.player.conductor import Conductor
from agent.player.keeper import PlayerStatus
from agent.player.operations import Operation
from agent.player.surroundings import Phase
from agent.runtime.commanding.levels import Levels

if TYPE_CHECKING:
    from agent.remote.commands import Report
    from agent.runtime.commanding.works import Ending, Work


@dataclass(frozen=True, slots=True)
class PlayerView:
    """The player at this moment. `ready`: there is a host; `run`: which one; `last_loss`: why the one before ended.

    `phase`: what the list does. `medium`: the number of the medium that is loaded, larger for each that follows, 0 for
    none; `playing`: its player has said so; `paused`: and has said this since. `moved_at`: when its playhead last moved
    (boot-time s). `percent`: the volume that the player last told.
    """

    ready: bool
    run: int
    last_loss: str | None
    phase: Phase
    medium: int
    playing: bool
    paused: bool
    moved_at: float
    percent: int | None


@dataclass(frozen=True, slots=True)
class SinkView:
    """A destination that is on. `passed`: the last event it is done with; `depth`: how many wait; `text`: why."""

    name: str
    passed: int
    depth: int
    text: str


@dataclass(frozen=True, slots=True)
class QueueView:
    """The queue at this moment. `newest`: the last event that there is."""

    newest: int
    sinks: tuple[SinkView, ...]


@dataclass(frozen=True, slots=True)
class Hands:
    """`obey`: does what an operator asks of the player; `restart_player`: ends its host, and another one starts.

    `flush`: has all destinations try at once. `refresh`: publishes the state. `diagnostics`: collects the bundle.
    `report`: begins a slice of the ledger. `is_ours`: whether the player is the agent's, so that it can be started
    anew.
    """

    obey: Callable[[Operation], None]
    restart_player: Callable[[], None]
    flush: Callable[[], None]
    refresh: Callable[[], None]
    diagnostics: Callable[[], dict[str, Any]]
    report: "Callable[[Report, float], Ending | Work]"
    player: Callable[[], PlayerView]
    queue: Callable[[], QueueView]
    levels: Levels
    is_ours: bool = True


def player_view(director: Conductor, tracker: SessionTracker, status: PlayerStatus) -> PlayerView:
    """What can be seen of the player."""
    turn, volume = director.turn, tracker.volume
    return PlayerView(
        ready=status.ready,
        run=status.run,
        last_loss=status.last_loss,
        phase=director.phase,
        medium=0 if turn is None else turn.token,
        playing=turn is not None and turn.playing,
        paused=turn is not None and turn.paused,
        moved_at=0.0 if turn is None else turn.moved_at,
        percent=None if volume is None else round(volume * 100),
    )


def queue_view(store: Statistics, delivery: Sequence[SinkStatus]) -> QueueView:
    """What can be seen of the queue."""
    texts = {status.sink: status.text for status in delivery}
    sinks = (
        SinkView(sink.name, sink.cursor.sequence, sink.depth, texts.get(sink.name, ""))
        for sink in store.sinks
        if sink.enabled
    )
    return QueueView(store.newest, tuple(sinks))
