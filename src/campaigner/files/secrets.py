"""References to secrets, resolved from the environment, a file or the keyring; no value ever reaches a message."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path

from ..campaign.config import Secret
from ..errors import SurroundingsError

MAX_SECRET_BYTES = 100_000


def resolve_secret(secret: Secret, *, folder: Path, environment: Mapping[str, str]) -> str:
    """Return the secret that a reference names; `folder` is where the config lies.

    Raises SurroundingsError, naming the reference and never the value, when nothing is there.
    """
    value = _RESOLVERS[secret.kind](secret, folder, environment)
    if not value:
        raise SurroundingsError(f"the secret {secret} is empty", hint="Put the value there, then try again.")
    return value


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
    """One newline at the end is the editor's, not the secret's."""
    path = folder / Path(secret.name).expanduser()
    try:
        with path.open("rb") as file:
            content = file.read(MAX_SECRET_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        message = f"the secret {secret} cannot be read: {reason}"
        raise SurroundingsError(message, hint="Check the path and who may read it.") from None
    try:
        text = content[:MAX_SECRET_BYTES].decode()
    except UnicodeDecodeError:
        text = ""
    if not text or len(content) > MAX_SECRET_BYTES:
        raise SurroundingsError(f"the secret {secret} is no text of a usable length", hint="Check the file.")
    return text.removesuffix("\n").removesuffix("\r")


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
