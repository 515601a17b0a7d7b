"""The response cache: times and keys."""

from tools.standin import cache, errors
from tools.standin.cache import Cache


def test_answer_is_kept_ten_minutes_and_an_error_two() -> None:
    """The agent's identity parameter and attempt number exist because of these two numbers."""
    now = [1000.0]
    kept = Cache(lambda: now[0])
    kept.put("answer", True)
    kept.put("error", errors.named("ACTION_BLOCKED"))
    now[0] += 119.9
    assert kept.get("error") is not None
    now[0] += 0.1
    assert kept.get("error") is None
    now[0] += 479.9
    assert kept.get("answer") == (True,)
    now[0] += 0.1
    assert kept.get("answer") is None


def test_null_answer_is_told_from_no_answer() -> None:
    """`null` is an acceptance of its own."""
    kept = Cache(lambda: 0.0)
    kept.put("key", None)
    assert kept.get("key") == (None,)


def test_key_follows_order_form_and_route_but_not_session_or_tag() -> None:
    """A resend is only recognised if it keeps its encoding and its order."""
    base = cache.key("call", "none", {"format": "1", "event": {"a": "1", "b": "2"}})
    assert base == cache.key("call", "none", {"ks": "x", "format": 1, "clientTag": "t", "event": {"a": 1, "b": "2"}})
    others = [
        cache.key("item", "none", {"format": "1", "event": {"a": "1", "b": "2"}}),
        cache.key("call", "widget 102", {"format": "1", "event": {"a": "1", "b": "2"}}),
        cache.key("call", "none", {"format": "1", "event": {"b": "2", "a": "1"}}),
        cache.key("call", "none", {"format": "1", "event:a": "1", "event:b": "2"}),
        cache.key("call", "none", {"format": "1", "event": {"a": "1", "b": "2"}, "x": "1"}),
        cache.key("call", "none", {"format": "1", "event": {"a": "1"}, "b": "2"}),
    ]
    assert len({base, *others}) == 7
