"""Templates are data: what is wrong with them is said when they are loaded, not by an LRS at night."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.sinks.xapi.facts import COMPLETION, NAMES, Profile
from agent.sinks.xapi.templates import TemplateError, Templates
from tests.support.statements import templates

ACTOR = {"objectType": "Agent", "account": {"homePage": "https://x.org", "name": "a"}}
VALUES: dict[str, Any] = {"actor": ACTOR, "entry_url": "https://x.org/media/0_a", "percent": 50, "rate": 1.5}


@pytest.mark.parametrize("profile", Profile)
def test_profile_has_a_template_for_each_name(profile: Profile) -> None:
    """An event without one would be lost without a word."""
    assert set(NAMES[profile]) == set(templates(profile).by_name)


def test_value_keeps_its_type_and_a_text_takes_it_in() -> None:
    """An LRS reads 50 and "50" as two things; a speed is a word."""
    progress = templates(Profile.KALTURA).fill("playProgress", VALUES)
    assert progress is not None
    assert {"https://w3id.org/xapi/cmi5/result/extensions/progress": 50} == progress["result"]["extensions"]
    speed = templates(Profile.KALTURA).fill("playbackRateChange", VALUES)
    assert speed is not None
    assert "1.5x" == speed["context"]["extensions"]["https://w3id.org/xapi/video/extensions/speed"]


def test_completion_is_told_with_the_threshold_that_it_is_judged_by() -> None:
    """Two numbers in two files."""
    completed = templates(Profile.VIDEO).fill("completed", VALUES)
    assert completed is not None
    threshold = "https://w3id.org/xapi/video/extensions/completion-threshold"
    assert COMPLETION == completed["context"]["extensions"][threshold]


def test_what_is_not_known_is_left_out_with_all_that_it_emptied() -> None:
    """null is no value of a statement, and an activity without id is none."""
    known = {name: value for name, value in VALUES.items() if name != "percent"}
    found = templates(Profile.KALTURA).fill("playProgress", known)
    assert found is not None
    assert "result" not in found
    assert 1 == len(found["context"]["contextActivities"]["category"])
    assert "other" not in found["context"]["contextActivities"]
    assert "name" not in found["object"]["definition"]


def test_statement_without_its_object_is_none() -> None:
    """The standard wants one; a whole batch would be refused over it."""
    assert templates(Profile.KALTURA).fill("play", {"actor": ACTOR}) is None
    assert templates(Profile.KALTURA).fill("dance", VALUES) is None


def test_integrators_file_changes_removes_and_adds() -> None:
    """It names only what is different."""
    changes = {
        "*": {"context": {"platform": "lobby", "contextActivities": None}},
        "pause": None,
        "play": {"verb": {"id": "http://activitystrea.ms/schema/1.0/play"}},
    }
    found = templates(Profile.KALTURA, json.dumps(changes))
    assert "pause" not in found.by_name
    play = found.fill("play", VALUES)
    assert play is not None
    categories = play["context"].pop("contextActivities")["category"]
    assert {"platform": "lobby"} == play["context"]
    assert "https://w3id.org/xapi/video" == categories[-1]["id"], "its own, which the change of all does not touch"
    assert "http://activitystrea.ms/schema/1.0/play" == play["verb"]["id"]
    assert ACTOR == play["actor"]


@pytest.mark.parametrize(
    ("said", "changes"),
    [
        ("is no JSON", "{"),
        ("is no JSON object", "[]"),
        ("play: is no object", '{"play": 7}'),
        ("dance: is no template of the profile kaltura", '{"dance": {}}'),
        ("play.id: cannot be set", '{"play": {"id": "7"}}'),
        (".timestamp: cannot be set", '{"*": {"timestamp": "2026"}}'),
        ("play.verb: is missing", '{"play": {"verb": null}}'),
        ("play.verb.id: is no absolute IRI", '{"play": {"verb": {"id": "played"}}}'),
        ("play.verb: is missing", '{"play": {"verb": "played"}}'),
        ("play.object.id: is no absolute IRI", '{"play": {"object": {"id": 3}}}'),
        ("uses ${colour}, which nothing is", '{"play": {"result": {"response": "${colour}"}}}'),
        ("play.result.extensions.time: is no absolute IRI", '{"play": {"result": {"extensions": {"time": 1}}}}'),
        ("play.context.extensions: is no object", '{"play": {"context": {"extensions": 1}}}'),
        ("play.result: is no object", '{"play": {"result": 1}}'),
        ("is nested deeper", '{"play": {"result": ' + '{"a": ' * 60 + "1" + "}" * 61 + "}"),
    ],
)
def test_mistake_is_named_with_its_place(said: str, changes: str) -> None:
    """The integrator reads it in `config check`."""
    with pytest.raises(TemplateError) as refused:
        templates(Profile.KALTURA, changes)
    assert said in str(refused.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("${percent}") | st.just("x${rate}"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["*", *NAMES[Profile.KALTURA]]), st.dictionaries(st.text(max_size=8), JSON)))
def test_any_file_is_loaded_or_refused_in_words(tree: dict[str, Any]) -> None:
    """Nothing that stands in a file ends the agent."""
    try:
        found = templates(Profile.KALTURA, json.dumps(tree))
    except TemplateError:
        return
    assert isinstance(found, Templates)
    for name in found.by_name:
        json.dumps(found.fill(name, VALUES))
