"""config/xapi.md says what the program does: its tables are compared with the code, its example is loaded."""

import json
import re
from pathlib import Path

import pytest

from agent.kernel.activity import PortalDeed
from agent.kernel.verdict import Delivered, Held, Later, Refused
from agent.sinks.http.answer import Answer
from agent.sinks.xapi.answers import judge
from agent.sinks.xapi.facts import COMPLETION, NAMES, VALUES, Profile
from agent.sinks.xapi.templates import ACTOR
from tests.support.statements import templates

PAGE = (Path(__file__).parents[3] / "config" / "xapi.md").read_text(encoding="utf-8")
IDS = ["a1", "b2"]
DONE = {"delivered": list, "smaller": Refused, "the same": Refused, "as 400": Refused, "held": Held}
AGAIN = ("waits", "tried again")


def rows(mark: str) -> list[list[str]]:
    """The cells of the table between two marks, without its head."""
    table = PAGE.partition(f"<!-- {mark} -->")[2].partition(f"<!-- end of {mark} -->")[0]
    lines = [line for line in table.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


@pytest.mark.parametrize(("profile", "mark"), [(Profile.KALTURA, "guide"), (Profile.VIDEO, "video")])
def test_each_statement_has_its_row_with_its_verb(profile: Profile, mark: str) -> None:
    """The conformance table that integrators decide by."""
    portal = {deed.value for deed in PortalDeed}
    own = [name for name in NAMES[profile] if profile is Profile.KALTURA or name not in portal]
    verbs = [templates(profile).by_name[name]["verb"]["id"] for name in own]
    assert [[f"`{name}`", f"`{verb}`"] for name, verb in zip(own, verbs, strict=True)] == [
        row[:2] for row in rows(mark)
    ]


def test_row_says_who_tells_it() -> None:
    """What a kiosk knows by itself, and what needs an application."""
    portal = {f"`{deed.value}`" for deed in PortalDeed}
    assert {row[0]: "the application" if row[0] in portal else "the player" for row in rows("guide")} == {
        row[0]: row[3] for row in rows("guide")
    }


def test_threshold_of_completion_is_the_programs() -> None:
    """Who reads it judges plays by it."""
    (row,) = (row for row in rows("video") if row[0] == "`completed`")
    assert f"{COMPLETION * 100:g} %" in row[2]


def test_each_value_of_templates_is_explained() -> None:
    """One that is not documented does not exist for an integrator."""
    named = [name for row in rows("values") for name in re.findall(r"`(\w+)`", row[0])]
    assert sorted((ACTOR, *VALUES)) == sorted(named)


def test_each_answer_is_met_as_the_page_says() -> None:
    """An operator looks here when a queue stands."""
    seen = set()
    for said, done in rows("answers"):
        status = int(said[:3])
        body = b'{"page": true}' if "anything else" in said else json.dumps(IDS[:1]).encode()
        found = judge(Answer(status, "application/json", body, retry_after=None), IDS)
        kind = next((kind for word, kind in DONE.items() if done.startswith(word)), None)
        expected = Later if done.startswith(AGAIN) else kind
        assert expected is not None and isinstance(found, expected), said
        assert expected is not list or found == [Delivered()] * 2
        seen.add(status)
    assert {200, 204, 400, 401, 403, 409, 413, 422, 429} <= seen


def test_example_of_templates_can_be_loaded() -> None:
    """Everybody begins by copying it."""
    (example,) = re.findall(r"```json\n(.*?)```", PAGE, flags=re.DOTALL)
    found = templates(Profile.KALTURA, example).by_name
    assert "entryUpload" not in found
    assert "lobby" == found["play"]["context"]["platform"]
