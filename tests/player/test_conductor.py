"""Whoever knows what is on the screen: both of them have all that their users ask for."""

from agent.player.conductor import Conductor
from agent.player.director import Director
from agent.player.operations import Next, Operation, Play, Previous, Replay
from agent.player.watcher import Watcher
from tests.support.desk import Desk
from tests.support.watched import Attached


def _asked(conductor: Conductor) -> tuple[object, ...]:
    """Everything that is read of it without a word from a player."""
    return (conductor.phase, conductor.outcomes, conductor.items, conductor.current, conductor.turn, conductor.place)


def test_director_and_watcher_answer_the_same_questions() -> None:
    """The type checker sees the rest: status, journal and commands take either."""
    director, watcher = Desk(start=False).director, Attached().watcher
    assert (Director, Watcher) == (type(director), type(watcher))
    assert len(_asked(director)) == len(_asked(watcher))
    assert (3, 2) == (len(director.items), len(watcher.items))


def test_own_player_refuses_nothing() -> None:
    """Its list is ours."""
    orders: tuple[Operation, ...] = (Next(), Previous(), Replay(), Play())
    assert [None] * 4 == [Desk().director.refusal(order) for order in orders]
