"""How a broker knows the devices: passwords, mosquitto's lines for users and for what they may do.

Contract: pure but for `new_password` and `user_line`, which draw from `secrets`. `user_line` writes what
mosquitto_passwd writes (`$7$`, PBKDF2 with SHA-512), `knows` checks a line against a password, `access_lines` writes
the ACL of one device.
Rules: a password has 192 random bits, so the hash's rounds protect nothing that chance does not; mosquitto's own
number keeps a thousand kiosks that come back at once cheap for the broker.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping

from agent.remote.topics import Device, Fleet, Topics

_ROUNDS = 101
_SALT_BYTES = 12
_KEY_BYTES = 64


def new_password() -> str:
    """32 characters that are safe in a file and on a keyboard."""
    return secrets.token_urlsafe(24)


def user_line(user: str, password: str) -> str:
    """The line of mosquitto's password file."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return f"{user}:$7${_ROUNDS}${_text(salt)}${_text(_key(password, salt, rounds=_ROUNDS))}"


def knows(line: str, password: str) -> bool:
    """Whether the line is for this password; not for a line of another kind."""
    try:
        _, kind, rounds, salt, key = line.partition(":")[2].split("$")
        expected = _key(password, base64.b64decode(salt), rounds=int(rounds))
        return kind == "7" and hmac.compare_digest(base64.b64decode(key), expected)
    except ValueError:
        return False


def users(content: str) -> dict[str, str]:
    """A password file's lines by user."""
    return {line.partition(":")[0]: line for line in content.splitlines() if ":" in line}


def access_lines(topics: Topics, device: str) -> str:
    """What mosquitto's ACL says about one device, for brokers that do not use the pattern of the sample."""
    mine = Device(device)
    return "\n".join(
        (
            f"user {device}",
            f"topic read {topics.desired(Fleet())}",
            f"topic read {topics.root}/group/+/desired",
            f"topic read {topics.desired(mine)}",
            f"topic read {topics.command(device)}",
            f"topic readwrite {topics.presence(device)}",
            f"topic write {topics.state(device)}",
            f"topic write {topics.result(device)}",
        )
    )


def accesses(content: str) -> dict[str, str]:
    """The parts of an ACL file that `joined` wrote, by user."""
    parts = (part.strip() for part in content.split("\n\n"))
    return {part.partition("\n")[0].removeprefix("user "): part for part in parts if part.startswith("user ")}


def joined(parts: Mapping[str, str], *, between: str) -> str:
    """A file's content, by user."""
    return "".join(f"{parts[user]}{between}" for user in sorted(parts))


def _key(password: str, salt: bytes, *, rounds: int) -> bytes:
    return hashlib.pbkdf2_hmac("sha512", password.encode(), salt, rounds, _KEY_BYTES)


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()
