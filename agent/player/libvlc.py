"""The one door to libvlc: the only module that imports `vlc`, and it is imported in the player host only.

Contract: a `Player` opens, steers and reads one libvlc media player for the life of the process; events arrive at
`put` as (boot-time seconds, event number, bytes of the union).
Rules: every method is called from the owner thread. A callback stamps, copies and puts, nothing else: a libvlc call
inside one hangs for ever. One Instance and one player for life (a player an item leaks 32 kB, an Instance 266 kB); each
Media is released after set_media; media.event_manager() is never asked for (it keeps every Media alive); each event is
attached once. libvlc's video filters belong to the Instance, so another rotation makes another Instance.
Reasons: vlc.md sections 4, 5 and 6.
"""

import ctypes
import os
import time
from collections.abc import Callable, Sequence

from agent.player.hostoptions import environment
from agent.player.pictures import Counts
from agent.player.raw import UNION_BYTES, EventNumber

# Read by what is imported next, whoever started this process.
os.environ.update(environment())

import vlc

RawEvent = tuple[float, int, bytes]
VERSION: str = vlc.libvlc_get_version().decode("utf-8", "replace")

# The transform filter's only true rotations; libvlc's own names for them.
ROTATIONS = (0, 90, 180, 270)

# The logo filter's own numbers: at the bottom, in the middle; and its whole colour.
BELOW = 8
OPAQUE = 255


def _now() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class LibvlcRefusedError(Exception):
    """libvlc did not start: one unknown option is enough (`vlc.Instance()` is None, vlc.md section 1)."""


class _VideoTrack(ctypes.Structure):
    _fields_ = (("height", ctypes.c_uint), ("width", ctypes.c_uint))


class _Track(ctypes.Structure):
    """libvlc_media_track_t: python-vlc's has three pointers where C has a union of one (vlc.md section 5)."""

    _fields_ = (
        ("codec", ctypes.c_uint32),
        ("original_fourcc", ctypes.c_uint32),
        ("number", ctypes.c_int),
        ("kind", ctypes.c_int),
        ("profile", ctypes.c_int),
        ("level", ctypes.c_int),
        ("video", ctypes.POINTER(_VideoTrack)),
        ("bitrate", ctypes.c_uint),
        ("language", ctypes.c_char_p),
        ("description", ctypes.c_char_p),
    )


_VIDEO = 1
_Tracks = ctypes.POINTER(ctypes.POINTER(_Track))
_tracks_get = vlc.dll.libvlc_media_tracks_get
_tracks_get.argtypes = (ctypes.c_void_p, ctypes.POINTER(_Tracks))
_tracks_get.restype = ctypes.c_uint
_tracks_release = vlc.dll.libvlc_media_tracks_release
_tracks_release.argtypes = (_Tracks, ctypes.c_uint)
_tracks_release.restype = None


def accepts(arguments: Sequence[str]) -> bool:
    """Whether libvlc starts with `arguments`. To be asked in a throw-away process: an option may also crash it."""
    instance = vlc.Instance(list(arguments))
    if instance is None:
        return False
    instance.release()
    return True


class Player:
    """One libvlc media player. Raises LibvlcRefusedError where libvlc does not start with `arguments`."""

    def __init__(self, arguments: Sequence[str], put: Callable[[RawEvent], None]) -> None:
        self._arguments = tuple(arguments)
        self._put = put
        self._rotation = 0
        self._start()

    def _start(self) -> None:
        turned = (f"--video-filter=transform{{type={self._rotation}}}",) if self._rotation else ()
        instance = vlc.Instance([*self._arguments, *turned])
        if instance is None:
            raise LibvlcRefusedError(" ".join(self._arguments))
        self._instance = instance
        self._player = instance.media_player_new()
        self._events = self._player.event_manager()
        for number in EventNumber:
            self._events.event_attach(vlc.EventType(number.value), self._on_event, number.value)

    def _on_event(self, event: vlc.Event, number: int) -> None:
        self._put((_now(), number, ctypes.string_at(ctypes.addressof(event.u), UNION_BYTES)))

    def turn(self, rotation: int) -> None:
        """Show the picture rotated clockwise by `rotation` degrees, one of `ROTATIONS`; others count as 0."""
        wanted = rotation if rotation in ROTATIONS else 0
        if wanted != self._rotation:
            self.release()
            self._rotation = wanted
            self._start()

    def open(self, uri: str, options: Sequence[str]) -> None:
        """Give the player another medium and play it. What libvlc refuses shows as an error event, as a bad file does.

        libvlc says MediaChanged inside, on this thread: what was put before it is about the earlier medium.
        """
        address = uri.encode("utf-8", "surrogateescape")
        # An empty address opens for ever, and the set_media after it is a segmentation fault (libvlc 3.0.24, measured).
        media = vlc.libvlc_media_new_location(self._instance, address) if address else None
        if media is None:
            self._put((_now(), EventNumber.MEDIA_CHANGED, bytes(UNION_BYTES)))
            self._put((_now(), EventNumber.ENCOUNTERED_ERROR, bytes(UNION_BYTES)))
            return
        for option in options:
            vlc.libvlc_media_add_option(media, option.encode("utf-8", "surrogateescape"))
        self._player.set_media(media)
        media.release()
        if self._player.play() != 0:
            self._put((_now(), EventNumber.ENCOUNTERED_ERROR, bytes(UNION_BYTES)))

    def pause(self, *, on: bool) -> None:
        self._player.set_pause(1 if on else 0)

    def seek(self, to: float) -> None:
        self._player.set_time(round(to * 1000))

    def set_rate(self, rate: float) -> None:
        self._player.set_rate(rate)

    def set_fullscreen(self, *, on: bool) -> None:
        self._player.set_fullscreen(on)

    def set_volume(self, percent: int) -> None:
        self._player.audio_set_volume(percent)

    def set_audio_device(self, device: str) -> None:
        self._player.audio_output_device_set(None, device)

    def draw(self, path: str | None) -> None:
        """Draw the image file at `path` over the picture, below and in the middle; None: nothing any more.

        Nothing is drawn where there is no picture. libvlc keeps it over a change of the medium (measured under X11).
        """
        if path is not None:
            vlc.libvlc_video_set_logo_string(self._player, vlc.VideoLogoOption.logo_file, os.fsencode(path))
            self._player.video_set_logo_int(vlc.VideoLogoOption.logo_position, BELOW)
            self._player.video_set_logo_int(vlc.VideoLogoOption.logo_opacity, OPAQUE)
        self._player.video_set_logo_int(vlc.VideoLogoOption.logo_enable, 0 if path is None else 1)

    def stop(self) -> None:
        self._player.stop()

    def read_time(self) -> float | None:
        """The playhead in seconds; None while there is no input."""
        milliseconds = self._player.get_time()
        return milliseconds / 1000 if milliseconds >= 0 else None

    def read_rate(self) -> float:
        return float(self._player.get_rate())

    def read_fullscreen(self) -> bool:
        return bool(self._player.get_fullscreen())

    def read_video_size(self) -> tuple[int, int] | None:
        """(width, height) of the newest video track, or None. HLS lists the old rendition and the new one."""
        media = self._player.get_media()
        if media is None:
            return None
        tracks = _Tracks()
        count = _tracks_get(ctypes.cast(media, ctypes.c_void_p), ctypes.byref(tracks))
        try:
            videos = [tracks[index].contents for index in range(count) if tracks[index].contents.kind == _VIDEO]
            newest = max(videos, key=lambda track: track.number, default=None)
            size = (newest.video.contents.width, newest.video.contents.height) if newest and newest.video else None
        finally:
            if count:
                _tracks_release(tracks, count)
            media.release()
        return size if size and all(size) else None

    def read_pictures(self) -> Counts | None:
        """What libvlc counts of the medium; None without one, or where an option has libvlc count nothing."""
        media = self._player.get_media()
        if media is None:
            return None
        found = vlc.MediaStats()
        try:
            is_counted = vlc.libvlc_media_get_stats(media, found) and found.demux_read_bytes != 0
        finally:
            media.release()
        if not is_counted:
            return None
        return Counts(found.decoded_video, found.displayed_pictures, self._player.video_get_track() >= 0)

    def release(self) -> None:
        """Stop and let go of libvlc. No event comes after it."""
        self._player.stop()
        self._player.release()
        self._instance.release()
