"""How settings describe themselves."""

# ruff: noqa: RUF009  (`table` makes an attrs field)

import attrs
import pytest

from agent.config.kinds import Flag
from agent.config.setting import Effect, Setting, Table, default_of, entries, setting, table, tables, walk


@attrs.frozen(kw_only=True)
class Inner:
    needed: bool = setting(Flag(), "Needed.", required="always")


@attrs.frozen(kw_only=True)
class Outer:
    flag: bool = setting(Flag(), "A flag.", default=True, effect=Effect.PLAYER, remote=True)
    plain: bool | None = setting(Flag(), "Another.")
    many: tuple[Inner, ...] = tables(Inner, "Several.")


@attrs.frozen(kw_only=True)
class Whole:
    outer: Outer = table(Outer, "The outer one.")


def test_fields_carry_what_was_said_of_them() -> None:
    """Check, example, schema and documentation are made of this (decision 33)."""
    found = dict(entries(Outer))
    flag = found["flag"]
    assert isinstance(flag, Setting)
    assert (Effect.PLAYER, True, False, "A flag.") == (flag.effect, flag.remote, flag.secret, flag.help)
    assert Table(Inner, "Several.", many=True) == found["many"]


def test_defaults_are_known_and_used() -> None:
    """An absent table has its defaults; what is always required has none."""
    assert Whole(outer=Outer(flag=True, plain=None, many=())) == Whole()
    assert (True, None, None) == (default_of(Outer, "flag"), default_of(Outer, "plain"), default_of(Inner, "needed"))
    with pytest.raises(TypeError):
        Inner()


def test_walk_finds_every_field_below() -> None:
    """Nothing of the tree can be left out of the documents."""
    assert [("outer",), ("outer", "flag"), ("outer", "plain"), ("outer", "many"), ("outer", "many", "needed")] == [
        path for path, _, _ in walk(Whole)
    ]
