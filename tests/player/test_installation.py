"""What `doctor` says of libvlc."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent.player.installation import CacheState, PluginCache, libvlc_version, plugin_cache, plugin_folders


def _copied(target: Path) -> Path:
    """A small plugin folder with real entries of this machine's cache."""
    (source,) = plugin_folders()[:1]
    (target / "codec").mkdir(parents=True)
    plugin = next((source / "codec").glob("*_plugin.so"))
    copy = target / "codec" / plugin.name
    copy.write_bytes(plugin.read_bytes())
    os.utime(copy, (plugin.stat().st_atime, plugin.stat().st_mtime))
    (target / "plugins.dat").write_bytes((source / "plugins.dat").read_bytes())
    return copy


def test_cache_of_the_packages_is_fresh() -> None:
    """The judge must know a healthy machine, or nobody believes it on a sick one."""
    assert plugin_cache().state is CacheState.FRESH


def test_copied_plugins_make_the_cache_stale(tmp_path: Path) -> None:
    """Images made by copying files have other times, and each start takes up to a second more (vlc.md section 6)."""
    plugin = _copied(tmp_path)
    assert plugin_cache([tmp_path]) == PluginCache(CacheState.FRESH, tmp_path)
    os.utime(plugin, (1, 1))
    assert plugin_cache([tmp_path]) == PluginCache(CacheState.STALE, tmp_path, 1)
    (tmp_path / "plugins.dat").unlink()
    assert plugin_cache([tmp_path]) == PluginCache(CacheState.MISSING, tmp_path, 1)


def test_machine_without_plugins_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """libvlc without plugins starts and plays nothing."""
    assert plugin_cache([tmp_path, tmp_path / "none"]) == PluginCache(CacheState.NO_PLUGINS)
    monkeypatch.setenv("VLC_PLUGIN_PATH", str(tmp_path))
    assert plugin_folders()[0] == tmp_path


def test_version_is_read_without_loading_libvlc_here() -> None:
    """The agent's process never holds libvlc (decision 36)."""
    version = libvlc_version()
    assert version is not None
    assert version.startswith("3.")


def test_agents_side_of_the_player_never_imports_vlc() -> None:
    """A libvlc fault must never be able to end the agent; and it costs 6 MB."""
    program = (
        "import sys, agent.player.supervisor, agent.player.lifecycle, agent.player.director, agent.player.playlist,"
        " agent.player.installation\n"
        "sys.exit('vlc' in sys.modules or 'agent.player.libvlc' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
