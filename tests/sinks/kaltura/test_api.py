"""Calls of the API that are no events, against the local collector."""

import json
from collections.abc import Iterator
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.kernel.verdict import Cause, Held, Later
from agent.sinks.http.answer import Answer
from agent.sinks.http.client import Timeouts
from agent.sinks.kaltura import api
from agent.sinks.kaltura.api import Complaint, Result
from tests.support.wires import PATIENT, QUICK, wire
from tools.standin.faults import Drip, Fault, Hang, Page, Refuse, Reset, http_error, redirect
from tools.standin.server import Collector

KS = "djJ8MTAyfGJhc2U2NC1sb29raW5nLXNlc3Npb24tdGV4dA"
JSON = "application/json"


@pytest.fixture
def service() -> Iterator[Collector]:
    with Collector(clock=lambda: 1_795_000_000.0) as running:
        yield running


def widget(service: Collector, timeouts: Timeouts = PATIENT, /, **parameters: str) -> api.Outcome:
    """A session of no rights, as every login begins."""
    given = {"widgetId": "_102", **parameters}
    return api.call(wire(timeouts), service.url, "session", "startWidgetSession", given, client_tag="test")


def test_result_comes_with_the_services_time(service: Collector) -> None:
    """A session's life is reckoned by the server's clock, since the kiosk's may be years off."""
    result = widget(service)
    assert isinstance(result, Result)
    assert isinstance(result.value, dict)
    assert "KalturaStartWidgetSessionResponse" == result.value["objectType"]
    assert 1_795_000_000.0 == pytest.approx(result.server_time, abs=2.0)


def test_result_shows_nothing_of_its_value(service: Collector) -> None:
    """It holds a session, and a crash report shows the representations of values."""
    result = widget(service)
    assert isinstance(result, Result)
    assert isinstance(result.value, dict)
    assert result.value["ks"] not in repr(result)


def test_nonce_makes_the_server_answer_anew(service: Collector) -> None:
    """For 600 s an equal request gets the old session again, though it may be the one that was refused."""
    same = {repr(getattr(widget(service), "value", None)) for _ in range(2)}
    assert 1 == len(same), "this is the server's cache"
    fresh = {repr(getattr(widget(service, **{api.NONCE: api.nonce()}), "value", None)) for _ in range(2)}
    assert 2 == len(fresh)


@pytest.mark.parametrize("base", ["http://h", "http://h/", "http://h/api_v3", "http://h/api_v3/"])
def test_action_has_one_address_however_the_service_is_written(base: str) -> None:
    """service_url is accepted with and without /api_v3 (decision 24)."""
    assert "http://h/api_v3/service/report/action/getTable" == api.action_url(base, "report", "getTable")


@given(st.dictionaries(st.sampled_from(["secret", "userId", "privileges"]), st.text(st.characters(), max_size=30)))
def test_any_parameter_travels_as_it_is(parameters: dict[str, str]) -> None:
    """A secret with a plus sign in it must arrive with a plus sign."""
    body = api.form(parameters, client_tag="test", ks=KS).decode()
    arrived = {name: value.encode("utf-8", "replace").decode() for name, value in parameters.items()}
    assert {"format": "1", "clientTag": "test", "ks": KS, **arrived} == dict(parse_qsl(body, keep_blank_values=True))


def test_error_comes_with_its_code_and_words(service: Collector) -> None:
    """The caller decides what a code means; a person reads the words."""
    assert Complaint("INVALID_WIDGET_ID", "INVALID_WIDGET_ID: Unknown widget [_7]", "") == widget(
        service, widgetId="_7"
    )


@pytest.mark.parametrize(
    ("expected", "fault"),
    [
        ((Later, Cause.NOT_KALTURA), Page()),
        ((Later, Cause.SERVER), http_error(503)),
        ((Later, Cause.THROTTLED), http_error(429, retry_after_s=7)),
        ((Held, Cause.CONFIGURATION), http_error(404)),
        ((Held, Cause.CONFIGURATION), redirect("https://portal.example/")),
        ((Later, Cause.TIMEOUT), Hang()),
        ((Later, Cause.TIMEOUT), Drip(gap_ms=50)),
        ((Later, Cause.NETWORK), Reset(logs=False)),
        ((Later, Cause.NOT_KALTURA), Page(200, "{", JSON)),
        ((Later, Cause.NOT_KALTURA), Page(200, '"' + "x" * 70_000 + '"', JSON)),
        ((Later, Cause.NOT_KALTURA), Page(200, '{"a": 1}', "text/html")),
    ],
    ids=["portal", "503", "429", "404", "redirect", "hang", "drip", "reset", "broken", "huge", "html"],
)
def test_what_is_not_kalturas_answer_is_a_verdict(
    service: Collector, expected: tuple[type, Cause], fault: Fault
) -> None:
    """The same words as for an event: the queue waits for the same reasons."""
    service.fault(fault)
    outcome = widget(service, QUICK if Cause.TIMEOUT in expected else PATIENT)
    assert isinstance(outcome, Later | Held)
    assert expected == (type(outcome), outcome.cause)


def test_refused_session_is_named_by_reason_and_never_echoed(service: Collector) -> None:
    """INVALID_KS repeats a malformed session in its words."""
    call = api.call(wire(), service.url, "session", "end", {}, client_tag="test", ks=KS)
    assert Complaint("INVALID_KS", "INVALID_KS: not a valid session", "") == call
    service.fault(Refuse("INVALID_KS", (("KSID", "EXPIRED"),)))
    call = api.call(wire(), service.url, "report", "getTable", {}, client_tag="test", ks=KS)
    assert Complaint("INVALID_KS", "INVALID_KS: EXPIRED", "EXPIRED") == call


def test_secret_in_the_servers_words_is_taken_out() -> None:
    """Nobody knows what a server, or a proxy before it, repeats of a request."""
    body = {"code": "X_ERROR", "message": "no good: b0f698cd, s3cret", "objectType": "KalturaAPIException"}
    outcome = api.read(Answer(200, JSON, json.dumps(body).encode()), secrets=["b0f698cd", "s3cret"])
    assert Complaint("X_ERROR", "X_ERROR: no good: [secret], [secret]", "") == outcome


@pytest.mark.parametrize(("value", "body"), [(None, b""), (None, b"null"), (False, b"false"), ("ks", b'"ks"')])
def test_small_results_are_results(value: object, body: bytes) -> None:
    """session.start answers a bare text, and an action without a result answers nothing."""
    assert Result(value, None) == api.read(Answer(200, JSON, body))
