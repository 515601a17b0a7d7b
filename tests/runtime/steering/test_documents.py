"""Documents from their arrival to the running configuration: durable first, and whole or not at all."""

import json
from pathlib import Path
from typing import Any

import pytest

from agent.remote import durable
from agent.remote.letters import Arrived
from agent.remote.topics import Device, Fleet, Group, Level
from agent.remote.trial import PROBATION_S
from agent.remote.vault import Stored, Vault
from agent.runtime.steering.documents import LONGEST_QUIET_S, QUIET_S, WRITE_AGAIN_S
from tests.support.helm import DEVICE, TOPICS, Disk, Helm, service

QUIET = {"player": {"volume": 20}}
ELSEWHERE = {"kaltura": {"service_url": "http://127.0.0.1:7"}}
OLD, NEW = "127.0.0.1:8911", "127.0.0.1:7"


class Killed(BaseException):
    """The process ends here."""


def test_document_is_applied_after_a_moment_of_quiet_and_stands_its_trial(tmp_path: Path) -> None:
    """The usual course."""
    helm = Helm(tmp_path)
    helm.want(7, QUIET)
    assert [1] == helm.line.acknowledged
    assert [] == helm.applied
    helm.passes(QUIET_S)
    assert 20 == helm.volume
    assert helm.is_on_trial
    helm.passes(PROBATION_S + 5.0)
    assert not helm.is_on_trial
    assert ("applied", 7) == (helm.report["state"], helm.level()["applied"])


def test_documents_that_come_together_are_judged_together(tmp_path: Path) -> None:
    """All levels come within milliseconds at a start: one change of the screen, not four."""
    helm = Helm(tmp_path)
    helm.want(1, {"player": {"volume": 10}})
    helm.want(1, {"player": {"volume": 30}}, Group("lobby"))
    helm.want(1, {"log": {"level": "debug"}}, Device(DEVICE))
    helm.passes(1.0)
    assert [30] == [loaded.settings.player.volume for loaded in helm.applied]


def test_operator_who_publishes_without_end_is_not_waited_for(tmp_path: Path) -> None:
    """A runaway script must not keep all other documents from counting."""
    helm = Helm(tmp_path)
    for revision in range(1, 20):
        helm.want(revision, {"player": {"volume": revision}})
        helm.passes(0.4, step=0.2)
    assert helm.applied
    assert helm.applied[0].settings.player.volume <= LONGEST_QUIET_S / 0.4 + 2


@pytest.mark.parametrize("kill_at", ["store", "acknowledge", "settle", "store applied", "apply"])
def test_kill_between_any_two_steps_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kill_at: str
) -> None:
    """The plug is pulled when it is pulled: the document counts after the next start, or the broker gives it again."""
    helm = Helm(tmp_path)

    def dies(*_: object) -> Any:
        raise Killed

    saved = Vault.save

    def dies_where_applied(vault: Vault, stored: Stored) -> None:
        if stored.trial is not None:
            raise Killed
        saved(vault, stored)

    with monkeypatch.context() as patch:
        match kill_at:
            case "store":
                patch.setattr(Vault, "save", dies)
            case "acknowledge":
                patch.setattr(helm.line, "acknowledge", dies)
            case "settle":
                patch.setattr("agent.remote.settling.settle", dies)
            case "store applied":
                patch.setattr(Vault, "save", dies_where_applied)
            case _:
                patch.setattr(helm, "_apply", dies)
                helm.documents._apply = dies
        with pytest.raises(Killed):
            helm.settle(7, QUIET)
    again = Helm(tmp_path)
    if kill_at == "store":
        assert [] == helm.line.acknowledged, "so the broker gives it again"
        again.want(7, QUIET)
    again.passes(1.0)
    assert 20 == again.volume
    assert 7 == again.level()["applied"]
    assert again.is_on_trial, "a crash does not make a change good"


def test_full_disk_has_nothing_acknowledged_and_nothing_applied_until_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is acknowledged and forgotten would be lost for ever; the agent goes on as it is."""
    helm = Helm(tmp_path)
    disk = Disk(monkeypatch)
    helm.want(7, QUIET)
    helm.passes(3 * WRITE_AGAIN_S)
    assert ([], []) == (helm.line.acknowledged, helm.applied)
    disk.is_full = False
    helm.passes(WRITE_AGAIN_S + 1.0)
    assert [1] == helm.line.acknowledged
    assert 20 == helm.volume
    assert 3 <= helm.documents.counters["unwritten"] <= 5


def test_full_disk_owes_acknowledgements_to_one_connection_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk may be full for days: what the broker gives on each of a hundred connections must not gather in memory."""
    helm = Helm(tmp_path)
    disk = Disk(monkeypatch)
    for run in range(1, 100):
        letters = [Arrived(run, mid, mid % 2, TOPICS.desired(Fleet()), b"{}", retained=True) for mid in (1, 2, 3)]
        helm.documents.take([(Fleet(), letter) for letter in letters], helm.now)
    disk.is_full = False
    helm.passes(WRITE_AGAIN_S + 1.0)
    assert [1, 3] == helm.line.acknowledged


def test_documents_that_come_together_are_written_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eighteen large ones would otherwise be written eighteen times, in which the main loop does nothing else."""
    helm = Helm(tmp_path)
    levels: list[Level] = [Fleet(), Group("lobby"), Device(DEVICE)]
    payload = json.dumps({"revision": 1, "config": QUIET}).encode()
    letters = [Arrived(1, mid, 1, TOPICS.desired(level), payload, retained=True) for mid, level in enumerate(levels)]
    written: list[bytes] = []
    monkeypatch.setattr(durable, "write", lambda _, content: written.append(content))
    helm.documents.take(list(zip(levels, letters, strict=True)), helm.now)
    assert (1, [0, 1, 2]) == (len(written), helm.line.acknowledged)


def test_disk_that_fills_up_before_the_trial_is_stored_applies_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change that no crash could be counted against must not be in force."""
    helm = Helm(tmp_path)
    helm.want(7, QUIET)
    disk = Disk(monkeypatch)
    helm.passes(20.0)
    assert [] == helm.applied
    assert not helm.is_on_trial
    disk.is_full = False
    helm.passes(WRITE_AGAIN_S + 1.0)
    assert 20 == helm.volume


def test_bad_document_is_refused_with_its_problems_and_what_was_good_stays(tmp_path: Path) -> None:
    """Refused as a whole: the volume beside the mistake does not count either."""
    helm = Helm(tmp_path)
    helm.settle(1, QUIET)
    helm.settle(2, {"player": {"volume": 900, "volum": 3}, "log": {"level": "debug"}})
    assert (20, 1) == (helm.volume, helm.level()["applied"])
    helm.passes(PROBATION_S + 5.0)
    assert "refused" == helm.report["state"]
    problems = " ".join(helm.level()["problems"])
    assert "player.volume" in problems and "volum" in problems


def test_refused_document_counts_once_the_machine_permits_it(tmp_path: Path) -> None:
    """The file is corrected at the machine; nobody has to publish the document again."""
    forbidden = '[remote]\nurl = "mqtt://broker.example.com"\n'
    file = f'{forbidden}[kaltura]\nservice_url = "http://{OLD}"\npartner_id = 102\n[device]\nid = "{DEVICE}"\n'
    helm = Helm(tmp_path, file=file)
    helm.settle(1, ELSEWHERE)
    assert None is helm.level()["applied"]
    again = Helm(tmp_path, file=file.replace(forbidden, f'{forbidden}allow = ["kaltura.service_url"]\n'))
    again.passes(1.0)
    assert 1 == again.level()["applied"]


def test_removal_takes_the_document_away_and_stays_away(tmp_path: Path) -> None:
    """An empty retained payload, and nothing else."""
    helm = Helm(tmp_path)
    helm.settle(3, QUIET)
    helm.passes(PROBATION_S + 5.0)
    helm.give(Fleet(), b"")
    helm.passes(1.0)
    assert 100 == helm.volume
    helm.want(3, QUIET)
    helm.passes(2.0)
    assert 100 == helm.volume, "an old broker's backup is no news"
    assert 100 == Helm(tmp_path).volume


def test_groups_of_the_devices_document_change_what_is_listened_to(tmp_path: Path) -> None:
    """Moving a kiosk from one lobby to another is one document."""
    helm = Helm(tmp_path)
    helm.settle(1, {"player": {"volume": 30}}, Group("lobby"))
    helm.settle(1, {}, Device(DEVICE), groups=["berlin"])
    assert TOPICS.desired(Group("berlin")) in helm.line.topics
    assert 100 == helm.volume, "it has left the lobby"
    helm.settle(4, {"player": {"volume": 60}}, Group("berlin"))
    assert 60 == helm.volume
    helm.passes(PROBATION_S + 5.0)
    assert TOPICS.desired(Group("lobby")) not in helm.line.topics


def test_document_of_a_group_that_was_left_is_acknowledged_and_ignored(tmp_path: Path) -> None:
    """The broker had it under way already."""
    helm = Helm(tmp_path)
    helm.settle(1, QUIET, Group("elsewhere"))
    assert ([1], []) == (helm.line.acknowledged, helm.applied)
    assert 1 == helm.documents.counters["not-ours"]


def test_machine_file_that_changed_under_a_document_decides(tmp_path: Path) -> None:
    """What the machine no longer permits does not count from the next start on; the rest does."""
    helm = Helm(tmp_path)
    helm.settle(1, ELSEWHERE)
    helm.settle(1, {"player": {"volume": 30}}, Group("lobby"))
    helm.passes(PROBATION_S + 5.0)
    stricter = (
        f'[remote]\nurl = "mqtt://broker.example.com"\ngroups = ["lobby"]\n[kaltura]\nservice_url = "http://{OLD}"\n'
    )
    stricter += f'partner_id = 102\n[device]\nid = "{DEVICE}"\n'
    again = Helm(tmp_path, file=stricter)
    assert (OLD, 30) == (service(again), again.volume)
    assert "kaltura.service_url" in " ".join(again.level()["problems"])


def test_state_folder_that_takes_nothing_lets_the_agent_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A card that went read-only still has a list to play."""
    Helm(tmp_path).settle(1, QUIET)
    disk = Disk(monkeypatch)
    helm = Helm(tmp_path)
    assert 20 == helm.volume
    helm.settle(2, {"player": {"volume": 30}})
    assert ([], 20) == (helm.line.acknowledged, helm.volume)
    disk.is_full = False
    helm.passes(WRITE_AGAIN_S + 1.0)
    assert ([1], 30) == (helm.line.acknowledged, helm.volume)


def test_deadline_tells_when_to_look(tmp_path: Path) -> None:
    """A loop that spins costs the battery, one that sleeps costs the trial."""
    helm = Helm(tmp_path)
    helm.passes(1.0)
    assert None is helm.documents.deadline
    helm.want(1, QUIET)
    assert helm.now.boottime + QUIET_S == helm.documents.deadline
    helm.passes(5.0)
    due = helm.documents.deadline
    assert due is not None and helm.now.boottime < due <= helm.now.boottime + 2.0
