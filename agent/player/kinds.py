"""What an address says about its medium, as far as the rules of playback need to know.

Contract: `kind_of` looks at the address only; it opens nothing.
Rules: what cannot be told is the ordinary case, a clip with an exact length. An address does not say whether an HLS
stream is live (vlc.md R9: take it from the entry or the configuration); a multicast or capture device always is.
Reasons: vlc.md sections 2 and 3 (R2, R5, R9), decision 16.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes, urlsplit

IMAGES = frozenset(("png", "jpg", "jpeg", "gif", "bmp", "webp", "tif", "tiff", "svg"))
# VLC guesses the length of these from the bit rate, or from the first and last clock it finds.
_ESTIMATED = frozenset(("ts", "m2ts", "mts", "mpg", "mpeg", "vob", "m2v", "mp3", "mp2", "aac", "ac3", "dts", "adts"))
_VIDEO = frozenset(("mp4", "m4v", "mov", "mkv", "webm", "avi", "wmv", "asf", "flv", "ogv", "3gp", "mxf"))
_AUDIO = frozenset(("m4a", "ogg", "oga", "opus", "flac", "wav", "wma", "aif", "aiff"))
MEDIA_FILES = IMAGES | _ESTIMATED | _VIDEO | _AUDIO
LISTS = frozenset(("m3u", "m3u8"))

_ADAPTIVE = frozenset(("m3u8", "mpd", "ism", "f4m"))
# Kaltura's playManifest names the protocol as a path part: …/format/applehttp/….
_ADAPTIVE_PARTS = ("/format/applehttp", "/format/mpegdash", "/format/hls", "/format/hdnetworkmanifest")
_LIVE_SCHEMES = frozenset(
    ("udp", "rtp", "srt", "rtmp", "rtmps", "dvb", "dvb-t", "dvb-s", "dvb-c", "satip", "v4l2", "alsa", "screen")
)


@dataclass(frozen=True, slots=True)
class Kind:
    """See `agent.kernel.media.Media` for the fields that are there too."""

    image: bool = False
    live: bool = False
    adaptive: bool = False
    estimated_length: bool = False


def file_of(uri: str) -> Path | None:
    """The path of a `file:` URL, None for other URLs; ValueError for what is no URL. Names need not be UTF-8."""
    address = urlsplit(uri)
    return Path(os.fsdecode(unquote_to_bytes(address.path))) if address.scheme == "file" else None


def extension_of(uri: str) -> str:
    """The extension of the file that `uri` names, in lower case, without its dot; "" where there is none."""
    name = unquote(urlsplit(uri).path).rsplit("/", 1)[-1]
    return name.rpartition(".")[2].lower() if "." in name else ""


def kind_of(uri: str) -> Kind:
    """What can be told of the medium at `uri`."""
    address = urlsplit(uri)
    extension = extension_of(uri)
    web = address.scheme.lower() in ("http", "https", "file")
    return Kind(
        image=web and extension in IMAGES,
        live=address.scheme.lower() in _LIVE_SCHEMES,
        adaptive=web and (extension in _ADAPTIVE or any(part in address.path.lower() for part in _ADAPTIVE_PARTS)),
        estimated_length=extension in _ESTIMATED,
    )
