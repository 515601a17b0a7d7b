"""What a document changed stays only if what worked before comes back."""

from dataclasses import replace
from pathlib import Path

import pytest

from agent.remote.topics import Group
from agent.remote.trial import LOSSES, PROBATION_S, STARTS
from agent.runtime.steering.documents import KNOWN_WITHIN_S
from tests.support.helm import COLLECT, Disk, Helm, World, service
from tests.support.outbox import an_instant

QUIET = {"player": {"volume": 20}}
ELSEWHERE = {"kaltura": {"service_url": "http://127.0.0.1:7"}}
OLD, NEW = "127.0.0.1:8911", "127.0.0.1:7"


def test_connection_that_does_not_come_back_gives_everything_back_and_says_why(tmp_path: Path) -> None:
    """Commit-confirm: nobody drives out to mend an address."""
    helm = Helm(tmp_path)
    helm.settle(1, QUIET)
    helm.passes(PROBATION_S + 5.0)
    helm.works = False
    helm.settle(2, {**ELSEWHERE, "player": {"volume": 5}})
    assert (5, "trial") == (helm.volume, helm.report["state"])
    helm.passes(130.0)
    assert (20, OLD) == (helm.volume, service(helm))
    returned = helm.report["returned"]
    assert {"fleet": 2} == returned["revisions"]
    assert "stats.collect did not come back within 120 s after fleet 2" == returned["reason"]
    assert any("was given back" in problem for problem in helm.level()["problems"])
    helm.want(2, {**ELSEWHERE, "player": {"volume": 5}})
    helm.passes(10.0)
    assert 20 == helm.volume, "not tried again"


def test_connection_that_did_not_work_before_is_not_judged(tmp_path: Path) -> None:
    """A service that has been down all day must not keep the fleet from being told another volume."""
    world = World()
    world.services[COLLECT].answers = False
    helm = Helm(tmp_path, world)
    helm.works = False
    helm.settle(1, ELSEWHERE)
    helm.passes(400.0)
    assert NEW == service(helm)
    assert not helm.is_on_trial


def test_document_that_waited_for_the_start_is_tried_once_it_is_known_what_worked(tmp_path: Path) -> None:
    """Devices are off at night: in the morning a bad address is the first that they hear, before the first event."""
    world = World()
    world.services[COLLECT].answers = None
    helm = Helm(tmp_path, world)
    helm.works = False
    helm.settle(1, ELSEWHERE)
    assert [] == helm.applied
    assert {COLLECT} == {name for name, _ in world.probed}
    world.services[COLLECT].answers = True
    helm.passes(1.0)
    assert NEW == service(helm)
    helm.passes(130.0)
    assert OLD == service(helm)


def test_service_that_shows_nothing_is_not_waited_for_without_end(tmp_path: Path) -> None:
    """The change may be the cure."""
    world = World()
    world.services[COLLECT].answers = None
    helm = Helm(tmp_path, world)
    helm.settle(1, ELSEWHERE)
    helm.passes(KNOWN_WITHIN_S + 2.0)
    assert 1 == helm.level()["applied"]


def test_volume_waits_for_no_connection(tmp_path: Path) -> None:
    """Only what a change concerns has to be known."""
    world = World()
    world.services[COLLECT].answers = None
    helm = Helm(tmp_path, world)
    helm.settle(1, QUIET)
    assert 20 == helm.volume
    assert [] == world.probed


def test_newer_document_joins_the_trial_of_the_one_before(tmp_path: Path) -> None:
    """What has not come back stays on trial; a newer document must not wash it clean."""
    helm = Helm(tmp_path)
    helm.works = False
    helm.settle(1, ELSEWHERE)
    helm.passes(60.0)
    helm.settle(2, {**ELSEWHERE, **QUIET})
    helm.passes(100.0)
    assert helm.is_on_trial, "the whole time begins anew"
    helm.passes(30.0)
    assert (100, OLD) == (helm.volume, service(helm))
    assert {"fleet": 2} == helm.report["returned"]["revisions"]


def test_cure_that_comes_during_the_trial_is_kept(tmp_path: Path) -> None:
    """The operator has seen the mistake before the device has."""
    helm = Helm(tmp_path)
    helm.works = False
    helm.settle(1, ELSEWHERE)
    helm.works = True
    helm.settle(2, {**QUIET, "kaltura": {"service_url": "http://127.0.0.1:6"}})
    helm.passes(200.0)
    assert ("applied", 20, "127.0.0.1:6") == (helm.report["state"], helm.volume, service(helm))


def test_destination_that_is_switched_off_during_its_trial_is_not_waited_for(tmp_path: Path) -> None:
    """It cannot come back, and that is what was wanted."""
    helm = Helm(tmp_path)
    helm.works = False
    helm.settle(1, ELSEWHERE)
    del helm.world.services[COLLECT]
    helm.settle(2, {**QUIET, "kaltura": {"enabled": False}})
    helm.passes(200.0)
    assert 2 == helm.level()["applied"]
    assert "applied" == helm.report["state"]


def test_document_that_came_during_anothers_trial_goes_back_with_it_and_counts_when_it_comes_anew(
    tmp_path: Path,
) -> None:
    """Nobody can tell which of the two did the harm; the report names both."""
    helm = Helm(tmp_path)
    helm.works = False
    helm.settle(1, ELSEWHERE)
    helm.settle(1, {"player": {"volume": 30}}, Group("lobby"))
    helm.passes(200.0)
    assert {"fleet": 1, "group/lobby": 1} == helm.report["returned"]["revisions"]
    helm.settle(2, {"player": {"volume": 30}}, Group("lobby"))
    assert (30, OLD) == (helm.volume, service(helm))


def test_good_document_that_waits_beside_a_bad_one_counts_after_the_return(tmp_path: Path) -> None:
    """It was refused only because of what is gone now."""
    helm = Helm(tmp_path)
    helm.works = False
    helm.settle(1, {"kaltura": {"service_url": "http://127.0.0.1:7", "enabled": True}})
    helm.want(2, {"player": {"volume": 30}}, Group("lobby"))
    helm.now = helm.now.at(helm.now.boottime + 0.1)
    helm.documents._give_back("a test", helm.now)
    helm.passes(1.0)
    assert (30, OLD) == (helm.volume, service(helm))


def test_player_that_is_lost_again_and_again_gives_its_settings_back(tmp_path: Path) -> None:
    """An option of VLC that crashes it: ready each time, and gone each time."""
    helm = Helm(tmp_path)
    helm.settle(1, {"player": {"vlc_options": ["--no-audio"]}})
    for losses in range(1, LOSSES + 1):
        helm.documents.lost_player(losses)
        helm.passes(3.0)
    assert () == helm.loaded.settings.player.vlc_options
    assert "host was lost" in helm.report["returned"]["reason"]


def test_losses_of_the_player_before_the_change_count_for_nothing(tmp_path: Path) -> None:
    """An old television set is no fault of the new document."""
    helm = Helm(tmp_path)
    helm.documents.lost_player(5)
    helm.settle(1, {"player": {"vlc_options": ["--no-audio"]}})
    helm.documents.lost_player(6)
    helm.passes(PROBATION_S + 10.0)
    assert "applied" == helm.report["state"]


def test_third_start_without_an_orderly_end_gives_the_change_back(tmp_path: Path) -> None:
    """What ends the agent again and again cannot be looked at by the agent."""
    Helm(tmp_path).settle(1, QUIET)
    for _ in range(STARTS - 1):
        assert 20 == Helm(tmp_path).volume
    back = Helm(tmp_path)
    assert (100, "returned") == (back.volume, back.report["state"])
    assert "ended 3 times" in back.report["returned"]["reason"]


def test_orderly_ends_and_power_cuts_count_for_nothing(tmp_path: Path) -> None:
    """The shop is closed at night by pulling the plug."""
    Helm(tmp_path).settle(1, QUIET)
    for number in range(6):
        other = an_instant(10.0, boot_id=f"{number:08d}-0000-0000-0000-000000000000")
        assert 20 == Helm(tmp_path, now=other).volume
    for _ in range(6):
        helm = Helm(tmp_path)
        helm.documents.end(helm.now)
    assert 20 == helm.volume


def test_boot_without_network_and_an_open_trial_returns_nothing(tmp_path: Path) -> None:
    """The kiosk travels to its next fair in a van, and comes up in a hall without a network."""
    first = Helm(tmp_path)
    first.works = False
    first.settle(1, ELSEWHERE)
    world = World()
    world.services[COLLECT].answers = world.route = False
    world.broker = replace(World().broker, is_there=False)
    other = an_instant(5.0, boot_id="other")
    helm = Helm(tmp_path, world, now=other)
    helm.passes(3000.0, step=5.0)
    world.route = True
    helm.passes(3000.0, step=5.0)
    assert ("trial", NEW) == (helm.report["state"], service(helm))
    world.broker = World().broker
    helm.passes(130.0)
    assert OLD == service(helm), "and there the network is, and the service is not"


def test_trial_is_watched_without_writing_at_each_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Flash wears; a look every two seconds is no news."""
    helm = Helm(tmp_path)
    helm.works = False
    helm.settle(1, ELSEWHERE)
    disk = Disk(monkeypatch)
    disk.is_full = False
    helm.passes(60.0)
    assert 3 <= disk.written <= 6
