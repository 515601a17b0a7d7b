"""Values as TOML and JSON write them."""

import tomllib
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.config.hours import opening
from agent.config.model import Level
from agent.config.plain import jsonable, plain, toml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("90", 90.0),
        ("0.5", 0.5),
        ('"info"', Level.INFO),
        ('["Mon 08:00-09:00"]', (opening("Mon 08:00-09:00"),)),
        ("2026-12-24", date(2026, 12, 24)),
        ("2026-12-24T18:00:00", datetime(2026, 12, 24, 18)),
        (r"'(\d_\w+)'", r"(\d_\w+)"),
        ('"Lobby \\"left\\""', 'Lobby "left"'),
        ("[]", ()),
    ],
)
def test_value_is_written_as_people_write_it(text: str, value: object) -> None:
    """The example is copied from, and `config show` is pasted back."""
    assert text == toml(value)
    assert plain(value) == tomllib.loads(f"a = {text}")["a"]


@given(st.text(st.characters(codec="utf-8")))
def test_any_text_survives_being_written(text: str) -> None:
    """Names of files hold anything."""
    assert text == tomllib.loads(f"a = {toml(text)}")["a"]


def test_json_has_dates_as_text() -> None:
    """JSON knows no dates."""
    assert ["2026-12-24", "info"] == [jsonable(value) for value in (date(2026, 12, 24), Level.INFO)]
