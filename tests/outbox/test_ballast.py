"""The file that is given up on a full disk."""

from pathlib import Path

from agent.outbox.ballast import BALLAST_BYTES, BALLAST_NAME, give_up, is_disk_full, keep


def test_the_ballast_is_really_allocated_and_given_up_once(tmp_path: Path) -> None:
    """A sparse file would free nothing when it is needed."""
    assert keep(tmp_path)
    assert keep(tmp_path)
    assert (tmp_path / BALLAST_NAME).stat().st_blocks * 512 >= BALLAST_BYTES
    assert give_up(tmp_path)
    assert not give_up(tmp_path)
    assert not is_disk_full(tmp_path)


def test_ballast_that_a_power_cut_left_empty_is_allocated_again(tmp_path: Path) -> None:
    """Its name may last without its size, and an empty reserve is found out on the day when the disk is full."""
    (tmp_path / BALLAST_NAME).touch()
    assert keep(tmp_path)
    assert BALLAST_BYTES == (tmp_path / BALLAST_NAME).stat().st_size
