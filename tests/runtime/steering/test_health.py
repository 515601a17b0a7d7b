"""Who works, who came back, and who may say that there is a network."""

import pytest

from agent.remote.trial import PLAYER
from agent.runtime.reconfigure import BROKER
from agent.runtime.steering.health import FRESH_S, HEARD_S, PATIENCE_S, Coming, Health
from tests.support.helm import COLLECT, TRACK, World


class Watch:
    """A trial of `on` that is looked at every two seconds; those in `world` are all alive at its beginning."""

    def __init__(self, world: World, *on: str, rebooted: bool = False, restarted: bool = False) -> None:
        self.world = world
        self.on = on
        self.now = self.ran = 1000.0
        self.ran = 0.0
        self.health: Health = world.health(rebooted=rebooted)
        world.passes(self.now)
        if not restarted:
            self.health.begin_trial(on, self.health.worked())

    def looks(self, seconds: float) -> list[bool]:
        """What each look of the next `seconds` finds."""
        found = []
        for _ in range(int(seconds / 2)):
            self.now += 2.0
            self.ran += 2.0
            self.world.passes(self.now)
            found.append(self.health.witness(self.on, self.now, ran=self.ran))
        return found


def test_those_that_work_are_known_by_name() -> None:
    """Only they are judged by whether they come back."""
    world = World(COLLECT, TRACK)
    world.services[TRACK].answers = False
    world.player = Coming(False, 1)
    assert {COLLECT, BROKER} == world.health().worked()


def test_connection_is_up_only_when_it_has_come_anew() -> None:
    """The old host and the old line are there for a moment still."""
    world = World()
    health = world.health()
    health.begin_trial([PLAYER, BROKER], health.worked())
    assert {PLAYER: False, BROKER: False} == health.up([PLAYER, BROKER])
    world.made_anew([PLAYER, BROKER], works=True)
    assert {PLAYER: True, BROKER: True} == health.up([PLAYER, BROKER])


def test_destination_that_is_off_is_not_waited_for() -> None:
    """It cannot come back."""
    assert {TRACK: True, COLLECT: True} == World().health().up([TRACK, COLLECT])


def test_it_is_known_who_has_shown_what() -> None:
    """The player shows it with its first start or its first loss, a destination with its first attempt."""
    world = World(COLLECT, TRACK)
    health = world.health()
    assert health.knows([COLLECT, TRACK, PLAYER, BROKER])
    world.services[TRACK].answers = None
    assert not health.knows([TRACK])
    assert health.knows([COLLECT])
    world.player = Coming(False, 1)
    assert not health.knows([PLAYER])
    world.player = Coming(False, 2)
    assert health.knows([PLAYER])


def test_broker_that_speaks_is_a_witness_for_a_destination() -> None:
    """The usual one: it brought the document."""
    assert all(Watch(World(), COLLECT).looks(60.0))


def test_destination_that_is_answered_is_a_witness_for_the_broker() -> None:
    """The only one where the document cut the device off from its broker."""
    world = World()
    watch = Watch(world, BROKER)
    world.broker = Coming(False, 1)
    assert all(watch.looks(60.0)[1:])


def test_answer_of_long_ago_is_no_witness() -> None:
    """The line outward fails right after the change: everything is silent, and nothing may be given back for it."""
    world = World()
    watch = Watch(world, BROKER)
    world.broker = Coming(False, 1)
    watch.looks(10.0)
    world.passes = lambda now: None  # type: ignore[method-assign]
    found = watch.looks(3600.0)
    assert not any(found[int(FRESH_S / 2) + 1 :])


def test_broker_that_has_not_been_heard_is_no_witness() -> None:
    """A dead line looks alive until its keepalive is over, an hour if somebody set it so."""
    world = World()
    watch = Watch(world, COLLECT)
    watch.looks(10.0)
    world.passes = lambda now: None  # type: ignore[method-assign]
    found = watch.looks(3600.0)
    assert not any(found[int(HEARD_S / 2) + 1 :])


def test_outage_of_everything_else_is_waited_out_for_a_day() -> None:
    """A router without a line outward has a route: nothing is given back for that, and nobody is lost for ever."""
    world = World()
    watch = Watch(world, BROKER)
    world.broker = Coming(False, 1)
    world.services[COLLECT].answers = False
    assert not any(watch.looks(8 * 3600.0))
    watch.ran = PATIENCE_S
    assert all(watch.looks(10.0))
    world.route = False
    assert not any(watch.looks(10.0))


def test_where_nobody_else_worked_the_route_has_to_do() -> None:
    """A kiosk that reports nothing has only its broker; a wrong address must be given back within minutes."""
    world = World()
    world.services.clear()
    watch = Watch(world, BROKER)
    world.broker = Coming(False, 1)
    assert all(watch.looks(10.0))
    world.route = False
    assert not any(watch.looks(10.0))


@pytest.mark.parametrize(("rebooted", "counts"), [(True, False), (False, True)])
def test_after_a_reboot_the_route_alone_is_not_believed(*, rebooted: bool, counts: bool) -> None:
    """A shop's router is up minutes before its line is."""
    world = World()
    world.services.clear()
    world.broker = Coming(False, 0)
    watch = Watch(world, BROKER, rebooted=rebooted, restarted=True)
    assert [counts] * 5 == watch.looks(10.0)
    watch.ran = PATIENCE_S
    assert all(watch.looks(10.0))


def test_player_is_no_witness_of_a_network() -> None:
    """It plays from the disk."""
    world = World()
    world.broker = Coming(False, 1)
    world.services[COLLECT].answers = False
    assert not any(Watch(world, BROKER, restarted=True).looks(60.0))


def test_network_that_comes_back_has_the_broker_tried_soon() -> None:
    """Its pauses grew to five minutes in the outage, which the trial's two minutes would not wait for."""
    world = World()
    watch = Watch(world, BROKER)
    world.broker = Coming(False, 1)
    watch.looks(20.0)
    assert 0 == world.hurried
    world.services[COLLECT].answers = False
    watch.looks(60.0)
    world.services[COLLECT].answers = True
    watch.looks(60.0)
    assert 1 == world.hurried


def test_probes_are_asked_of_all_that_are_on() -> None:
    """Those on trial, and the witnesses."""
    world = World(COLLECT, TRACK)
    world.health().probe(1030.0)
    assert [(COLLECT, 1030.0), (TRACK, 1030.0)] == world.probed
