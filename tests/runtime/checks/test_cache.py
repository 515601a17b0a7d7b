"""Whether there is room for the copies that the list wants."""

from pathlib import Path

from agent.config.model import Settings
from agent.runtime.checks.cache import cache
from agent.runtime.checks.finding import Level
from tests.support.configuration import loaded


def _settings(tmp: Path, folder: Path, *, max_mib: int = 1, cached: str = "true") -> Settings:
    return loaded(
        tmp,
        '[device]\nid = "device-001"\n[kaltura]\nenabled = false\n'
        f'[player.cache]\nmax_mib = {max_mib}\ndir = "{folder}"\n'
        f'[[player.playlist]]\nuri = "https://a.test/a.mp4"\ncache = {cached}\n',
    ).settings


def test_list_that_caches_nothing_is_not_asked(tmp_path: Path) -> None:
    """Most kiosks."""
    assert cache(_settings(tmp_path, tmp_path, cached="false"), tmp_path) is None


def test_folder_in_memory_is_told(tmp_path: Path) -> None:
    """After a power cut without network there is nothing to play."""
    found = cache(_settings(tmp_path, Path("/dev/shm/kiosk-agent-no-such-folder")), tmp_path)
    assert found is not None
    assert (Level.WARN, True) == (found.level, "restart of the machine" in found.text)


def test_bound_beyond_the_disk_is_told(tmp_path: Path) -> None:
    """A card of 16 GB, and a bound of a terabyte."""
    found = cache(_settings(tmp_path, tmp_path, max_mib=1_048_576), tmp_path)
    assert found is not None
    assert Level.WARN is found.level
