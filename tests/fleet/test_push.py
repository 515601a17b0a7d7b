"""`kiosk-fleet push`, `set` and `unset`, on a broker in memory."""

import json
from pathlib import Path

import pytest

from agent.fleet import documents
from agent.remote.documents import Document
from agent.remote.topics import Device, Fleet, Group
from tests.support.fleet import TOPICS, Exchange, Kiosk, run


@pytest.fixture
def exchange() -> Exchange:
    return Exchange()


def file(folder: Path, text: str = "[player]\nvolume = 50\n", name: str = "lobby.toml") -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def in_force(exchange: Exchange, level: Fleet | Group | Device) -> Document:
    found = documents.read(level, exchange.retained[TOPICS.desired(level)])
    assert isinstance(found, Document)
    return found


def test_push_publishes_waits_and_tells(exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole road: difference, document, history, who applied it."""
    Kiosk(exchange, "dev-a")
    Kiosk(exchange, "dev-b", online=False)
    found = run(exchange, monkeypatch, "push", file(tmp_path), "--group", "lobby", "--yes", "--note", "quieter")
    assert 0 == found.exit_code
    assert [
        "1 device offline, will apply it when back: dev-b",
        "1 device applied it: dev-a",
    ] == found.stdout.splitlines()
    assert [
        "group/lobby: there is no document yet; 2 devices, 1 online.",
        "  + player.volume = 50",
        "Revision 1 is published for the group lobby.",
    ] == found.stderr.splitlines()
    document = in_force(exchange, Group("lobby"))
    assert (1, {"player": {"volume": 50}}, "quieter") == (document.revision, document.tree, document.note)
    assert TOPICS.history(Group("lobby"), 1) in exchange.retained


def test_refusal_is_told_with_its_reasons_and_ends_with_1(
    exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A script stops its rollout by this status."""
    Kiosk(exchange, "dev-a", manner="refuses")
    found = run(exchange, monkeypatch, "push", file(tmp_path), "--all", "--yes")
    assert 1 == found.exit_code
    assert "dev-a: player.volume: is 900; allowed: 0 to 200." in found.stdout


def test_device_that_does_not_answer_ends_with_1_after_the_timeout(
    exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is there and says nothing: somebody must look."""
    Kiosk(exchange, "dev-a", manner="ignores")
    found = run(exchange, monkeypatch, "push", file(tmp_path), "--all", "--yes", "--timeout", "20")
    assert 1 == found.exit_code
    assert "dev-a: did not report it in time" in found.stdout


def test_json_of_a_push_is_stable(exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scripts read it."""
    Kiosk(exchange, "dev-a")
    found = run(exchange, monkeypatch, "push", file(tmp_path), "--all", "--yes", "--json")
    assert {
        "ok": True,
        "level": "fleet",
        "revision": 1,
        "before": None,
        "changes": [{"place": "player.volume", "after": 50}],
        "published": True,
        "counts": {"applied": 1},
        "devices": [{"device": "dev-a", "verdict": "applied", "reasons": []}],
    } == json.loads(found.stdout)
    assert "" == found.stderr


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("player.volum: is not a setting. Did you mean volume?", "[player]\nvolum = 50\n"),
        ("player.volume: ", "[player]\nvolume = 900\n"),
        ("is not valid TOML", "[player\n"),
        ("device.id", '[device]\nid = "other"\n'),
    ],
)
def test_bad_file_is_refused_before_the_broker_is_asked(
    exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, text: str
) -> None:
    """With its remedy, and status 2; a broker that is down does not hide it."""
    exchange.is_down = True
    found = run(exchange, monkeypatch, "push", file(tmp_path, text), "--all", "--yes")
    assert 2 == found.exit_code
    assert words in found.stderr


def test_setting_that_no_machine_permits_is_refused(
    exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every device would refuse it; where one permits it, that one takes it."""
    kiosk = Kiosk(exchange, "dev-a")
    path = file(tmp_path, '[kaltura]\nservice_url = "https://k.example.com"\n')
    found = run(exchange, monkeypatch, "push", path, "--all", "--yes")
    assert (2, {}) == (found.exit_code, {each for each in exchange.retained if "desired" in each} or {})
    assert "kaltura.service_url" in found.stderr
    kiosk.state["config"]["allow"] = ["kaltura.service_url"]
    kiosk.report()
    assert 0 == run(exchange, monkeypatch, "push", path, "--all", "--yes").exit_code


def test_dry_run_shows_the_difference_and_publishes_nothing(
    exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The safe way to look."""
    found = run(exchange, monkeypatch, "push", file(tmp_path), "--all", "--dry-run")
    assert 0 == found.exit_code
    assert "+ player.volume = 50" in found.stderr
    assert {} == exchange.retained


def test_nobody_to_ask_publishes_nothing(exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job at night without --yes."""
    found = run(exchange, monkeypatch, "push", file(tmp_path), "--all")
    assert (2, {}) == (found.exit_code, exchange.retained)
    assert "say --yes" in found.stderr


def test_same_again_is_not_published(exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that pushes each night must not use up a revision, nor wake a thousand devices."""
    arguments = ("push", file(tmp_path), "--all", "--yes")
    run(exchange, monkeypatch, *arguments)
    found = run(exchange, monkeypatch, *arguments)
    assert (0, 1) == (found.exit_code, in_force(exchange, Fleet()).revision)
    assert "Nothing to change" in found.stdout


def test_same_again_is_published_where_devices_have_seen_a_later_one(
    exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broker that was killed has an older document than the devices, who take nothing below their own."""
    arguments = ("push", file(tmp_path), "--all", "--yes")
    run(exchange, monkeypatch, *arguments)
    Kiosk(exchange, "dev-a").take("fleet", 5)
    found = run(exchange, monkeypatch, *arguments)
    assert (0, 6) == (found.exit_code, in_force(exchange, Fleet()).revision)


def test_groups_are_for_one_device(exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And stay as they are when something else is changed."""
    path = file(tmp_path)
    assert 2 == run(exchange, monkeypatch, "push", path, "--all", "--groups", "a", "--yes").exit_code
    run(exchange, monkeypatch, "push", path, "--device", "dev-a", "--groups", "berlin,lobby", "--yes", "--no-wait")
    run(exchange, monkeypatch, "set", "player.volume=60", "--device", "dev-a", "--yes", "--no-wait")
    document = in_force(exchange, Device("dev-a"))
    assert (2, ("berlin", "lobby"), {"player": {"volume": 60}}) == (document.revision, document.groups, document.tree)
    found = run(exchange, monkeypatch, "push", path, "--device", "dev-a", "--groups", "Not Good", "--yes")
    assert 2 == found.exit_code
    run(exchange, monkeypatch, "push", path, "--device", "dev-a", "--groups", "", "--yes", "--no-wait")
    assert () == in_force(exchange, Device("dev-a")).groups


def test_removal_can_be_said_beside_a_toml_file(
    exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TOML knows no null."""
    run(exchange, monkeypatch, "push", file(tmp_path), "--all", "--unset", "player.rotation", "--yes", "--no-wait")
    assert {"player": {"volume": 50, "rotation": None}} == in_force(exchange, Fleet()).tree


def test_set_and_unset_change_one_thing(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest of the document stays; what is unset counts from below again."""
    run(exchange, monkeypatch, "set", "player.volume=50", "log.level=debug", "--all", "--yes")
    run(exchange, monkeypatch, "unset", "log.level", "--all", "--yes")
    assert {"player": {"volume": 50}} == in_force(exchange, Fleet()).tree
    run(exchange, monkeypatch, "unset", "--everywhere", "log.level", "--all", "--yes")
    assert {"player": {"volume": 50}, "log": {"level": None}} == in_force(exchange, Fleet()).tree
    found = run(exchange, monkeypatch, "unset", "player.loop", "--all", "--yes")
    assert (2, 3) == (found.exit_code, in_force(exchange, Fleet()).revision)
    assert "player.loop: is not in the document" in found.stderr


def test_set_does_not_build_on_what_is_no_document(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knows what it was meant to say; push replaces it."""
    exchange.retained[TOPICS.desired(Fleet())] = b"nonsense"
    found = run(exchange, monkeypatch, "set", "player.volume=50", "--all", "--yes")
    assert 2 == found.exit_code
    assert "is no document" in found.stderr


def test_broker_that_is_down_ends_with_3(exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another status than a fleet that refuses."""
    exchange.is_down = True
    found = run(exchange, monkeypatch, "push", file(tmp_path), "--all", "--yes", "--json")
    assert 3 == found.exit_code
    assert "unreachable" == json.loads(found.stdout)["error"]["kind"]


def test_operator_who_was_overtaken_is_told_by_whom(
    exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two people in two cities."""
    rival = documents.encode(Document(Fleet(), 9, {}, by="bob@desk"))

    def meanwhile(message: object) -> None:
        exchange.hooks.clear()
        exchange.tell(TOPICS.desired(Fleet()), rival)

    exchange.hooks.append(meanwhile)
    found = run(exchange, monkeypatch, "push", file(tmp_path), "--all", "--yes", "--json")
    error = json.loads(found.stdout)["error"]
    assert (1, "conflict") == (found.exit_code, error["kind"])
    assert "by bob@desk" in error["text"]
    assert rival == exchange.retained[TOPICS.desired(Fleet())]
