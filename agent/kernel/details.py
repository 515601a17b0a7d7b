"""The details of a running session: rate, fullscreen, volume, captions, audio track, rendition, and what is not seen.

Contract: each function takes one signal, or one timer's hour, and tells at most one event.
Rules: only changes are told, and only between Started and the end; what the player has from the start is no change.
Volume comes at most once in `VOLUME_QUIET`. Streams that come and go with a rendition are not somebody's choice.
Reasons: vlc.md R6 to R8; a slider sends a hundred volumes a second.
"""

from agent.kernel.events import (
    AudioTrackChanged,
    CaptionsChanged,
    Failed,
    Fault,
    FlavorSwitched,
    FullscreenChanged,
    RateChanged,
    VolumeSet,
)
from agent.kernel.phases import Phase
from agent.kernel.playback import Memory, Playback
from agent.kernel.signals import (
    Sampled,
    TrackAdded,
    TrackKind,
    TrackRemoved,
    TrackSelected,
    VideoOutputsChanged,
    VideoSizeRead,
)
from agent.kernel.voice import Voice

VOLUME_QUIET = 1.0
"""A volume is told this long (s) after the first change, as it then is: a slider's churn becomes one event."""

TURNOVER = 1.0
"""Streams that are added and removed within this time (s) of each other are a change of rendition (R7)."""

SIZE_PATIENCE = 0.6
"""The host reads the new size about 0.15 s after the change (R7); longer than this (s) nobody waits for it."""

CODEC_PATIENCE = 3.0
"""A video stream that is not shown this long (s) after Playing never will be (R6)."""

DARK_LIMIT = 5
"""So many reports of no video output in a row mean that there is no display (R6); one comes with a rendition change."""

RATES = (0.01, 100.0)
"""What VLC accepts is narrower; anything else is noise that would spoil the clock."""


def sampled(voice: Voice, memory: Memory, playback: Playback, signal: Sampled) -> None:
    """Rate and fullscreen, which libvlc has no event for.

    The first state of the screen is how the kiosk is set up, not something that a viewer did.
    """
    running = playback.is_seen
    if RATES[0] <= signal.rate <= RATES[1] and signal.rate != playback.motion.rate:
        playback.motion.rate = signal.rate
        if running:
            voice.say(playback, RateChanged(*voice.fact(playback, signal.at)))
    if memory.fullscreen is None:
        memory.fullscreen = signal.fullscreen
    if running and signal.fullscreen != memory.fullscreen:
        fact = voice.fact(playback, signal.at)
        if voice.say(playback, FullscreenChanged(*fact, fullscreen=signal.fullscreen)):
            memory.fullscreen = signal.fullscreen


def volume_heard(memory: Memory, playback: Playback | None, at: float) -> None:
    """A volume or mute signal has come. Before the first picture it is how things are, not a change."""
    if playback is None or not playback.is_seen:
        memory.volume, memory.muted = memory.new_volume, memory.new_muted
    elif playback.volume_due is None:
        playback.volume_due = at + VOLUME_QUIET


def volume_due(voice: Voice, memory: Memory, playback: Playback, at: float) -> None:
    """Tell the volume as it is now, if it is another one."""
    playback.volume_due = None
    if (memory.new_volume, memory.new_muted) == (memory.volume, memory.muted):
        return
    volume = 1.0 if memory.new_volume is None else memory.new_volume
    if voice.say(playback, VolumeSet(*voice.fact(playback, at), volume=volume, muted=memory.new_muted)):
        memory.volume, memory.muted = memory.new_volume, memory.new_muted


def track_added(playback: Playback, signal: TrackAdded) -> None:
    """A stream is known: the medium can be played."""
    tracks = playback.tracks
    if signal.track is TrackKind.VIDEO:
        tracks.has_video = tracks.any_known = True
        tracks.fresh_video_at = signal.at
    elif signal.track is TrackKind.AUDIO:
        tracks.any_known = True
        tracks.fresh_audio, tracks.fresh_audio_at = signal.number, signal.at


def track_removed(playback: Playback, signal: TrackRemoved) -> None:
    """An old video stream that goes just after a new one has come was another rendition."""
    tracks = playback.tracks
    if signal.track is not TrackKind.VIDEO or tracks.fresh_video_at is None or not playback.is_seen:
        return
    if signal.at - tracks.fresh_video_at <= TURNOVER:
        tracks.fresh_video_at = None
        tracks.flavor_at = signal.at


def flavor_due(playback: Playback) -> float | None:
    """When (boot-time s) a change of rendition is told without its size."""
    return None if playback.tracks.flavor_at is None else playback.tracks.flavor_at + SIZE_PATIENCE


def tell_flavor(voice: Voice, playback: Playback, size: VideoSizeRead | None) -> None:
    """Tell a change of rendition, with its size where the host could read it in time."""
    changed_at = playback.tracks.flavor_at
    if changed_at is None:
        return
    playback.tracks.flavor_at = None
    width, height = (None, None) if size is None else (size.width, size.height)
    voice.say(playback, FlavorSwitched(*voice.fact(playback, changed_at), width=width, height=height))


def track_selected(voice: Voice, playback: Playback, signal: TrackSelected) -> None:
    """Captions or another audio track, unless the stream itself has just come with a new rendition."""
    tracks = playback.tracks
    running = playback.is_seen
    if signal.track is TrackKind.VIDEO:
        tracks.video_selected = tracks.video_selected or signal.number is not None
    elif signal.track is TrackKind.TEXT:
        if running and signal.number != tracks.captions:
            voice.say(playback, CaptionsChanged(*voice.fact(playback, signal.at), track=signal.number))
        tracks.captions = signal.number
    else:
        fresh = signal.number == tracks.fresh_audio and signal.at - tracks.fresh_audio_at <= TURNOVER
        rendition = fresh or (playback.media.adaptive and signal.number is None)
        if running and not rendition and signal.number != tracks.audio:
            voice.say(playback, AudioTrackChanged(*voice.fact(playback, signal.at), track=signal.number))
        tracks.audio = signal.number


def outputs_changed(voice: Voice, playback: Playback, signal: VideoOutputsChanged) -> None:
    """Without a usable display VLC says for every frame that there is no output."""
    tracks = playback.tracks
    tracks.outputs_seen = True
    tracks.dark_outputs = 0 if signal.count > 0 else tracks.dark_outputs + 1
    if tracks.dark_outputs >= DARK_LIMIT and not tracks.no_display_told:
        event = Failed(*voice.fact(playback, signal.at), fault=Fault.NO_DISPLAY, fatal=False)
        tracks.no_display_told = voice.say(playback, event)


def codec_due(playback: Playback) -> float | None:
    """When (boot-time s) a video stream must have been shown."""
    tracks = playback.tracks
    if playback.phase is not Phase.PLAYING or tracks.codec_judged or not tracks.has_video:
        return None
    return None if playback.playing_at is None else playback.playing_at + CODEC_PATIENCE


def judge_codec(voice: Voice, playback: Playback, at: float) -> None:
    """Sound plays on where the video cannot be decoded, so this fault is not fatal."""
    tracks = playback.tracks
    tracks.codec_judged = True
    if not (tracks.video_selected and tracks.outputs_seen):
        voice.say(playback, Failed(*voice.fact(playback, at), fault=Fault.CODEC, fatal=False))
