"""How many bad starts a boot may have, and what comes of them."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from agent.runtime.starts import LONGEST_PAUSE_S, MOST, NAME, PAUSE_S, WITHIN_S, Ledger, Mode, Safe, Starts, Usual


def crash(starts: Starts, now: float, *, boot: str = "boot-a", file: str = "file-a") -> tuple[Starts, Mode]:
    """One process that starts, works, and ends badly."""
    after, mode = starts.started(boot, file, now)
    return after.working(), mode


def crashes(number: int, *, apart: float = 4.0) -> Starts:
    starts = Starts()
    for count in range(number):
        starts, mode = crash(starts, 100.0 + count * apart)
        assert Usual() == mode
    return starts


def test_fifth_bad_end_leads_to_safe_mode() -> None:
    """A loop of crashes keeps the screen dark for ever; somebody's last change may be why."""
    _, mode = crash(crashes(MOST), 200.0)
    assert isinstance(mode, Safe)
    assert 0.0 == mode.pause_s
    assert "the agent ended 5 times within 2 min without being told to" == mode.why


def test_ends_that_were_asked_for_count_for_nothing() -> None:
    """Somebody who restarts the service twenty times while setting it up."""
    starts = Starts()
    for count in range(20):
        starts, mode = crash(starts, 100.0 + count)
        assert Usual() == mode
        starts = starts.over()


def test_bad_ends_that_are_far_apart_are_no_loop() -> None:
    """One crash a day is a fault to be reported, and no reason to give up."""
    crashes(50, apart=WITHIN_S / 4)


def test_process_that_ran_well_clears_the_account() -> None:
    """Four crashes before it, and four after it, are not eight."""
    starts, mode = crash(crashes(MOST - 1), 200.0)
    for count in range(MOST - 1):
        starts, mode = crash(starts.well() if not count else starts, 300.0 + count)
        assert Usual() == mode


def test_safe_mode_that_crashes_waits_longer_each_time() -> None:
    """What even the last good configuration does not help, the starts at least become rare."""
    starts, pauses = crashes(MOST), []
    for count in range(8):
        starts, mode = crash(starts, 200.0 + count)
        assert isinstance(mode, Safe)
        pauses.append(mode.pause_s)
    assert [0.0, PAUSE_S, 2 * PAUSE_S, 4 * PAUSE_S] == pauses[:4]
    assert LONGEST_PAUSE_S == pauses[-1]


def test_another_boot_or_configuration_is_a_new_chance() -> None:
    """Whoever mends the file wants to see it work at once."""
    starts, _ = crash(crashes(MOST), 200.0)
    assert Usual() == crash(starts, 210.0, boot="boot-b")[1]
    assert Usual() == crash(starts, 210.0, file="file-b")[1]
    assert isinstance(crash(starts, 210.0)[1], Safe)


def test_safe_mode_lasts_over_orderly_ends_until_it_is_left() -> None:
    """A change from the broker that needs another start must not end it."""
    starts, _ = crash(crashes(MOST), 200.0)
    starts, mode = crash(starts.over(), 210.0)
    assert isinstance(mode, Safe)
    assert Usual() == crash(starts.left().over(), 220.0)[1]


@given(st.lists(st.tuples(st.floats(0.1, 5000), st.sampled_from(["crash", "end", "well"])), max_size=60))
def test_account_never_outgrows_its_bounds(life: list[tuple[float, str]]) -> None:
    """It stands in memory for as long as the machine runs."""
    starts, now = Starts(), 0.0
    for seconds, how in life:
        now += seconds
        starts, mode = crash(starts, now)
        starts = {"crash": starts, "end": starts.over(), "well": starts.well()}[how]
        assert len(starts.ends) <= MOST
        assert not isinstance(mode, Safe) or 0.0 <= mode.pause_s <= LONGEST_PAUSE_S


def test_ledger_goes_on_where_the_process_before_was(tmp_path: Path) -> None:
    """The account survives the process that is killed."""
    environment = {"RUNTIME_DIRECTORY": f"{tmp_path}:/run/other"}
    for count in range(MOST):
        ledger = Ledger.found(environment)
        assert Usual() == ledger.start("boot-a", "file-a", 100.0 + count)
        ledger.keep(ledger.starts.working())
    assert isinstance(Ledger.found(environment).start("boot-a", "file-a", 200.0), Safe)


def test_without_a_runtime_folder_nothing_is_counted(tmp_path: Path) -> None:
    """Nobody starts it again then, and a folder that cannot be written must not keep it from starting."""
    for ledger in (Ledger.found({}), Ledger(tmp_path / "none")):
        for count in range(2 * MOST):
            assert Usual() == ledger.start("boot-a", "file-a", 100.0 + count)
            ledger.keep(ledger.starts.working())


def test_damaged_account_is_an_empty_one(tmp_path: Path) -> None:
    """It is no reason not to start."""
    for text in ("", "[]", "{}", '{"boot_id": "boot-a", "file": "x", "ends": ["y"]}', "[" * 60_000, '"'):
        (tmp_path / NAME).write_text(text)
        assert Usual() == Ledger(tmp_path).start("boot-a", "file-a", 1.0)
