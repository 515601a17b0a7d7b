"""What is asked, and what an answer makes of it."""

import pytest

from agent.runtime.setup.draft import APP_TOKEN, DEVICE_ID, MODE, PASSWORD, Draft
from agent.runtime.setup.questions import (
    BY_OPTION,
    QUESTIONS,
    Question,
    answer,
    missing,
    next_question,
    secret_fault,
    shown_default,
)

PARTNER, SERVICE, BROKER = (BY_OPTION[name] for name in ("--partner", "--service-url", "--broker"))
TOKEN = BY_OPTION["--app-token-file"]


def conversation(answers: dict[str, str], draft: Draft) -> tuple[Draft, list[str]]:
    """Everything asked, each question answered with what stands for it or with "": the draft, and what was asked."""
    asked: set[tuple[str | int, ...]] = set()
    options: list[str] = []
    while (question := next_question(draft, asked)) is not None:
        asked.add(question.place)
        options.append(question.option)
        if question.option != "--play":
            found = answer(question, answers.get(question.option, ""), draft)
            assert isinstance(found, Draft), found
            draft = found
    return draft, options


def test_a_newcomer_is_asked_what_his_answers_need_and_nothing_else() -> None:
    """Without a broker nobody wants to hear of its password."""
    draft, options = conversation({"--partner": "102", "--session": "none"}, Draft())
    expected = "--partner --service-url --session --device-id --name --site --broker --play"
    assert expected.split() == options
    service = "https://www.kaltura.com/api_v3"
    assert {"kaltura": {"partner_id": 102, "service_url": service, "session": {"mode": "none"}}} == draft.tree
    with_broker = {"--partner": "102", "--app-token-id": "1_a", "--app-token-file": "s3cret", "--broker": "mqtt://b"}
    draft, options = conversation(with_broker, Draft())
    assert {"--app-token-id", "--app-token-file", "--app-token-hash", "--broker-user", "--broker-ca-file"} <= {*options}
    assert {"app-token": "s3cret"} == draft.secrets
    assert "app-token" == draft.value(MODE)


def test_asked_again_everything_stays_as_it_was() -> None:
    """Whoever presses Enter throughout changes nothing."""
    tree = {
        "device": {"id": "device-001", "tags": ["a"]},
        "kaltura": {
            "partner_id": 7,
            "service_url": "https://k.example.com/api_v3",
            "session": {"mode": "app-token", "app_token_id": "1_a", "app_token_file": "/x", "app_token_hash": "SHA1"},
        },
        "remote": {"url": "mqtt://b", "user": "u"},
    }
    draft = Draft(tree, kept=frozenset({APP_TOKEN}))
    again, _ = conversation({}, draft)
    assert tree == again.tree
    assert ("kept", "SHA1", "") == tuple(
        shown_default(BY_OPTION[name], draft) for name in ("--app-token-file", "--app-token-hash", "--name")
    )


@pytest.mark.parametrize(
    ("question", "text", "words"),
    [
        (PARTNER, "abc", "whole number"),
        (PARTNER, "9" * 5000, "whole number"),
        (PARTNER, "", "needed"),
        (PARTNER, "-", "cannot be left empty"),
        (SERVICE, "kaltura.com", "http"),
        (BROKER, "mqtts://user:secret@b", "Leave them out"),
        (TOKEN, "a\tb", "one line"),
        (BY_OPTION["--device-id"], "Lobby Left", 'Did you mean "lobby-left"'),
    ],
)
def test_answer_that_does_not_fit_says_what_may_stand_there(question: Question, text: str, words: str) -> None:
    """By the same rules as the file's, so that nothing is accepted now and refused later."""
    found = answer(question, text, Draft())
    assert isinstance(found, str)
    assert words in found
    assert "secret" not in found


def test_dash_empties_an_answer() -> None:
    """Who moves a kiosk away from its broker needs a way to say so."""
    draft = Draft({"device": {"id": "a"}, "remote": {"url": "mqtt://b", "password_file": "broker-password"}})
    found = answer(BROKER, "-", draft)
    assert isinstance(found, Draft) and found.value(("remote", "url")) is None
    found = answer(BY_OPTION["--broker-password-file"], "-", Draft(draft.tree, kept=frozenset({PASSWORD})))
    assert isinstance(found, Draft) and not found.has(PASSWORD)
    found = answer(BY_OPTION["--device-id"], "-", draft)
    assert isinstance(found, Draft) and found.value(DEVICE_ID) is None


def test_what_is_missing_is_named_and_what_has_a_default_is_not() -> None:
    """A script is told all of it at once."""
    draft = Draft({"kaltura": {"session": {"mode": "app-token"}}})
    assert ["--partner", "--app-token-id", "--app-token-file"] == [each.option for each in missing(draft)]
    named = draft.with_value(APP_TOKEN, "app-token")
    assert "--app-token-file" in [each.option for each in missing(named)]
    assert ["--partner"] == [each.option for each in missing(Draft())]


def test_each_question_has_an_option_of_its_own() -> None:
    """What can be asked must be sayable by a script."""
    assert len(QUESTIONS) == len(BY_OPTION)
    assert ("app-token", "none") == (QUESTIONS[2].default, QUESTIONS[2].choices[0])


def test_secrets_are_one_line_of_text() -> None:
    """What a wrong paste looks like."""
    assert secret_fault("djJ8MTAyfKEPT") is None
    assert secret_fault("x" * 70_000)
    assert secret_fault("a\nb")
