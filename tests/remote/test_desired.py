"""The desired state of a device."""

from agent.remote.desired import GROUPS_REMEMBERED, Desired, Home, Which
from agent.remote.documents import Document, Removal
from agent.remote.settling import settle
from agent.remote.shelf import Outcome
from agent.remote.topics import Device, Fleet, Group
from tests.support.judging import BERLIN, FLEET, LOBBY, OWN, judge, publish, revisions

HOME = Home("d1", ("berlin", "lobby"), "broker")


def names(desired: Desired, which: Which = Which.WANTED) -> list[str]:
    """The layers by their names."""
    return [layer.name for layer in desired.layers_of(which)]


def settled(desired: Desired) -> Desired:
    """With all that is good applied."""
    return settle(desired, judge)[0]


def test_precedence_is_fleet_then_groups_in_their_order_then_device() -> None:
    """Stated once, for whoever wonders which of two documents counts."""
    desired = Desired(HOME)
    for level in (OWN, LOBBY, BERLIN, FLEET):
        desired = publish(desired, level, 1)
    assert ["fleet@1", "group/berlin@1", "group/lobby@1", "device/d1@1"] == names(desired)
    assert all(layer.remote for layer in desired.layers_of(Which.WANTED))
    assert (FLEET, BERLIN, LOBBY, OWN) == desired.levels


def test_groups_of_the_devices_document_take_the_place_of_the_files() -> None:
    """Operators move a kiosk to another group without going there."""
    desired = publish(publish(Desired(HOME), BERLIN, 1), OWN, 1, groups=("lobby", "paris"))
    assert {LOBBY, Group("paris"), BERLIN} < set(desired.levels)
    desired = settled(desired).confirmed()
    assert (FLEET, LOBBY, Group("paris"), OWN) == desired.levels
    assert ["device/d1@1"] == names(desired)
    assert (FLEET, OWN) == settled(publish(Desired(HOME), OWN, 1, groups=())).confirmed().levels
    assert HOME.groups == settled(publish(Desired(HOME), OWN, 1)).groups


def test_group_of_the_file_named_twice_counts_at_its_later_place() -> None:
    """Later groups count over earlier ones."""
    assert (FLEET, LOBBY, BERLIN, OWN) == Desired(Home("d1", ("berlin", "lobby", "berlin"))).levels


def test_documents_of_others_are_none_of_ours() -> None:
    """A broker without an ACL delivers what was asked for before, or somebody else's."""
    for level in (Group("paris"), Device("d2")):
        assert (Desired(HOME), Outcome.NOT_OURS) == Desired(HOME).offer(level, Document(level, 1, {}))


def test_group_on_its_way_out_is_listened_to_until_the_change_has_stood_its_trial() -> None:
    """If the change is given back, the group's document is needed at once, and unchanged."""
    before = settled(publish(Desired(HOME), LOBBY, 4, value=1)).confirmed()
    change = settled(publish(before, OWN, 1, groups=("paris",)))
    assert {LOBBY, Group("paris")} <= set(change.levels)
    assert "group/lobby" not in change.report(on_trial=True)["levels"]
    assert {"device/d1": 1} == revisions(change)
    back = change.given_back("dark", wall=5.0)
    assert {"group/lobby": 4} == revisions(settled(back))
    assert back.returned is not None
    assert {"device/d1": 1} == back.returned.revisions
    after = change.confirmed()
    assert (FLEET, Group("paris"), OWN) == after.levels
    assert after.shelf(LOBBY).wanted is None
    assert 4 == after.shelf(LOBBY).floor


def test_groups_that_were_left_are_remembered_up_to_a_bound() -> None:
    """Somebody moves a kiosk through a new group each day for years."""
    desired = Desired(HOME)
    for number in range(1, GROUPS_REMEMBERED + 20):
        desired = settled(publish(desired, OWN, number, groups=(f"g{number}",))).confirmed()
        desired = settled(publish(desired, Group(f"g{number}"), 1)).confirmed()
    assert len(desired.shelves) <= GROUPS_REMEMBERED + 3
    assert 1 == desired.shelf(Group(f"g{GROUPS_REMEMBERED}")).floor


def test_nothing_retained_is_no_order() -> None:
    """A broker that lost its documents delivers none; only an empty payload that is delivered removes."""
    desired = settled(publish(Desired(HOME), FLEET, 3))
    assert {"fleet": 3} == revisions(settled(desired))
    removed, outcome = desired.offer(FLEET, Removal(FLEET))
    assert Outcome.REMOVED is outcome
    assert {} == revisions(settled(removed))
    assert Outcome.STALE is removed.offer(FLEET, Document(FLEET, 3, {}))[1]


def test_trial_that_fails_gives_back_what_was_not_good_and_says_so() -> None:
    """Commit-confirm: the screens play on, and the operator reads why."""
    good = settled(publish(publish(Desired(HOME), FLEET, 4), OWN, 1)).confirmed()
    back = settled(publish(good, FLEET, 5, value=1)).given_back("no network", wall=9.0)
    assert {"fleet": 4, "device/d1": 1} == revisions(settled(back))
    report = settled(back).report(on_trial=False)
    assert "returned" == report["state"]
    assert {"revisions": {"fleet": 5}, "reason": "no network", "at": 9.0} == report["returned"]
    assert {"wanted": 5, "applied": 4, "problems": ["was given back: no network"]} == report["levels"]["fleet"]
    other = settled(publish(back, OWN, 2))
    assert {"fleet": 4, "device/d1": 2} == revisions(other)
    assert "returned" == other.report(on_trial=False)["state"]
    newer = settled(publish(other, FLEET, 6))
    assert {"fleet": 6, "device/d1": 2} == revisions(newer)
    assert ("applied", None) == (newer.report(on_trial=False)["state"], newer.returned)


def test_removal_that_fails_its_trial_is_given_back_too() -> None:
    """The document that held the network's settings was removed by mistake."""
    good = settled(publish(Desired(HOME), FLEET, 4)).confirmed()
    removed = settled(good.offer(FLEET, Removal(FLEET))[0])
    assert {} == revisions(removed)
    back = removed.given_back("no network", wall=9.0)
    assert {"fleet": 4} == revisions(settled(back))
    assert back.returned is not None
    assert {"fleet": None} == back.returned.revisions


def test_report_tells_wanted_applied_and_problems_of_each_level() -> None:
    """What an operator's table of devices is made of."""
    desired = settled(publish(publish(Desired(HOME), FLEET, 4, bad=2), OWN, 2))
    report = desired.report(on_trial=False)
    assert {
        "fleet": {"wanted": 4, "applied": None, "problems": ["bad: is bad, number 0.", "bad: is bad, number 1."]},
        "group/berlin": {"wanted": None, "applied": None, "problems": []},
        "group/lobby": {"wanted": None, "applied": None, "problems": []},
        "device/d1": {"wanted": 2, "applied": 2, "problems": []},
    } == report["levels"]
    assert ("refused", ["berlin", "lobby"], None) == (report["state"], report["groups"], report["returned"])
    assert "trial" == desired.report(on_trial=True)["state"]
    assert "applied" == Desired(HOME).report(on_trial=False)["state"]


def test_another_device_does_not_take_this_ones_own_document() -> None:
    """A cloned card is another device (decision 4), of the same fleet."""
    desired = settled(publish(publish(Desired(HOME), FLEET, 4), OWN, 2)).confirmed()
    moved = desired.moved(Home("d2", (), "broker"))
    assert ["fleet@4"] == names(moved, Which.APPLIED)
    assert (Fleet(), Device("d2")) == moved.levels
    assert Outcome.STALE is moved.offer(FLEET, Document(FLEET, 3, {}))[1]


def test_another_broker_counts_anew_and_what_is_applied_stays() -> None:
    """Until the new broker is heard, the screens show what they showed."""
    desired = settled(publish(Desired(HOME), FLEET, 4)).confirmed().moved(Home("d1", (), "another"))
    assert ["fleet@4"] == names(desired, Which.APPLIED)
    assert Outcome.TAKEN is desired.offer(FLEET, Document(FLEET, 1, {}))[1]
