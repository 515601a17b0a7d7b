"""Checks of the player: libvlc, its plugin cache, the options it is to start with.

Contract: findings; libvlc is asked in throw-away processes only (decision 36: the agent never imports vlc).
Reasons: vlc.md sections 1 (one unknown option and libvlc does not start) and 6 (what a stale plugin cache costs).
"""

import re
import sys
from collections.abc import Sequence
from typing import assert_never

from agent.player.hostoptions import usable
from agent.player.installation import CacheState, PluginCache, libvlc_version, plugin_cache
from agent.runtime.checks.finding import Finding, fail, ok, warn

# libvlc 3 is what the rules of playback were measured on; 4 has another API.
WANTED = re.compile(r"3\.0\.\d+")
INSTALL = "sudo apt install libvlc5 vlc-plugin-base vlc-plugin-video-output"


def libvlc() -> Finding:
    """Whether libvlc loads and starts, and which one it is."""
    return judge_version(libvlc_version())


def judge_version(found: str | None) -> Finding:
    """What to say of a libvlc that calls itself `found`; None for one that is missing or does not start."""
    if found is None:
        why = f"{sys.executable} -m agent.player.probe; echo $?"
        return fail("libvlc", "missing, or it does not start", f"Install it: {INSTALL}; the reason is shown by: {why}")
    if WANTED.match(found) is None:
        return warn("libvlc", f"{found} is not a release of VLC 3.0, for which this program was made", INSTALL)
    return ok("libvlc", found)


def cache() -> Finding:
    """Whether libvlc starts without opening all its plugins."""
    return judge_cache(plugin_cache())


def judge_cache(found: PluginCache) -> Finding:
    """What to say of a plugin cache."""
    match found.state:
        case CacheState.FRESH:
            return ok("plugin cache", f"fits the plugins in {found.folder}")
        case CacheState.NO_PLUGINS:
            return fail("plugin cache", "no plugins of VLC were found", f"Install them: {INSTALL}")
        case CacheState.STALE | CacheState.MISSING:
            text = f"{found.state.value}: each start of the player opens every plugin in {found.folder}"
            tool = found.folder.parent / "vlc-cache-gen" if found.folder else "vlc-cache-gen"
            return warn("plugin cache", text, f"Build it anew: sudo {tool} {found.folder}")
        case _:
            assert_never(found.state)


def options(wanted: Sequence[str]) -> list[Finding]:
    """Whether libvlc starts with each of the configured options ("--name=value"); nothing to say for none."""
    if not wanted:
        return []
    _, refused = usable(wanted)
    if refused:
        text = f"VLC does not start with {' '.join(refused)}; the player leaves that out"
        return [warn("VLC options", text, "Correct or remove it in player.vlc_options (vlc --longhelp lists all).")]
    return [ok("VLC options", f"VLC starts with {' '.join(wanted)}")]
