"""What the configuration's check says."""

import os
from pathlib import Path

import pytest

from agent.config.intake import Intake, Web
from agent.config.kaltura import EventSemantics, Kaltura
from agent.config.track_event import TrackEvent
from agent.runtime.checks.finding import Level
from agent.runtime.checks.settings import application, meaning, settings

HEAD = '[device]\nid = "device-001"\n[kaltura]\nservice_url = "http://127.0.0.1:1"\npartner_id = 102\n'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration that is in order, with a medium that exists."""
    (tmp_path / "a.mp4").write_bytes(b"")
    path = tmp_path / "agent.toml"
    path.write_text(HEAD + '[[player.playlist]]\nuri = "a.mp4"\n')
    return path


def test_file_in_order_is_one_line(config: Path) -> None:
    """Nothing to say."""
    findings, loaded = settings(config)
    assert [Level.OK] == [finding.level for finding in findings]
    assert loaded is not None


def test_every_problem_is_a_failure_with_its_line(config: Path) -> None:
    """doctor and `config check` say the same."""
    config.write_text("[kaltura]\npartner_idd = 2\n[player]\nvolume = 9000\n")
    findings, loaded = settings(config)
    assert loaded is None
    assert {Level.FAIL} == {finding.level for finding in findings}
    text = "\n".join(finding.text for finding in findings)
    assert "agent.toml:2" in text
    assert "agent.toml:4" in text
    assert all(finding.remedy for finding in findings)


def test_doubt_is_a_warning_and_the_file_is_used(config: Path) -> None:
    """A missing medium stops nobody."""
    config.write_text(HEAD + '[[player.playlist]]\nuri = "gone.mp4"\n')
    findings, loaded = settings(config)
    assert [Level.WARN] == [finding.level for finding in findings]
    assert loaded is not None


def test_secret_that_everybody_may_read_is_a_warning_without_the_secret(config: Path) -> None:
    """A session on a kiosk is a key for whoever finds it."""
    secret = config.parent / "ks"
    secret.write_text("djJ8MTAyfHNlY3JldA\n")
    secret.chmod(0o644)
    config.write_text(config.read_text() + f'[kaltura.session]\nmode = "ks-file"\nks_file = "{secret}"\n')
    findings, _ = settings(config)
    assert [Level.WARN] == [finding.level for finding in findings]
    assert "djJ8" not in str(findings)
    secret.chmod(0o600)
    assert [Level.OK] == [finding.level for finding in settings(config)[0]]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_secret_that_cannot_be_read_is_a_failure(config: Path) -> None:
    """The agent would be refused by the server, or not start."""
    secret = config.parent / "ks"
    secret.write_text("x\n")
    secret.chmod(0)
    config.write_text(config.read_text() + f'[kaltura.session]\nmode = "ks-file"\nks_file = "{secret}"\n')
    assert Level.FAIL is settings(config)[0][0].level


@pytest.mark.parametrize(
    ("words", "kaltura", "track"),
    [
        ("no play is reported", Kaltura(enabled=False), TrackEvent()),
        ("no play is reported; the application's events go to", Kaltura(enabled=False), TrackEvent(enabled=True)),
        ("analytics server only", Kaltura(enabled=False), TrackEvent(enabled=True, player_events=True)),
        ("seconds", Kaltura(event_semantics=EventSemantics.GUIDE), TrackEvent()),
        ("milliseconds", Kaltura(event_semantics=EventSemantics.PLAYER), TrackEvent()),
    ],
)
def test_choice_of_semantics_is_explained(words: str, kaltura: Kaltura, track: TrackEvent) -> None:
    """One named choice is only good if people know what it means (decision 17)."""
    assert words in meaning(kaltura, track).text


@pytest.mark.parametrize(
    ("words", "intake", "track"),
    [
        ("told to nobody", Intake(), TrackEvent()),
        ("told to nobody", Intake(enabled=False, web=Web(enabled=True)), TrackEvent()),
        ("go to the analytics server", Intake(), TrackEvent(enabled=True)),
    ],
)
def test_application_that_talks_to_nobody_is_told_so(words: str, intake: Intake, track: TrackEvent) -> None:
    """Each page is answered with an id, and is in no report: the destination that takes it is off by default."""
    finding = application(intake, track)
    assert finding is not None
    assert words in finding.text


def test_kiosk_without_an_application_hears_nothing_of_one() -> None:
    """Its events are switched off on purpose."""
    assert application(Intake(enabled=False), TrackEvent()) is None
