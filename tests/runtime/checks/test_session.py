"""Can a session be had? Asked of the local collector."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.config.kaltura import Kaltura
from agent.config.session import Session, SessionMode, TokenHash
from agent.runtime.checks.finding import Finding, Level
from agent.runtime.checks.session import session
from tests.support.sessions import SECRET, app_token, called
from tests.support.wires import QUICK, wire
from tools.standin.faults import Page, Refuse
from tools.standin.server import Collector

NOW = 1_795_000_000.0  # 2026-11-18 11:06:40 UTC


@pytest.fixture
def service() -> Iterator[Collector]:
    with Collector(clock=lambda: NOW) as running:
        yield running


def kaltura(service: Collector, folder: Path, mode: SessionMode, *, name: str = "sha256", **more: object) -> Kaltura:
    """Settings with every file in place."""
    token = app_token(name)
    for file, text in (("ks", "djJ8MTAyfKEPTSESSION0123456789"), ("token", token.token), ("secret", SECRET)):
        (folder / file).write_text(text)
    given = {
        "mode": mode,
        "ks_file": str(folder / "ks"),
        "app_token_file": str(folder / "token"),
        "secret_file": str(folder / "secret"),
        "app_token_id": token.ident,
        "app_token_hash": TokenHash(token.hash_type),
        "lifetime_s": 1800,
    }
    return Kaltura(service_url=service.url, partner_id=102, session=Session(**given | more))  # type: ignore[arg-type]


def findings(settings: Kaltura) -> list[Finding]:
    return list(session(settings, lambda: wire(QUICK)))


def test_no_session_wanted_is_nothing_to_say(service: Collector, tmp_path: Path) -> None:
    """stats.collect takes events without one."""
    assert [] == findings(kaltura(service, tmp_path, SessionMode.NONE))
    assert [] == called(service)


def test_token_that_works_tells_until_when(service: Collector, tmp_path: Path) -> None:
    """By the service's clock: the kiosk's may be wrong."""
    (found,) = findings(kaltura(service, tmp_path, SessionMode.APP_TOKEN))
    text = 'started with mode = "app-token"; lives 0:30:00, until 2026-11-18 11:'
    assert (Level.OK, text) == (found.level, found.text[: len(text)])
    assert found.text.endswith("UTC by the service's clock")


def test_secret_that_works_is_doubtful_all_the_same(service: Collector, tmp_path: Path) -> None:
    """Whoever takes the kiosk apart has the account."""
    doubt, found = findings(kaltura(service, tmp_path, SessionMode.SECRET))
    assert (Level.WARN, Level.OK) == (doubt.level, found.level)
    assert "Make an app token" in str(doubt.remedy)


def test_application_that_the_token_does_not_give_is_told(service: Collector, tmp_path: Path) -> None:
    """The server drops the wish without a word, and somebody would look for the numbers in vain."""
    ours = kaltura(service, tmp_path, SessionMode.APP_TOKEN, app_id="kiosk-fleet")
    assert [Level.OK] == [found.level for found in findings(ours)]
    other = kaltura(service, tmp_path, SessionMode.APP_TOKEN, app_id="kiosk")
    assert [Level.OK, Level.WARN] == [found.level for found in findings(other)]


@pytest.mark.parametrize(
    ("mode", "name", "words"),
    [(SessionMode.APP_TOKEN, "deleted", "APP_TOKEN_ID_NOT_FOUND"), (SessionMode.APP_TOKEN, "expired", "EXPIRED")],
)
def test_token_that_is_no_good_fails(
    service: Collector, tmp_path: Path, mode: SessionMode, name: str, words: str
) -> None:
    """Events are held: nothing works until somebody acts."""
    (found,) = findings(kaltura(service, tmp_path, mode, name=name))
    assert Level.FAIL is found.level
    assert words in found.text
    assert "app token" in str(found.remedy)


def test_wrong_secret_fails_and_is_not_shown(service: Collector, tmp_path: Path) -> None:
    """doctor's output is pasted into tickets."""
    settings = kaltura(service, tmp_path, SessionMode.SECRET)
    (tmp_path / "secret").write_text("not-the-secret")
    doubt, found = findings(settings)
    assert Level.FAIL is found.level
    assert "START_SESSION_ERROR" in found.text
    assert "not-the-secret" not in repr([doubt, found])


def test_trouble_on_the_way_is_a_warning(service: Collector, tmp_path: Path) -> None:
    """Nobody has to change a setting."""
    settings = kaltura(service, tmp_path, SessionMode.APP_TOKEN)
    for fault in (Page(), Refuse("INTERNAL_DATABASE_ERROR")):
        service.fault(fault, times=1)
        (found,) = findings(settings)
        assert Level.WARN is found.level


def test_kept_session_is_only_read(service: Collector, tmp_path: Path) -> None:
    """A session is opaque to its holder; using it up for a question would be worse than not asking (actionslimit)."""
    settings = kaltura(service, tmp_path, SessionMode.KS_FILE)
    (found,) = findings(settings)
    assert Level.OK is found.level
    assert "KEPT" not in found.text
    (tmp_path / "ks").unlink()
    (found,) = findings(settings)
    assert Level.FAIL is found.level
    assert "kaltura.session.ks_file cannot be read" in found.text
    assert [] == called(service)
