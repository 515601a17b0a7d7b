"""Is the Learning Record Store there? Asked over the real wire of one in memory, whole and broken."""

from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from agent.config.xapi import Authentication, Login, Xapi
from agent.runtime.checks.finding import Finding, Level
from agent.runtime.checks.learning import learning_record_store
from tests.support.lrs import Lrs
from tests.support.serving import settings


def findings(folder: Path, **xapi: Any) -> list[Finding]:
    made = settings(folder, "http://127.0.0.1:9/api_v3")
    return list(learning_record_store(evolve(made, xapi=Xapi(**{"enabled": True, **xapi}))))


def test_store_that_is_off_is_not_asked(tmp_path: Path) -> None:
    """Nobody wants to read about what is not there."""
    assert [] == findings(tmp_path, enabled=False)


def test_store_that_takes_us_is_fine_and_nothing_is_stored(tmp_path: Path) -> None:
    """doctor must not show up in anybody's reports."""
    with Lrs() as lrs:
        (found,) = findings(tmp_path, endpoint=lrs.url)
        assert ((Level.OK, "xapi"), {}) == ((found.level, found.subject), lrs.statements)


@pytest.mark.parametrize(("status", "kind"), [(401, ""), (500, ""), (404, "text/html"), (302, "text/html")])
def test_what_is_in_the_way_is_told_with_a_remedy(tmp_path: Path, status: int, kind: str) -> None:
    """A wrong password, a broken store, a portal's page."""
    with Lrs() as lrs:
        lrs.answer(status, b"page", Content_Type=kind)
        (found,) = findings(tmp_path, endpoint=lrs.url)
    assert (Level.FAIL, True) == (found.level, str(status) in found.text)
    assert "xapi.endpoint" in str(found.remedy)


def test_password_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """Before the first play waits for it."""
    login = Authentication(mode=Login.BASIC, user="kiosk", password_file=str(tmp_path / "none"))
    with Lrs() as lrs:
        (found,) = findings(tmp_path, endpoint=lrs.url, authentication=login)
    assert (Level.FAIL, True) == (found.level, "xapi.authentication.password_file" in found.text)


def test_broken_file_of_templates_is_told_by_its_place(tmp_path: Path) -> None:
    """The same words as `config check` has."""
    file = tmp_path / "statements.json"
    file.write_text('{"play": {"verb": {"id": "play"}}}')
    (found,) = findings(tmp_path, endpoint="http://127.0.0.1:9/xAPI", templates_file=str(file))
    assert Level.FAIL is found.level
    assert found.text.startswith(f"xapi.templates_file: {file}: play.verb.id: is no absolute IRI")
