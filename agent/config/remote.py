"""The `[remote]` table: the broker that this kiosk is steered by, and what it may steer.

Contract and rules: as agent.config.model.
Reasons: decisions 33 to 35; edge.md section 5. `remote.allow` and the two media lists are the machine's own word about
what the broker may do, so no document can widen them.
"""

# ruff: noqa: RUF009  (`setting` and `table` make attrs fields, as attrs.field does; nothing is shared)

from enum import Enum

import attrs

from agent.config.addresses import SecretFile
from agent.config.broker import BrokerUrl, FolderPath, GroupName, HostName, KeyFile, PublicFile, SettingName, TopicBase
from agent.config.kinds import Choice, Number, Several, Text, Whole
from agent.config.setting import Effect, setting


class Protocol(Enum):
    """Which MQTT is spoken: AUTO begins with 5 and falls back to 3.1.1 where the broker knows no better."""

    AUTO = "auto"
    V5 = "5"
    V311 = "3.1.1"


@attrs.frozen(kw_only=True)
class Remote:
    """The MQTT broker that steers this kiosk; without an address the kiosk stands on its own."""

    url: str | None = setting(
        BrokerUrl(),
        "The broker's address: mqtts:// (port 8883), mqtt:// (1883, not encrypted), wss:// (443) or ws:// (80), with "
        "another port or a path where it needs one.",
        effect=Effect.BROKER,
        unset="no broker: the machine's file alone counts",
        example="mqtts://broker.example.com",
    )
    base: str = setting(
        TopicBase(),
        "What all topics begin with.",
        default="kiosk",
        effect=Effect.BROKER,
    )
    groups: tuple[str, ...] = setting(
        Several(GroupName(), 16),
        "The groups this kiosk belongs to; where their documents differ, the later one counts. The groups of the "
        "device's own document take the place of these.",
        default=(),
        example=["berlin", "lobby"],
    )
    user: str | None = setting(
        Text(longest=100),
        "As whom it logs in.",
        effect=Effect.BROKER,
        unset="device.id, which is the client id too",
        example="device-001",
    )
    password_file: str | None = setting(
        SecretFile(),
        "The file that holds the password; named as kaltura.session.ks_file.",
        effect=Effect.BROKER,
        secret=True,
        unset="none",
        example="/etc/kiosk-agent/broker-password",
    )
    ca_file: str | None = setting(
        PublicFile(),
        "The certificate authority that the broker's certificate must come from (PEM).",
        effect=Effect.BROKER,
        unset="the system's authorities",
        example="/etc/kiosk-agent/broker-ca.pem",
    )
    certificate_file: str | None = setting(
        PublicFile(),
        "The certificate by which this kiosk proves who it is (PEM); it needs remote.key_file.",
        effect=Effect.BROKER,
        unset="none",
        example="/etc/kiosk-agent/device.pem",
    )
    key_file: str | None = setting(
        KeyFile(),
        "The private key of that certificate (PEM, without a password).",
        effect=Effect.BROKER,
        secret=True,
        unset="none",
        example="/etc/kiosk-agent/device.key",
    )
    protocol: Protocol = setting(
        Choice(Protocol),
        "Which MQTT is spoken: auto begins with 5 and falls back to 3.1.1.",
        default=Protocol.AUTO,
        effect=Effect.BROKER,
    )
    keepalive_s: int = setting(
        Whole(10, 3600),
        "How often the line shows that it is alive. A dead one is noticed after once to twice this time; a short one "
        "costs traffic on a mobile line.",
        default=60,
        unit="s",
        effect=Effect.BROKER,
    )
    session_expiry_days: float = setting(
        Number(0, 365),
        "How long the broker keeps what is published for this kiosk while it is away (MQTT 5; a broker that speaks "
        "3.1.1 only has a rule of its own).",
        default=7.0,
        unit="days",
        effect=Effect.BROKER,
    )
    trial_s: float = setting(
        Number(10, 3600),
        "How long a connection whose settings a document has changed may take to come back before the agent returns to "
        "the last good configuration.",
        default=120.0,
        unit="s",
    )
    report_every_s: float = setting(
        Number(30, 86_400),
        "How often the state is reported where nothing of note has changed.",
        default=300.0,
        unit="s",
        remote=True,
    )
    allow: tuple[str, ...] = setting(
        Several(SettingName(), 100),
        "Settings and tables that documents may change beyond those that are marked so: what is named here is given "
        "into the hands of whoever may publish at the broker.",
        default=(),
        example=["kaltura.service_url", "player.vlc_options"],
    )
    media_roots: tuple[str, ...] = setting(
        Several(FolderPath(), 32),
        "Folders below which a playlist from the broker may name files.",
        default=("/srv/media",),
    )
    media_hosts: tuple[str, ...] = setting(
        Several(HostName(), 64),
        "Hosts on which a playlist from the broker may name media; *.example.com is every host below.",
        default=(),
        example=["cdnapisec.kaltura.com", "*.example.com"],
    )
