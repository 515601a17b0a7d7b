"""Kaltura's error objects, and what only looks like one."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.sinks.kaltura.complaint import Complaint, complaint, is_configuration, parsed
from tools.standin import errors

KS = "djJ8MTAyfGJhc2U2NC1sb29raW5nLXNlc3Npb24tdGV4dA"


def exception(code: str, **more: object) -> dict[str, object]:
    return {"code": code, "message": "in words", "objectType": "KalturaAPIException", "args": {}} | more


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        (Complaint("ACTION_BLOCKED", "in words"), exception("ACTION_BLOCKED")),
        (Complaint("ACTION_BLOCKED", "in words"), exception("ACTION_BLOCKED", args=[])),
        (Complaint("INVALID_KS", "in words", "EXPIRED"), exception("INVALID_KS", args={"KSID": "EXPIRED"})),
        (Complaint("INVALID_KS", "in words", ""), exception("INVALID_KS", args={"KSID": KS})),
        (Complaint("INVALID_KS", "in words", ""), exception("INVALID_KS", args={"KSID": ["EXPIRED"]})),
        (None, exception("<b>")),
        (None, exception("X", objectType="KalturaSessionInfo")),
        (None, {"objectType": "KalturaAPIException", "code": 7}),
        (None, {}),
        (None, [exception("X")]),
        (None, True),
        (None, None),
    ],
)
def test_error_is_told_from_everything_else(expected: Complaint | None, value: object) -> None:
    """PHP writes an empty mapping as a list, and a portal may answer JSON of its own."""
    assert expected == complaint(value)


def test_session_that_an_error_echoes_is_nowhere_in_it() -> None:
    """INVALID_KS repeats a malformed session in its arguments and its words; somebody will log this object."""
    error = errors.invalid_ks(KS)
    value = exception(error.code, message=error.message, args=dict(error.details))
    assert KS in json.dumps(value)
    assert KS not in repr(complaint(value))


@given(st.binary(max_size=200))
def test_no_body_raises(body: bytes) -> None:
    """Anything may answer on a port."""
    complaint(parsed(body))


@pytest.mark.parametrize("body", [b"[" * 60_000, b'"' + b"x" * 70_000 + b'"', b"\xff", b""])
def test_body_that_is_no_answer_reads_as_nothing(body: bytes) -> None:
    """Too deep, too long, no text, nothing at all."""
    assert parsed(body) is None


@pytest.mark.parametrize(
    ("expected", "code"),
    [
        (True, "SERVICE_FORBIDDEN"),
        (True, "SERVICE_FORBIDDEN_CONTENT_BLOCKED"),
        (True, "ACTION_FORBIDDEN"),
        (True, "ACTION_DOES_NOT_EXISTS"),
        (False, "INTERNAL_DATABASE_ERROR"),
        (False, "INVALID_KS"),
    ],
)
def test_configuration_is_told_from_trouble(*, expected: bool, code: str) -> None:
    """The first waits for a person, the second for the server."""
    assert expected is is_configuration(code)
