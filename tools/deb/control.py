"""What dpkg is told about the package, and the scripts that it calls.

Contract: `control(...)` answers DEBIAN/control; `scripts(...)` the maintainer scripts, with what they must know.
Rules: what the agent cannot do without is Depends; what one command or most kiosks need is Recommends.
Reasons: each dependency has its own beside it.
"""

from collections.abc import Sequence
from pathlib import Path

PACKAGE = "kiosk-agent"
SCRIPTS = ("preinst", "postinst", "prerm", "postrm")
_FOLDER = Path(__file__).resolve().parent / "scripts"

DEPENDS = (
    "python3 (>= 3.11)",  # Bookworm's; with its sqlite3 and ssl, which python3-minimal lacks
    "libvlc5",
    "vlc-plugin-base",  # every decoder, access over http and https, sound
    "vlc-plugin-video-output",  # a picture: DRM, X11, Wayland, OpenGL
    "libvlc-bin",  # vlc-cache-gen: without its cache libvlc opens each plugin at each start
    "ca-certificates",  # TLS trusts the system's store, and nothing else
    "systemd | systemd-standalone-sysusers | systemd-sysusers",  # postinst makes the users with it
    "systemd | systemd-standalone-tmpfiles | systemd-tmpfiles",  # and the folders with this
)
RECOMMENDS = (
    "openssl",  # encrypts what `kiosk-agent queue export` writes
    "systemd-timesyncd | time-daemon",  # a board has no clock of its own
)
SUGGESTS = ("prometheus-node-exporter",)

_CONTROL = """\
Package: {package}
Version: {version}
Architecture: all
Maintainer: {maintainer}
Installed-Size: {size}
Depends: {depends}
Recommends: {recommends}
Suggests: {suggests}
Section: video
Priority: optional
Description: playback on kiosks and signage, counted in Kaltura analytics
 kiosk-agent plays a playlist through VLC on a Raspberry Pi or a PC and reports
 what was played to Kaltura: each play, quartile, pause and seek, in order and
 exactly once, also after weeks without a network and after power cuts.
 .
 It needs no desktop, is steered by a file or an MQTT broker, and keeps its
 queue of unsent events through upgrades. Its Python libraries come with it;
 they do not meet those of the system.
"""


def control(*, version: str, maintainer: str, size_kib: int) -> str:
    """DEBIAN/control."""
    return _CONTROL.format(
        package=PACKAGE,
        version=version,
        maintainer=maintainer,
        size=size_kib,
        depends=", ".join(DEPENDS),
        recommends=", ".join(RECOMMENDS),
        suggests=", ".join(SUGGESTS),
    )


# At boot, as soon as there is a configuration. The player's unit and the intake's socket are for whoever wants them.
ENABLED = ("kiosk-agent.service", "kiosk-agent-firstboot.service")


def scripts(
    *, version: str, schema: int, units: Sequence[str], sysusers: Sequence[str], tmpfiles: Sequence[str]
) -> dict[str, str]:
    """The maintainer scripts by name."""
    known = {
        "@VERSION@": version,
        "@SCHEMA@": str(schema),
        "@UNITS@": " ".join(units),
        "@ENABLED@": " ".join(unit for unit in ENABLED if unit in units),
        "@SYSUSERS@": " ".join(sysusers),
        "@TMPFILES@": " ".join(tmpfiles),
    }
    return {name: _filled((_FOLDER / name).read_text(encoding="utf-8"), known) for name in SCRIPTS}


def _filled(text: str, known: dict[str, str]) -> str:
    for mark, value in known.items():
        text = text.replace(mark, value)
    return text
