"""The `[intake]` and `[visits]` tables: what the kiosk's own application may tell, and to whom it belongs.

Contract and rules: as agent.config.model.
Reasons: the guide's sections 6 and 12.2; decision 27. Visits are off by default: nothing about a visitor leaves the
device unless somebody wants it to.
"""

# ruff: noqa: RUF009  (`setting` and `table` make attrs fields, as attrs.field does; nothing is shared)

import attrs

from agent.config.addresses import SecretFile
from agent.config.kinds import Flag, Number, Several, Text, Whole
from agent.config.setting import Effect, setting, table
from agent.config.web_origin import WebOrigin


@attrs.frozen(kw_only=True)
class Web:
    """A listener on the loopback address for applications that run in the kiosk's browser."""

    enabled: bool = setting(Flag(), "Whether it listens.", default=False, effect=Effect.AGENT)
    port: int = setting(Whole(1024, 65_535), "The port on 127.0.0.1.", default=8337, effect=Effect.AGENT)
    origins: tuple[str, ...] = setting(
        Several(WebOrigin(), 32),
        "The pages that may ask, by their origin. Others are refused, whatever token they have.",
        default=(),
        effect=Effect.AGENT,
        example=["https://kiosk.example.com"],
    )
    token_file: str | None = setting(
        SecretFile(),
        "The file that holds the token which each request must bring; named as kaltura.session.ks_file.",
        effect=Effect.AGENT,
        secret=True,
        required="while intake.web.enabled",
        unset="none",
        example="/etc/kiosk-agent/intake-token",
    )


@attrs.frozen(kw_only=True)
class Intake:
    """The local socket on which the kiosk's own application reports page loads, clicks and the like."""

    enabled: bool = setting(Flag(), "Whether it listens.", default=True, effect=Effect.AGENT)
    socket: str | None = setting(
        Text("the path of a socket", longest=100),
        "Where the socket stands; a relative path starts at the state folder. A socket that systemd hands over goes "
        "before.",
        effect=Effect.AGENT,
        unset="intake.sock in the service's runtime folder (/run/kiosk-agent), else in the state folder",
        example="/run/kiosk-agent/intake.sock",
    )
    group: str | None = setting(
        Text("the name of a group", longest=64),
        "Whose members may report, beside the agent's own user and root.",
        effect=Effect.AGENT,
        unset="nobody else",
        example="kiosk",
    )
    rate: float = setting(
        Number(0.1, 10_000),
        "How many events a second are taken in the long run from all applications together; more are refused with an "
        "error that says when to try again.",
        default=20.0,
        unit="events/s",
        effect=Effect.AGENT,
    )
    burst: int = setting(Whole(1, 10_000), "How many may come at once.", default=200, effect=Effect.AGENT)
    web: Web = table(Web, "A listener on the loopback address for applications that run in the kiosk's browser.")


@attrs.frozen(kw_only=True)
class Visits:
    """Whether visitors of a touch kiosk are told apart: a visit's page views, clicks and plays share a context."""

    enabled: bool = setting(
        Flag(),
        "Whether each visit gets a context of its own (a random-looking id, not a person's), which is sent with its "
        "page views, clicks and plays.",
        default=False,
        effect=Effect.AGENT,
    )
    idle_s: float = setting(
        Number(5, 86_400),
        "A visit is over after this long without an event of the application; it may also end a visit itself.",
        default=90.0,
        unit="s",
        effect=Effect.AGENT,
    )
