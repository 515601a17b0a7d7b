"""The `[ledger]` table: how much of the ledger of plays is kept, and what signs it.

Contract and rules: as agent.config.model. None of it may be set remotely (decision 35): a broker must not have a
kiosk's own record deleted.
Reasons: config/ledger.md.
"""

import attrs

from agent.config.broker import KeyFile
from agent.config.kinds import Number
from agent.config.setting import Effect, setting


@attrs.frozen(kw_only=True)
class Ledger:
    """The ledger of plays."""

    max_age_days: float = setting(
        Number(1, 3650),
        "Plays that began longer ago leave the ledger.",
        default=365.0,
        unit="days",
        effect=Effect.AGENT,
    )
    max_mib: float | None = setting(
        Number(1, 4096),
        "The most that the ledger may take on the disk, on top of queue.max_bytes; beyond it the oldest plays leave. "
        "A play takes about 61 bytes.",
        unit="MiB",
        effect=Effect.AGENT,
        unset="64 MiB or 1 % of the file system, whichever is smaller: a year of clips of 30 s",
        example=64.0,
    )
    key_file: str | None = setting(
        KeyFile(),
        "The private key (PEM, without a password: Ed25519, EC or RSA) that reports are signed with, by the command "
        "openssl.",
        secret=True,
        unset="remote.key_file, where there is one; else reports are not signed",
        example="/etc/kiosk-agent/secrets/ledger.key",
    )
