"""What the kiosk's own application tells."""

import typing
from dataclasses import fields, is_dataclass

from agent.kernel import activity
from agent.kernel.activity import Activity, Told


def test_every_activity_is_in_the_union_frozen_and_dated() -> None:
    """A kind that the union forgets would pass every `match` unseen."""
    kinds = {kind for kind in vars(activity).values() if isinstance(kind, type) and issubclass(kind, Told)} - {Told}
    assert kinds == set(typing.get_args(Activity))
    for kind in kinds:
        assert is_dataclass(kind)
        assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
        assert "at" == fields(kind)[0].name
