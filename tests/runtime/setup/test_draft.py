"""A configuration in the making."""

from agent.runtime.setup.draft import APP_TOKEN, KS, PASSWORD, Draft


def test_values_are_laid_in_and_taken_out_without_a_trace() -> None:
    """An emptied answer must not leave an empty table behind, nor touch its neighbours."""
    draft = Draft({"kaltura": {"partner_id": 102}}).with_value(("remote", "url"), "mqtts://b.example.com")
    assert {"kaltura": {"partner_id": 102}, "remote": {"url": "mqtts://b.example.com"}} == draft.tree
    assert {"kaltura": {"partner_id": 102}} == draft.with_value(("remote", "url"), None).tree
    assert draft.value(("kaltura", "session", "mode")) is None
    assert {"device": {"id": "a"}} == Draft({"device": 3}).with_value(("device", "id"), "a").tree


def test_a_secret_stands_beside_the_tree_and_is_not_shown() -> None:
    """The tree is printed and written for the agent's group to read."""
    draft = Draft().with_secret(APP_TOKEN, "0123456789abcdef")
    assert {"kaltura": {"session": {"app_token_file": "app-token"}}} == draft.tree
    assert {"app-token": "0123456789abcdef"} == draft.secrets
    assert "0123456789abcdef" not in repr(draft)
    assert draft.has(APP_TOKEN)
    gone = draft.without_secret(APP_TOKEN)
    assert ({}, {}, False) == (gone.tree, gone.secrets, gone.has(APP_TOKEN))


def test_a_secret_is_there_only_where_its_file_is() -> None:
    """A configuration that names a file which nobody wrote is not answered."""
    named = Draft({"remote": {"password_file": "broker-password"}})
    assert not named.has(PASSWORD)
    assert Draft(named.tree, kept=frozenset({PASSWORD})).has(PASSWORD)
    assert not Draft().has(KS)
