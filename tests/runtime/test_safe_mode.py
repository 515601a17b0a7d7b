"""What counts at a start whose configuration is wrong, or ends the agent."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from agent.config.problems import ConfigurationError
from agent.runtime.safe_mode import COPY, DOCUMENTS, LOOK_EVERY_S, Footing, digest, wait
from agent.runtime.starts import SAFE_WELL_S, WELL_S, Ledger, Mode, Safe, Usual
from tests.support.configuration import SMALLEST, write
from tests.support.helm import REMOTE, Helm
from tests.support.outbox import an_instant

GOOD = SMALLEST + "[player]\nvolume = 20\n"
OTHER = SMALLEST + "[player]\nvolume = 30\n"
BAD = SMALLEST + "[player]\nvolume = 9000\n"
SAFE = Safe("the agent ended 5 times")


class Machine:
    """A configuration file and a state folder, with the processes that start there."""

    def __init__(self, folder: Path, text: str = GOOD) -> None:
        self.folder = folder
        self.state = folder / "state"
        self.state.mkdir(exist_ok=True)
        self.config = write(folder, text)
        self.again = 0

    def start(self, mode: Mode | None = None) -> Footing:
        """A process that starts now, at 1000.0 s."""
        ledger = Ledger(None)
        ledger.start("boot-a", digest(self.config), 1000.0)
        if isinstance(mode, Safe):
            ledger.keep(replace(ledger.starts, why=mode.why))
        return Footing(self.config, self.state, ledger, mode or Usual(), began=1000.0)

    def volume(self, footing: Footing) -> int:
        """As it counts at this start."""
        return footing.begin(an_instant()).loaded.settings.player.volume

    def run(self, footing: Footing, seconds: float, *, shows: bool = True, since: float = 1000.0) -> None:
        def again() -> None:
            self.again += 1

        at = since
        while at <= since + seconds:
            footing.look(at, shows=shows, again=again)
            at += LOOK_EVERY_S

    def ran_well(self) -> None:
        """A process on the file as it is ran for long enough."""
        footing = self.start()
        footing.begin(an_instant())
        self.run(footing, WELL_S + 60)


def test_configuration_that_runs_well_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    """It may hold what not every user of a machine should read."""
    machine = Machine(tmp_path)
    footing = machine.start()
    machine.volume(footing)
    machine.run(footing, WELL_S - 60)
    assert not (machine.state / COPY).exists()
    machine.run(footing, 300, since=1000.0 + WELL_S)
    assert GOOD == (machine.state / COPY).read_text()
    assert 0o600 == stat.S_IMODE((machine.state / COPY).stat().st_mode)
    assert not (machine.state / DOCUMENTS).exists()
    first = (machine.state / COPY).stat().st_ino
    machine.ran_well()
    assert first == (machine.state / COPY).stat().st_ino, "the same is not written again"


def test_configuration_is_not_kept_where_nothing_is_seen_or_it_was_edited_since(tmp_path: Path) -> None:
    """What is kept has been seen to work, as it stands there."""
    machine = Machine(tmp_path)
    footing = machine.start()
    machine.run(footing, WELL_S + 60, shows=False)
    write(tmp_path, OTHER)
    machine.run(footing, 60, since=1000.0 + WELL_S + 60)
    assert not (machine.state / COPY).exists()


def test_wrong_file_is_told_and_the_last_good_one_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A typing error at a start must not leave the screen dark."""
    machine = Machine(tmp_path)
    machine.ran_well()
    for text in (BAD, "[device\n", ""):
        write(tmp_path, text)
        footing = machine.start()
        assert 20 == machine.volume(footing)
        assert "the configuration file cannot be used" in str(footing.status()["configuration"])
        assert not footing.status()["on"]
    assert "configuration cannot be used" in capsys.readouterr().out
    machine.config.unlink()
    assert 20 == machine.volume(machine.start())


def test_wrong_file_without_a_good_one_does_not_start(tmp_path: Path) -> None:
    """As ever: every problem is told, and nothing is made up."""
    machine = Machine(tmp_path, BAD)
    with pytest.raises(ConfigurationError):
        machine.start().begin(an_instant())
    (machine.state / COPY).write_text(BAD)
    with pytest.raises(ConfigurationError):
        machine.start().begin(an_instant())


def test_file_that_is_mended_is_begun_with_and_another_wrong_one_is_not(tmp_path: Path) -> None:
    """Nobody should have to restart a service; nor does each attempt to mend it darken the screen."""
    machine = Machine(tmp_path)
    machine.ran_well()
    write(tmp_path, BAD)
    footing = machine.start()
    footing.begin(an_instant())
    machine.run(footing, 60)
    write(tmp_path, BAD + "nonsense = 1\n")
    machine.run(footing, 60, since=1100.0)
    assert 0 == machine.again
    write(tmp_path, OTHER)
    machine.run(footing, LOOK_EVERY_S - 1, since=1200.0)
    assert 1 == machine.again
    assert GOOD == (machine.state / COPY).read_text(), "what counts by exception is not what ran well"
    assert 30 == machine.volume(machine.start())


def test_safe_mode_begins_with_the_last_good_configuration(tmp_path: Path) -> None:
    """The change that ends the agent is in the file."""
    machine = Machine(tmp_path)
    machine.ran_well()
    write(tmp_path, OTHER)
    footing = machine.start(SAFE)
    assert 20 == machine.volume(footing)
    assert {"on": True, "why": SAFE.why, "configuration": SAFE.why} == footing.status()


def test_safe_mode_without_another_configuration_goes_on_with_the_file(tmp_path: Path) -> None:
    """The file may not be the reason; there is nothing better."""
    machine = Machine(tmp_path)
    assert 20 == machine.volume(machine.start(SAFE))
    machine.ran_well()
    footing = machine.start(SAFE)
    assert 20 == machine.volume(footing)
    assert footing.status()["configuration"] is None
    machine.run(footing, SAFE_WELL_S + 60)
    assert {"on": False, "why": None, "configuration": None} == footing.status()
    assert 0 == machine.again, "there is nothing to go back to"


def test_safe_mode_that_goes_well_for_an_hour_tries_the_file_again(tmp_path: Path) -> None:
    """What ended the agent may have been a screen that was not there yet."""
    machine = Machine(tmp_path)
    machine.ran_well()
    write(tmp_path, OTHER)
    footing = machine.start(SAFE)
    footing.begin(an_instant())
    machine.run(footing, SAFE_WELL_S - 60)
    assert 0 == machine.again
    machine.run(footing, 60 + LOOK_EVERY_S, since=1000.0 + SAFE_WELL_S)
    assert machine.again
    assert not footing.status()["on"]


def test_documents_that_ran_well_are_kept_with_the_file(tmp_path: Path) -> None:
    """A document that was confirmed after a minute may end the agent after three."""
    helm = Helm(tmp_path)
    helm.settle(3, {"player": {"volume": 40}})
    helm.documents.end(helm.now)
    config = write(tmp_path, REMOTE + SMALLEST)
    machine = Machine(tmp_path, REMOTE + SMALLEST)
    machine.state = helm.state
    machine.ran_well()
    helm.settle(4, {"player": {"volume": 50}})
    helm.documents.end(helm.now)
    config.write_text(REMOTE + SMALLEST + "# another\n")
    assert 50 == machine.volume(machine.start())
    assert 40 == machine.volume(machine.start(SAFE))
    (helm.state / DOCUMENTS).write_text("[{")
    assert 100 == machine.volume(machine.start(SAFE)), "the file alone"


def test_pause_is_told_while_it_passes() -> None:
    """Whoever looks at the service sees why nothing happens, and that something will."""
    told: list[str] = []
    passed: list[float] = []
    wait(25.0, told.append, passed.append)
    assert [10.0, 10.0, 5.0] == passed
    assert ["safe mode, waiting 25 s before the start"] == told[:1]
    wait(0.0, told.append, passed.append)
    assert 3 == len(told)
