"""The config file to a Config, every fault with its place; platforms hand in the models of their options."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from ..campaign.config import PLATFORMS, SQLITE, AccountConfig, Config, Secret, ledger_path, platform_meant
from ..campaign.fields import ID, id_help
from ..campaign.kinds import INVALID, NONE, At, FieldError, Kind, Named, Reading
from ..campaign.model import Model, Record
from ..errors import InvalidFilesError, Place, Problem, Severity, nearest, shown, spelled
from ..strict_yaml import Mapping as NamesAndValues
from ..strict_yaml import Node, UnreadableFileError, plain, read_bytes
from .campaign_file import Path_, Places, open_document, read_model
from .discovery import shown_as
from .secrets import is_set

OptionModels = Mapping[str, type[Model]]


class ConfigFile(NamedTuple):
    """A config as read; `config` is None when an error holds it back."""

    path: Path
    shown_as: str
    config: Config | None
    problems: tuple[Problem, ...]
    places: Places

    def place_of_campaigns(self, path: Path) -> Place:
        """Where a path of `campaigns` is written."""
        named = self.config.campaigns if self.config else ()
        return self.places.of(("campaigns", named.index(path) if path in named else 0))


class ConfigReader:
    """Reads one config, and parses it again only when its bytes have changed."""

    def __init__(self, path: Path, option_models: OptionModels) -> None:
        self._path, self._models = path, option_models
        self._known: tuple[bytes, ConfigFile] | None = None

    def file(self) -> ConfigFile:
        """The config as it is now, with every problem of it; raises InvalidFilesError when there is none."""
        try:
            content = read_bytes(self._path)
        except (OSError, UnreadableFileError):
            return load_config(self._path, self._models)
        if self._known is None or self._known[0] != content:
            self._known = content, load_config(self._path, self._models)
        return self._known[1]

    def read(self) -> Config:
        """The config as it is now; raises InvalidFilesError with every problem of the file."""
        file = self.file()
        if file.config is None:
            raise InvalidFilesError(f"the config {file.shown_as} cannot be used", problems=file.problems)
        return file.config


def load_config(path: Path, option_models: OptionModels, *, folder: Path | None = None) -> ConfigFile:
    """Read a config with every problem of it; raise InvalidFilesError when there is none.

    `folder` is the working directory, which the path is shown relative to.
    """
    path = path.absolute()
    name = shown_as(path, folder or Path.cwd())
    try:
        document = open_document(path, name)
    except FileNotFoundError:
        raise _no_config(path) from None
    reading = Reading(document, name)
    config = read_model(partial(_ConfigRecord(option_models).read, path=path), reading)
    held_back = any(problem.severity is Severity.ERROR for problem in reading.problems)
    return ConfigFile(
        path=path,
        shown_as=name,
        config=None if held_back else config,
        problems=tuple(reading.problems),
        places=Places(lambda: document, name),
    )


def _no_config(path: Path) -> InvalidFilesError:
    """Where it is looked for, and where one is: most likely a person stands in a folder below it."""
    here, above = path.parent, next((one for one in path.parent.parents if (one / path.name).is_file()), None)
    hint = "name it with --config, or begin a working folder with `campaigner init`"
    if above is not None:
        way = os.path.relpath(above, here)
        hint = (
            f"there is one in {spelled(str(above))}: type `cd {way}` first, or add --config {way}/{spelled(path.name)}"
        )
    return InvalidFilesError(
        f"there is no {spelled(path.name)} in {spelled(str(here))}, where it is looked for", hint=hint
    )


class _ConfigRecord(Record):
    """The config, whose paths become absolute and whose accounts have its zone where they name none."""

    def __init__(self, models: OptionModels) -> None:
        super().__init__(Config)
        self._accounts = _Accounts(models)

    def values(self, node: Any, at: At, reading: Reading, also: Mapping[str, Kind] = NONE) -> dict[str, Any]:
        return super().values(node, at, reading, {"accounts": self._accounts, **also})

    def read(self, node: Node, at: At, reading: Reading, /, **given: Any) -> Any:
        config = super().read(node, at, reading, **given)
        if config is INVALID:
            return INVALID
        campaigns = [config.folder / place for place in config.campaigns or ("campaigns/",)]
        zone = {"timezone": config.timezone}
        accounts = {
            name: account if "timezone" in vars(account) else account.model_copy(update=zone)
            for name, account in config.accounts.items()
        }
        return config.model_copy(update={"campaigns": tuple(campaigns), "accounts": accounts})


def ledger_path_of(path: Path) -> Path | None:
    """Where the ledger is by a config that can't be used otherwise; None when that can't be known for certain."""
    try:
        values = plain(open_document(path, "").root)
    except OSError:
        return None
    # Of a key that nobody knows, it can't be said whether `ledger` was meant.
    if not isinstance(values, dict) or not set(values) <= set(Config.keys):
        return None
    ledger = values.get("ledger", Config.ledger)
    if not isinstance(ledger, str) or not ledger.startswith(SQLITE):
        return None
    return ledger_path(ledger, path.absolute().parent)


def unset_references(file: ConfigFile, environment: Mapping[str, str]) -> tuple[Problem, ...]:
    """Return a warning for each optional reference (alerts, heartbeat) that leads to nothing."""
    if file.config is None:
        return ()
    references: list[tuple[Path_, Secret]] = [
        (("alerts", index), secret) for index, secret in enumerate(file.config.alerts)
    ]
    if file.config.heartbeat is not None:
        references.append((("heartbeat",), file.config.heartbeat))
    folder = file.config.folder
    return tuple(
        _unset(file, path, secret)
        for path, secret in references
        if not is_set(secret, folder=folder, environment=environment)
    )


def _unset(file: ConfigFile, path: Path_, secret: Secret) -> Problem:
    return Problem(
        place=file.places.of(path),
        code="unset-reference",
        message=f"{secret} is not set: nothing is sent there",
        help="Set it, or delete the line.",
        severity=Severity.WARNING,
    )


class _Accounts(Named):
    """Accounts by name, each with the options of its platform."""

    def __init__(self, models: OptionModels) -> None:
        super().__init__(Record(AccountConfig))
        self._models = models

    def read(self, node: Node, at: At, reading: Reading) -> Any:
        if type(node) is NamesAndValues and not node.items:
            return reading.refuse(
                at, node, FieldError("empty-value", "no account stands here", "Write at least one account.")
            )
        return super().read(node, at, reading)

    def _value(self, key: Any, value: Node, reading: Reading) -> Any:
        if type(value) is not NamesAndValues:
            return reading.refuse_kind(key, value, AccountConfig.wanted)
        written = {key: plain(value.items[key][1]) for key in ("platform", "like") if key in value.items}
        _check_name(key, written.values(), reading)
        model = self._models.get(str(written.get("platform")))
        if model is None:
            # What its options would be is not known.
            common = AccountConfig.keys
            items = {name: item for name, item in value.items.items() if name in common or nearest(name, common, 0.8)}
            value = NamesAndValues(items, value.start_mark, value.end_mark)
        found = self._read_account(value, key, reading, model or Model)
        for name, platform in written.items():
            if isinstance(platform, str) and platform not in self._models:
                name_of, node = value.items[name]
                found[name] = reading.refuse(name_of, node, _unknown_platform(platform, self._models))
        if INVALID in found.values():
            return INVALID
        options = {name: found.pop(name) for name in (model or Model).keys if name in found}
        return AccountConfig.made({**found, "name": key.value, "options": (model or Model).made(options)})

    def _read_account(self, node: Node, at: At, reading: Reading, model: type[Model]) -> dict[str, Any]:
        also = {name: kind for name, kind in model.kinds().items() if name not in AccountConfig.keys}
        found = Record(AccountConfig).values(node, at, reading, also)
        for name in model.required_keys:
            if name not in node.items and name not in found:
                found[name] = reading.refuse(at, node, model.missing_key(name))
        return found


def _check_name(key: Any, platforms: Collection[Any], reading: Reading) -> None:
    name = key.value
    if not ID.fullmatch(name):
        help_ = id_help(name)
        reading.refuse_name(key, FieldError("name", f'"{shown(name)}" cannot be the name of an account', help_))
    if name == "all":
        reading.refuse_name(key, FieldError("name", "all means every account", "Give the account another name."))
    # Whether a plug-in has that name is not asked: to list the plug-ins costs more than to read the whole file.
    if name in PLATFORMS and name not in platforms:
        message = f'the account "{name}" has the name of another platform'
        reading.refuse_name(key, FieldError("name", message, "Give the account another name."))


def _unknown_platform(platform: str, models: OptionModels) -> FieldError:
    if platform in PLATFORMS:
        message = f"this version cannot post to {platform} yet"
        return FieldError("not-yet", message, "Use another platform, or console.")
    near = platform_meant(platform, sorted({*models, *PLATFORMS}))
    help_ = f"Did you mean {near}?" if near else f"Known here: {', '.join(sorted(models))}."
    if near in PLATFORMS and near not in models:
        help_ = f"Did you mean {near}? This version cannot post there yet."
    return FieldError("platform", f'"{shown(platform)}" is no platform known here', help_)
