"""libvlc, its plugin cache and its options; the real libvlc of this machine, in processes of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

from agent.player.installation import CacheState, PluginCache
from agent.runtime.checks import player
from agent.runtime.checks.finding import Level

ROOT = Path(__file__).parents[3]


def test_installed_libvlc_is_found_without_loading_it_here() -> None:
    """A libvlc fault must not end the process that asks."""
    code = (
        "import sys; from agent.runtime.checks import player; print(player.libvlc().level.value, 'vlc' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert "ok False\n" == done.stdout


@pytest.mark.parametrize(
    ("level", "found"), [(Level.OK, "3.0.21 Vetinari"), (Level.WARN, "4.0.0-dev Otto Chriek"), (Level.FAIL, None)]
)
def test_version_decides_how_bad_it_is(level: Level, found: str | None) -> None:
    """The rules of playback were measured on VLC 3.0; without libvlc nothing plays."""
    assert level is player.judge_version(found).level


@pytest.mark.parametrize(
    ("level", "state"),
    [
        (Level.OK, CacheState.FRESH),
        (Level.WARN, CacheState.STALE),
        (Level.WARN, CacheState.MISSING),
        (Level.FAIL, CacheState.NO_PLUGINS),
    ],
)
def test_stale_cache_is_a_warning_with_the_command_that_mends_it(level: Level, state: CacheState) -> None:
    """An image made by copying files starts its player many times slower, and nobody would know why."""
    folder = None if state is CacheState.NO_PLUGINS else Path("/usr/lib/vlc/plugins")
    finding = player.judge_cache(PluginCache(state, folder))
    assert level is finding.level
    assert (level is Level.WARN) == ("vlc-cache-gen /usr/lib/vlc/plugins" in str(finding.remedy))


def test_real_cache_gets_a_judgement() -> None:
    """Whatever this machine has."""
    assert "plugin cache" == player.cache().subject


def test_option_that_vlc_does_not_know_is_named() -> None:
    """One unknown option and libvlc does not start at all."""
    (finding,) = player.options(["--no-video-title-show", "--no-such-option-at-all"])
    assert Level.WARN is finding.level
    assert "--no-such-option-at-all" in finding.text
    assert "--no-video-title-show" not in finding.text


def test_options_that_vlc_takes_are_in_order_and_none_say_nothing() -> None:
    """No line about what nobody set."""
    assert [Level.OK] == [finding.level for finding in player.options(["--no-video-title-show"])]
    assert [] == player.options([])
