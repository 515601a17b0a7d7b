"""Routes, the cache in time, batches: what the recorded cases do not reach."""

import json

from tests.support.kaltura_client import call, event, post
from tools.standin.faults import Ignore, Refuse
from tools.standin.server import Collector

BATCH = "/api_v3/service/multirequest"


class Clock:
    """A server's clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_763_740_000.0

    def __call__(self) -> float:
        return self.now


def batch(count: int) -> str:
    """A form with so many events, eight variables each and one for the format."""
    items = [
        f"{n}:service=stats&{n}:action=collect&{n}:event:eventType=3&{n}:event:partnerId=102&{n}:event:entryId=0_a"
        f"&{n}:event:sessionId=s{n}&{n}:event:eventTimestamp={n}&{n}:event:referrer=r"
        for n in range(1, count + 1)
    ]
    return "format=1&" + "&".join(items)


def test_identical_event_is_swallowed_for_ten_minutes() -> None:
    """Two real events with equal fields collapse: the hazard that the identity parameter removes."""
    clock = Clock()
    with Collector(clock=clock) as collector:
        for passed_s, logged in ((0, 1), (599, 1), (1, 2)):
            clock.now += passed_s
            assert post(collector, event()).text == "true"
            assert logged == len(collector.events)
        assert post(collector, event(__identity="other")).text == "true"
        assert len(collector.events) == 3


def test_error_stays_for_two_minutes_after_the_server_has_recovered() -> None:
    """An identical retry gets the stale error; a varied one gets through at once."""
    clock = Clock()
    with Collector(clock=clock) as collector:
        collector.fault(Refuse("INTERNAL_DATABASE_ERROR"), times=1)
        assert post(collector, event()).code() == "INTERNAL_DATABASE_ERROR"
        clock.now += 119
        assert post(collector, event()).code() == "INTERNAL_DATABASE_ERROR"
        assert post(collector, event(__attempt=2)).text == "true"
        clock.now += 1
        assert post(collector, event()).text == "true"


def test_batch_over_the_limit_of_variables_is_cut_in_mid_event() -> None:
    """The last event is half logged and the rest is gone, with an answer that looks whole."""
    with Collector(max_input_vars=21) as collector:
        assert json.loads(post(collector, batch(4), BATCH).text) == [True, True, True]
        assert [logged.get("sessionId") for logged in collector.events] == ["s1", "s2", None]
        assert collector.events[2]["eventType"] == 3


def test_fault_hits_one_item_of_a_batch() -> None:
    """One failing item does not stop the others."""
    with Collector() as collector:
        collector.fault(Refuse("INVALID_PARAMETER_CHAR"), where={"sessionId": "s2"})
        collector.fault(Ignore(), where={"sessionId": "s3"})
        answers = json.loads(post(collector, batch(4), BATCH).text)
        assert [a["code"] if isinstance(a, dict) else a for a in answers] == [
            True,
            "INVALID_PARAMETER_CHAR",
            None,
            True,
        ]
        assert [logged["sessionId"] for logged in collector.events] == ["s1", "s4"]


def test_batch_name_in_other_letters_is_no_batch() -> None:
    """The one service name whose letter case matters."""
    with Collector() as collector:
        assert post(collector, batch(1), "/api_v3/service/MultiRequest").code() == "SERVICE_DOES_NOT_EXISTS"


def test_gzip_body_is_not_decoded() -> None:
    """Compression would lose every event."""
    with Collector() as collector:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Content-Encoding": "gzip"}
        answer = call(collector, "POST", "/api_v3/service/stats/action/collect?format=1", b"\x1f\x8b\x08", headers)
        assert answer.code() == "MISSING_MANDATORY_PARAMETER"


def test_letter_case_of_the_route_varies_the_key() -> None:
    """A resend must keep its route to the letter."""
    with Collector() as collector:
        assert post(collector, event()).text == "true"
        assert post(collector, event(), "/api_v3/service/Stats/action/collect").text == "true"
        assert len(collector.events) == 2
