"""Where the program, its libraries and its units stand on a device.

Contract: `lay_program`, `lay_libraries` and `lay_units` put them into a Tree.
Rules: code and libraries stand in an environment of their own, /usr/lib/kiosk-agent, made as `python3 -m venv` makes
one: a link to the system's python3 and pyvenv.cfg, so that every Python started from there (the player's host, too)
sees these libraries and Debian's standard library, and nothing of /usr/local, of dist-packages or of a user.
The one folder of libraries has a link for each minor version of Python, since the interpreter looks for its own name.
Commands begin with a shell script that keeps the environment's and the working folder's Python files out (-I), also
for the interpreters that the agent starts and that have no -I (PYTHONSAFEPATH: `sudo kiosk-agent doctor` in a folder of
somebody else must not import what lies there).
Reasons: decision 40. A version is a link, not a dependency: a kiosk upgrades Debian without a new package.
"""

from pathlib import Path

from tools.deb.tree import PROGRAM, Tree

ROOT = Path(__file__).resolve().parents[2]
HOME = "/usr/lib/kiosk-agent"
LIBRARIES = f"{HOME}/lib/python3/site-packages"
# 3.11 is Bookworm's and 3.13 Trixie's; the later ones are there for upgrades of Debian, and cost one link each.
MINORS = range(11, 20)
# The operator's program; nothing on a device imports it.
LEFT_OUT = "fleet"

_LAUNCHER = """\
#!/bin/sh
# {what}
unset PYTHONPATH PYTHONHOME
export PYTHONSAFEPATH=1 PYTHONNOUSERSITE=1{more}
exec {home}/bin/python3 -I -m {module} "$@"
"""
# As agent.player.hostoptions.environment does for a host that the agent starts: else python-vlc runs ldconfig and gcc.
_PLAYER = """
export PYTHON_VLC_LIB_PATH="${PYTHON_VLC_LIB_PATH:-libvlc.so.5}" CACA_DRIVER="${CACA_DRIVER:-null}\""""


def lay_program(tree: Tree) -> None:
    """The commands, the interpreter's link, and our own code."""
    agent = _LAUNCHER.format(what="The agent, and what is asked of it.", home=HOME, module="agent.cli.main", more="")
    tree.put("/usr/bin/kiosk-agent", agent, PROGRAM)
    player = _LAUNCHER.format(
        what="The player's host: the process that owns libvlc.", home=HOME, module="agent.player.host", more=_PLAYER
    )
    tree.put("/usr/bin/kiosk-player", player, PROGRAM)
    attach = _LAUNCHER.format(
        what="Tells the agent what a VLC plays that runs already.",
        home=HOME,
        module="agent.player.attached.host",
        more="",
    )
    tree.put("/usr/bin/kiosk-attach", attach, PROGRAM)
    tree.put(f"{HOME}/pyvenv.cfg", "home = /usr/bin\ninclude-system-site-packages = false\n")
    tree.link(f"{HOME}/bin/python3", "../../../bin/python3")
    for minor in MINORS:
        tree.link(f"{HOME}/lib/python3.{minor}", "python3")
    for path in sorted((ROOT / "agent").rglob("*.py")):
        inside = path.relative_to(ROOT)
        if inside.parts[1] != LEFT_OUT:
            tree.put(f"{LIBRARIES}/{inside.as_posix()}", path.read_bytes())


def lay_units(tree: Tree) -> None:
    """Units and what creates users and folders, each where its manager looks for it; what is merely offered, beside."""
    for path in sorted((ROOT / "systemd").rglob("*")):
        place = _unit_place(path.relative_to(ROOT / "systemd"))
        if path.is_file() and place is not None:
            tree.put(place, path.read_bytes())
    waits = ROOT / "tools" / "deb" / "10-configured.conf"
    tree.put(f"/usr/lib/systemd/system/kiosk-agent.service.d/{waits.name}", waits.read_bytes())


_UNITS = (".service", ".socket", ".target", ".timer", ".path")


def _unit_place(inside: Path) -> str | None:
    if inside.parent == Path() and inside.suffix in _UNITS:
        return f"/usr/lib/systemd/system/{inside.name}"
    match inside.parts:
        case ("sysusers.d" | "tmpfiles.d" as folder, name) if name.endswith(".conf"):
            return f"/usr/lib/{folder}/{name}"
        case ("screens", name) if name.endswith(".conf"):
            return f"/usr/share/kiosk-agent/screens/{name}"
        case (folder, name) if folder.endswith(".d") and folder[:-2].endswith(_UNITS) and name.endswith(".conf"):
            return f"/usr/lib/systemd/system/{folder}/{name}"
        case _:
            return None
