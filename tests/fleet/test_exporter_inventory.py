"""The list of devices that there should be."""

import os
from pathlib import Path

import pytest

from agent.fleet.exporter_inventory import Inventory, InventoryError


def test_list_of_enroll_is_an_inventory_and_news_is_noticed(tmp_path: Path) -> None:
    """One list for both, edited while the exporter runs."""
    path = tmp_path / "devices.csv"
    path.write_text("id,name\ndev-a,Lobby\ndev-b,\n")
    inventory = Inventory(path)
    assert (frozenset({"dev-a", "dev-b"}), None) == (inventory.ids, inventory.look())
    path.write_text("id,name\ndev-a,The lobby\ndev-b,\n")
    assert inventory.look() is None, "another name is no news"
    path.write_text("id\ndev-a\n")
    os.utime(path, ns=(1, 1))
    assert frozenset({"dev-a"}) == inventory.look()


def test_half_a_file_retires_nobody(tmp_path: Path) -> None:
    """An editor saves while we look."""
    path = tmp_path / "devices.csv"
    path.write_text("id\ndev-a\n")
    inventory = Inventory(path)
    for broken in ("id\nDEV A\n", ""):
        path.write_text(broken)
        assert (None, False, frozenset({"dev-a"})) == (inventory.look(), inventory.is_readable, inventory.ids)
    path.unlink()
    assert (None, False) == (inventory.look(), inventory.is_readable)
    path.write_text("id\ndev-b\n")
    assert (frozenset({"dev-b"}), True) == (inventory.look(), inventory.is_readable)


def test_list_that_cannot_be_used_at_the_start_says_why(tmp_path: Path) -> None:
    """A typing mistake in a unit file."""
    with pytest.raises(InventoryError, match="cannot be read"):
        Inventory(tmp_path / "none.csv")
    (tmp_path / "bad.csv").write_text("name\nx\n")
    with pytest.raises(InventoryError, match="the column id is missing"):
        Inventory(tmp_path / "bad.csv")
