"""A draft is judged as the agent will, and tried at the real services, before anything is written."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.config.files import Loaded
from agent.runtime.checks.finding import Finding, Level
from agent.runtime.setup.applying import apply, known
from agent.runtime.setup.checking import examine, judge, media, silence, staged
from agent.runtime.setup.draft import APP_TOKEN, DEVICE_ID, MODE, PASSWORD, PLAYLIST, Draft
from agent.runtime.setup.places import Places
from tests.support.brokers import Broker
from tests.support.media import image
from tests.support.sessions import app_token, called
from tests.support.setups import a_machine, mode
from tools.standin.server import Collector


@pytest.fixture
def service() -> Iterator[Collector]:
    with Collector() as running:
        yield running


def a_draft(service_url: str) -> Draft:
    """A kiosk that logs in with an app token and plays one picture."""
    token = app_token("sha256")
    draft = Draft({"kaltura": {"service_url": service_url, "partner_id": 102}}).with_value(MODE, "app-token")
    draft = draft.with_secret(APP_TOKEN, token.token).with_value(("kaltura", "session", "app_token_id"), token.ident)
    return draft.with_value(PLAYLIST, [{"uri": str(image()), "entry_id": "0_abcd1234"}])


def tried(draft: Draft, places: Places) -> dict[str, Finding]:
    """What the services say, by subject."""
    with staged(draft, places) as folder:
        judged = judge(draft, places, folder)
        assert judged.loaded is not None, judged.findings
        return {each.subject: each for each in examine(judged.loaded, places.state, is_new_broker=True)}


def loaded(draft: Draft, places: Places) -> Loaded:
    """What the draft means."""
    with staged(draft, places) as folder:
        found = judge(draft, places, folder).loaded
        assert found is not None
        return found


def test_right_answers_are_found_right_and_nothing_is_written(service: Collector, tmp_path: Path) -> None:
    """The token is tried before it is anywhere on the card."""
    places = a_machine(tmp_path)
    found = tried(a_draft(service.url), places)
    assert {Level.OK} == {found[name].level for name in ("collector", "session", "playlist", "libvlc")}
    assert ["ping", "startWidgetSession", "startSession"] == called(service)
    assert (False, []) == (places.folder.exists(), list(places.runtime.iterdir()))
    assert not service.events


def test_wrong_token_fails_with_its_remedy_and_is_not_quoted(service: Collector, tmp_path: Path) -> None:
    """Before the kiosk hangs on its wall."""
    draft = a_draft(service.url).with_secret(APP_TOKEN, "a-wrong-token-0123456789")
    found = tried(draft, a_machine(tmp_path))["session"]
    assert Level.FAIL is found.level
    assert found.remedy
    assert "a-wrong-token" not in f"{found.text}{found.remedy}"


def test_secret_that_is_there_already_is_tried_too(service: Collector, tmp_path: Path) -> None:
    """Setup that is run again asks for no token."""
    places = a_machine(tmp_path)
    apply(a_draft(service.url), places)
    again = known(Draft(a_draft(service.url).tree), places)
    assert Level.OK is tried(again, places)["session"].level


def test_broker_is_tried_with_the_password_that_was_typed(service: Collector, tmp_path: Path) -> None:
    """A real mosquitto says yes to the one and no to the other."""
    places = a_machine(tmp_path)
    with Broker(tmp_path / "broker") as broker:
        broker.add_user("device-001", "right-password")
        url = f"mqtt://127.0.0.1:{broker.plain_port}"
        draft = a_draft(service.url).with_value(DEVICE_ID, "device-001").with_value(("remote", "url"), url)
        assert Level.OK is tried(draft.with_secret(PASSWORD, "right-password"), places)["broker"].level
        wrong = tried(draft.with_secret(PASSWORD, "wrong-password"), places)["broker"]
        assert (Level.FAIL, True) == (wrong.level, "remote.password_file" in (wrong.remedy or ""))


def test_tried_secrets_are_for_this_user_only_and_gone_afterwards(tmp_path: Path) -> None:
    """In memory, where there is such a folder: a card remembers what was deleted."""
    places = a_machine(tmp_path)
    with staged(Draft().with_secret(APP_TOKEN, "0123456789abcdef"), places) as folder:
        assert places.runtime == folder.parent
        assert ("700", "600") == (mode(folder), mode(folder / "app-token"))
    assert not folder.exists()


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    """What was not answered by its question, the rest by its setting; a certificate is looked for where it lies now."""
    places = a_machine(tmp_path)
    draft = Draft({"kaltura": {"service_url": "https://k.example.com", "session": {"mode": "app-token"}}})
    draft = draft.with_value(("queue", "max_bytes"), 3).with_value(("remote", "ca_file"), "ca.pem")
    with staged(draft, places) as folder:
        judged = judge(draft, places, folder)
        with_file = Draft(draft.tree, draft.secrets, {"ca.pem": b"PEM"})
    text = "\n".join(f"{each.text} {each.remedy}" for each in judged.findings)
    assert judged.loaded is None
    assert [] == [word for word in ("--partner", "--app-token-file", "queue.max_bytes", "ca.pem") if word not in text]
    assert "kaltura.partner_id" not in text
    with staged(with_file, places) as folder:
        assert not any("ca.pem" in each.text for each in judge(with_file, places, folder).findings)


def test_image_needs_no_machine(tmp_path: Path) -> None:
    """It has no id before its first boot, and a machine that has none then is told."""
    places = a_machine(tmp_path)
    (tmp_path / "etc/machine-id").write_text("")
    draft = Draft({"kaltura": {"service_url": "https://k.example.com", "partner_id": 102}})
    with staged(draft, places) as folder:
        assert judge(draft, places, folder).loaded is None
        assert judge(draft, places, folder, is_image=True).loaded is not None


@pytest.mark.parametrize(
    ("playlist", "level", "reason"),
    [
        ([], Level.WARN, "nothing is played"),
        ([{"uri": "/nowhere/a.mp4"}], Level.WARN, "nothing that is played has a Kaltura entry"),
        ([{"uri": "{image}", "entry_id": "0_abcd1234"}], Level.OK, None),
        ([{"uri": "/nowhere/folder/"}], Level.WARN, "nothing"),
    ],
)
def test_list_that_will_report_nothing_is_noticed(
    tmp_path: Path, playlist: list[dict[str, str]], level: Level, reason: str | None
) -> None:
    """Nobody waits two minutes for an event that cannot come."""
    items = [{**item, "uri": item["uri"].format(image=image())} for item in playlist]
    tree = {"kaltura": {"service_url": "https://k.example.com", "partner_id": 1}, "player": {"playlist": items}}
    found = loaded(Draft(tree), a_machine(tmp_path))
    assert level is media(found).level or media(found).level is Level.FAIL
    assert (reason is None) == (silence(found) is None)
    assert (reason or "") in (silence(found) or "")


def test_reporting_that_is_off_is_no_reason_to_wait(tmp_path: Path) -> None:
    """A kiosk may play without reporting."""
    assert "switched off" in (silence(loaded(Draft({"kaltura": {"enabled": False}}), a_machine(tmp_path))) or "")
