"""The `[remote]` table."""

from agent.config.permission import NEVER
from agent.config.remote import Protocol, Remote
from agent.config.setting import Effect, Setting, entries

SETTINGS = {name: entry for name, entry in entries(Remote) if isinstance(entry, Setting)}


def test_without_a_word_there_is_no_broker_and_nothing_is_permitted() -> None:
    """No broker configured: everything else works the same."""
    remote = Remote()
    assert (None, "kiosk", Protocol.AUTO) == (remote.url, remote.base, remote.protocol)
    assert ((), (), ()) == (remote.groups, remote.allow, remote.media_hosts)
    assert ("/srv/media",) == remote.media_roots


def test_what_makes_the_connection_is_made_anew_and_what_is_a_rule_counts_at_once() -> None:
    """A change of the rules must not cut the line by which it came."""
    broker = {name for name, entry in SETTINGS.items() if entry.effect is Effect.BROKER}
    assert {
        *("url", "base", "user", "password_file", "ca_file", "certificate_file", "key_file", "protocol"),
        *("keepalive_s", "session_expiry_days"),
    } == broker
    assert {Effect.LIVE} == {entry.effect for name, entry in SETTINGS.items() if name not in broker}


def test_secrets_are_marked_and_hardly_anything_may_be_set_by_the_broker_itself() -> None:
    """The broker itself is not settable from the broker."""
    assert {"password_file", "key_file"} == {name for name, entry in SETTINGS.items() if entry.secret}
    assert {"report_every_s"} == {name for name, entry in SETTINGS.items() if entry.remote}
    assert {"base", "allow", "media_roots", "media_hosts"} == {name for table, name in NEVER if table == "remote"}
