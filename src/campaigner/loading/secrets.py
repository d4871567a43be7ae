"""References to secrets, resolved from the environment, a file or the keyring; no value ever reaches a message."""

from __future__ import annotations

import codecs
import importlib
import stat
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..campaign.config import Config, Secret
from ..campaign.model import Model
from ..errors import SurroundingsError

MAX_SECRET_BYTES = 100_000


def resolve_secret(secret: Secret, *, folder: Path, environment: Mapping[str, str]) -> str:
    """Return the secret that a reference names; `folder` is where the config lies.

    Raises SurroundingsError, naming the reference and never the value, when nothing is there.
    """
    found = _RESOLVERS[secret.kind](secret, folder, environment)
    value = found.removeprefix("\ufeff").rstrip("\r\n")
    if not value.strip():
        raise SurroundingsError(f"the secret {secret} is empty", hint="Put the value there, then try again.")
    if fault := _fault_of(value):
        raise SurroundingsError(f"the secret {secret} {fault}", hint="Put the value alone there, on one line.")
    return value


def _fault_of(value: str) -> str:
    """What no secret has, in words that say nothing of the rest of it; "" for a sound one."""
    if len(value) > MAX_SECRET_BYTES:
        return "is no text of a usable length"
    if len(value.splitlines()) > 1:
        return "holds a line break"
    if value[0] == value[-1] and value[0] in "\"'" and len(value) > 1:
        return "stands in quotation marks"
    odd = next((letter for letter in value if letter > "\xff" or unicodedata.category(letter) in ("Cc", "Cf")), None)
    return f"holds a character that no header can carry (U+{ord(odd):04X})" if odd else ""


def secrets_of(options: Model, folder: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """The values behind an account's references; raises SurroundingsError that names every one that is missing."""
    found: dict[str, str] = {}
    missing: list[SurroundingsError] = []
    for name in type(options).model_fields:
        if isinstance(value := getattr(options, name), Secret):
            try:
                found[name] = resolve_secret(value, folder=folder, environment=environment)
            except SurroundingsError as error:
                missing.append(error)
    if missing:
        hints = dict.fromkeys(error.hint for error in missing if error.hint)
        raise SurroundingsError("; ".join(map(str, missing)), hint=" ".join(hints))
    return found


def all_secrets(config: Config, environment: Mapping[str, str]) -> list[str]:
    """The values behind all references of a config; those that are not set are left out."""
    of_accounts = [account.options for account in config.accounts.values()]
    options = [getattr(one, name) for one in of_accounts for name in type(one).model_fields]
    found = [value for value in (*config.alerts, config.heartbeat, *options) if isinstance(value, Secret)]
    where: dict[str, Any] = {"folder": config.folder, "environment": environment}
    return [resolve_secret(secret, **where) for secret in found if is_set(secret, **where)]


def is_set(secret: Secret, *, folder: Path, environment: Mapping[str, str]) -> bool:
    """Tell if a reference leads to a value."""
    try:
        resolve_secret(secret, folder=folder, environment=environment)
    except SurroundingsError:
        return False
    return True


def _from_environment(secret: Secret, folder: Path, environment: Mapping[str, str]) -> str:
    if secret.name not in environment:
        hint = f"Set the environment variable {secret.name} for the user that runs campaigner."
        raise SurroundingsError(f"the secret {secret} is not set", hint=hint)
    return environment[secret.name]


def _from_file(secret: Secret, folder: Path, environment: Mapping[str, str]) -> str:
    """Line ends after it, and a mark of the encoding before it, are the editor's, not the secret's."""
    path = folder / Path(secret.name).expanduser()
    try:
        kind = stat.S_IFMT(path.stat().st_mode)
        if kind not in (stat.S_IFREG, stat.S_IFDIR):
            raise SurroundingsError(f"the secret {secret} is a device or a pipe, not a file", hint="Check the path.")
        with path.open("rb") as file:
            content = file.read(MAX_SECRET_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        message = f"the secret {secret} cannot be read: {reason}"
        raise SurroundingsError(message, hint="Check the path and who may read it.") from None
    if len(content) > MAX_SECRET_BYTES:
        raise SurroundingsError(f"the secret {secret} is no text of a usable length", hint="Check the file.")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise SurroundingsError(f"the secret {secret} is written in UTF-16", hint="Save the file as UTF-8.")
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise SurroundingsError(f"the secret {secret} is no text in UTF-8", hint="Check the file.") from None


def _from_keyring(secret: Secret, folder: Path, environment: Mapping[str, str]) -> str:
    service, _, name = secret.name.partition("/")
    try:
        keyring = importlib.import_module("keyring")
    except ImportError:
        hint = "Install campaigner with it: campaigner[keyring]"
        raise SurroundingsError(f"the secret {secret} needs the keyring, which is not installed", hint=hint) from None
    try:
        value = keyring.get_password(service, name)
    except Exception as error:
        message = f"the keyring gives no answer for {secret}: {type(error).__name__}"
        raise SurroundingsError(message, hint="Unlock the keyring, then try again.") from None
    if value is None:
        raise SurroundingsError(f"the secret {secret} is not in the keyring", hint=f"keyring set {service} {name}")
    return str(value)


_RESOLVERS = {"env": _from_environment, "file": _from_file, "keyring": _from_keyring}
