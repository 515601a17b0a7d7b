"""Several messages in one request, byte for byte."""

import json
from pathlib import Path

import pytest

from agent.sinks.base import Message, Outgoing
from agent.sinks.http.answer import BODY_LIMIT_BYTES
from agent.sinks.kaltura.batch import LARGEST, body, item, multirequest_url
from tools.standin import errors
from tools.standin.answers import render


def message(sequence: int, **fields: str) -> Message:
    """A message as the projection makes it."""
    return Message(f"g-{sequence}-0", "PLAY", {"partnerId": "102", "eventType": "3", **fields}, 1.0)


@pytest.mark.parametrize("service_url", ["https://www.kaltura.com", " https://www.kaltura.com/api_v3/ "])
def test_any_spelling_of_the_service_url_leads_to_multirequest(service_url: str) -> None:
    """The service's name is case-sensitive, and people copy the address with and without /api_v3."""
    assert "https://www.kaltura.com/api_v3/service/multirequest" == multirequest_url(service_url)


def test_a_batch_has_the_common_on_top_and_its_items_from_one() -> None:
    """The server stops at the first number that is missing, and takes only what stands on top for all."""
    expected = (
        '{"format":1,"clientTag":"kiosk","ks":"abc",'
        '"1":{"service":"stats","action":"collect","event":{"objectType":"KalturaStatsEvent","partnerId":"102",'
        '"eventType":"3"},"eventId":"g-7-0"},'
        '"2":{"service":"stats","action":"collect","event":{"objectType":"KalturaStatsEvent","partnerId":"102",'
        '"eventType":"3","referrer":"Grüße"},"eventId":"g-8-0","attempt":2}}'
    )
    sent = [Outgoing(message(7), 0), Outgoing(message(8, referrer="Grüße"), 2)]
    assert expected.encode() == body(sent, ks="abc", client_tag="kiosk")


def test_a_batch_is_shaped_as_one_that_a_real_server_took() -> None:
    """The recorded request of case mr-03: three events in JSON, all of them logged."""
    lines = (Path(__file__).parents[2] / "vectors" / "kaltura.jsonl").read_text(encoding="utf-8").splitlines()
    (case,) = (case for case in map(json.loads, lines) if case.get("id") == "mr-03")
    recorded = json.loads(case["steps"][0]["request"]["body"])
    sent = json.loads(body([Outgoing(message(n), 0) for n in (1, 2, 3)], ks=None, client_tag="k"))
    assert recorded["format"] == sent["format"]
    for number in ("1", "2", "3"):
        assert {*recorded[number], "eventId"} == set(sent[number])
        assert [recorded[number][name] for name in ("service", "action")] == ["stats", "collect"]
        assert [sent[number][name] for name in ("service", "action")] == ["stats", "collect"]
        assert recorded[number]["event"]["objectType"] == sent[number]["event"]["objectType"]


def test_an_item_is_the_same_wherever_it_stands_and_with_whatever_session() -> None:
    """Only so is it recognised by the server when its answer was lost and it travels again in other company."""
    own = json.dumps(item(message(7), attempt=0), separators=(",", ":"), ensure_ascii=False)
    alone = body([Outgoing(message(7), 0)], ks=None, client_tag="a").decode()
    third = body([Outgoing(message(n), 0) for n in (5, 6, 7)], ks="other", client_tag="b").decode()
    assert f'"1":{own}}}' in alone
    assert f'"3":{own}}}' in third


@pytest.mark.parametrize("ks", [None, ""])
def test_without_a_session_there_is_none_on_top(ks: str | None) -> None:
    """An empty one is none to the server, and a stranger's eyes may see the request."""
    assert {"format", "clientTag", "1"} == set(json.loads(body([Outgoing(message(1), 0)], ks=ks, client_tag="k")))


def test_an_answer_that_refuses_the_largest_batch_can_be_read() -> None:
    """Otherwise one bad setting would make every answer unreadable, and the batch would go round for ever."""
    codes = [code for code in errors._CATALOGUE if code != "INVALID_KS"]  # that one is known by its first item
    for code in codes:
        _, answer = render([errors.named(code) for _ in range(LARGEST)], as_json=True)
        assert len(answer) <= BODY_LIMIT_BYTES, code
    assert LARGEST == 204
