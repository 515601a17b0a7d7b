"""What an application may tell."""

import pytest

from agent.config.kinds import MisfitError
from agent.intake.schema import ALIASES, TYPES, Pairs, Words, shown
from agent.kernel.activity import Deed, PortalDeed


def test_every_deed_and_the_application_events_can_be_told() -> None:
    """A deed without a word could never be reported."""
    deeds = {deed.value for deed in (*Deed, *PortalDeed)}
    assert {"page", "button", "custom", "visit-start", "visit-end", *deeds} == set(TYPES)


def test_each_field_explains_itself() -> None:
    """The protocol page and the command's help are made from these words."""
    assert all(field.help.endswith(".") and field.kind.allowed for fields in TYPES.values() for field in fields)


def test_each_alias_leads_to_a_field() -> None:
    """A suggestion that is itself refused would be a bad joke."""
    names = {"type", *(field.name for fields in TYPES.values() for field in fields)}
    assert set(ALIASES.values()) <= names


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53, -(2**53), 10**400, False, None, {}, "", "\x00"])
def test_what_is_no_text_is_refused_in_words(value: object) -> None:
    """None of it could be sent, or would be what the application meant."""
    with pytest.raises(MisfitError) as refused:
        Words().read(value)
    assert refused.value.what and refused.value.allowed


def test_pairs_keep_their_order() -> None:
    """They are sent as the application gave them."""
    assert (("z", "1"), ("a", "x")) == Pairs().read({"z": 1, "a": "x"})


def test_kinds_describe_themselves_for_machines() -> None:
    """Editors and other programs read the schema."""
    assert {"type", "minLength", "maxLength"} == set(Words().schema())
    assert "object" == Pairs().schema()["type"]


def test_quotation_can_be_said_in_utf8() -> None:
    """The answer goes over a wire."""
    shown("\ud800" * 100).encode("utf-8")
