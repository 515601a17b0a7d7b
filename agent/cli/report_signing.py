"""What `kiosk-agent report --sign` and `--signed` do.

Contract: `sign` writes the end of the ledger's chain, signed with this kiosk's own key, as JSON; `check` says whether
such a file is good by a certificate, and whether the ledger still has all that was signed. Whatever goes wrong ends the
command with a text and exit status 1.
Rules: openssl runs here and not in the agent, so the agent's player goes on, and whoever may not read the key cannot
sign.
"""

import json
from dataclasses import asdict
from pathlib import Path

import click

from agent.cli.calls import reached
from agent.cli.exits import Exit
from agent.cli.layout import bad, good, show
from agent.config.files import load
from agent.config.problems import ConfigurationError
from agent.kernel.plays import ChainHead
from agent.runtime.portable.signing import Signature, Signer, SigningError, verify

_NO_KEY = "This kiosk has no key: set ledger.key_file (or remote.key_file) to its private key."


def sign(state_dir: Path, config: Path) -> Exit:
    """Sign where the chain ends now."""
    try:
        settings = load(config).settings
    except ConfigurationError as error:
        raise click.ClickException(str(error)) from None
    key = settings.ledger.key_file or settings.remote.key_file
    if key is None:
        raise click.ClickException(_NO_KEY)
    with reached(state_dir) as call:
        head = call("ledger.head")
    try:
        signed = Signer(settings.device.id, lambda: Path(key)).sign(
            ChainHead(head["number"], head["hash"], head["first"])
        )
    except SigningError as error:
        raise click.ClickException(str(error)) from None
    assert signed is not None
    click.echo(json.dumps({"v": 1, **asdict(signed)}, indent=2))
    return Exit.OK


def check(state_dir: Path, file: Path, certificate: Path) -> Exit:
    """Say whether the signature is good, and whether what was signed is still there."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        signed = Signature(str(found["device"]), int(found["number"]), str(found["hash"]), str(found["text"]))
    except (OSError, ValueError, KeyError, TypeError):
        raise click.ClickException(f"{file} is no signature that kiosk-agent report --sign has written.") from None
    try:
        is_good = verify(signed, certificate)
    except SigningError as error:
        raise click.ClickException(str(error)) from None
    if not is_good:
        show([bad(f"The signature is not that of {certificate}, or the file was changed.")])
        return Exit.FAILED
    with reached(state_dir) as call:
        head = call("ledger.head", number=signed.number, hash=signed.hash)
    if signed.number and not head["passes"]:
        gone = (
            "its lines are too old and left the ledger" if signed.number < head["first"] else "its lines are others now"
        )
        show(
            [
                good(f"Signed by {signed.device} up to play {signed.number:,}."),
                bad(f"This ledger has not that: {gone}."),
            ]
        )
        return Exit.FAILED
    show([good(f"Signed by {signed.device} up to play {signed.number:,}, and this ledger has just that.")])
    return Exit.OK
