"""The config file to a Config, every fault with its place; platforms hand in the models of their options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ..campaign.campaign import Model
from ..campaign.config import PLATFORMS, SQLITE, AccountConfig, Config, Secret, ledger_path
from ..campaign.written import ID
from ..errors import InvalidFilesError, Place, Problem, Severity
from ..source import Document, Fault, SourceError, nearest, read, read_bytes, shown
from .faults import translate, unknown_key
from .folders import shown_as
from .loaded import Path_
from .secrets import is_set
from .tree import Found, Missing, Tree

OptionModels = Mapping[str, type[Model]]
CONFIG_KEYS = tuple(name for name in Config.model_fields if name != "path")
ACCOUNT_KEYS = tuple(name for name in AccountConfig.model_fields if name not in ("name", "options"))
_DEFAULTS = {"campaigns": "campaigns/", "ledger": "sqlite:///state/campaigner.db"}
_NOT_FOUND = "Begin a working folder with: campaigner init"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigFile:
    """A config as read; `config` is None when an error holds it back. `places` gives (line, column) from 1."""

    path: Path
    shown_as: str
    config: Config | None
    problems: tuple[Problem, ...] = ()
    places: Mapping[Path_, tuple[int, int]] = field(default_factory=dict)


def read_config(path: Path, option_models: OptionModels, *, folder: Path | None = None) -> Config:
    """Return the config; raise InvalidFilesError with every problem of the file. See load_config."""
    file = load_config(path, option_models, folder=folder)
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
        document = read(read_bytes(path))
    except FileNotFoundError:
        raise InvalidFilesError(f"there is no config {name}", hint=_NOT_FOUND) from None
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        document = Document(None, (Fault(1, 1, "unreadable", f"the file cannot be read: {reason}"),))
    except SourceError as error:
        document = Document(None, (error.fault,))
    parsing = _Parsing(path=path, document=document, models=option_models)
    config = parsing.config()
    problems = parsing.problems(name)
    held_back = any(problem.severity is Severity.ERROR for problem in problems)
    places = {path: place for path, place in parsing.tree.places.items() if path}
    return ConfigFile(path=path, shown_as=name, config=None if held_back else config, problems=problems, places=places)


def ledger_path_of(path: Path) -> Path | None:
    """Where the ledger is by a config that can't be used otherwise; None when that can't be known for certain."""
    try:
        values = Tree(read(read_bytes(path))).values
    except (OSError, SourceError):
        return None
    # Of a key that nobody knows, it can't be said whether `ledger` was meant.
    if not isinstance(values, dict) or not set(values) <= set(CONFIG_KEYS):
        return None
    ledger = values.get("ledger", _DEFAULTS["ledger"])
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
    line, column = file.places.get(path, file.places.get(path[:1], (1, 1)))
    return Problem(
        place=Place(file.shown_as, line, column),
        code="unset-reference",
        message=f"{secret} is not set: nothing is sent there",
        help="Set it, or delete the line.",
        severity=Severity.WARNING,
    )


@dataclass(eq=False, kw_only=True)
class _Parsing:
    """The work on one config. Call `config` once, then `problems`."""

    path: Path
    document: Document
    models: OptionModels
    tree: Tree = field(init=False)
    found: list[Found] = field(init=False)

    def __post_init__(self) -> None:
        self.tree = Tree(self.document)
        self.found = list(self.tree.faults)

    def config(self) -> Config | None:
        values = self.tree.values
        if values is None or isinstance(values, Missing):
            return None
        if not isinstance(values, dict):
            self._add((), "wrong-kind", "the keys of a config were wanted", "Begin with timezone: and accounts:")
            return None
        zone = values.get("timezone")
        accounts = self._accounts(values.get("accounts"), zone)
        if "accounts" not in values:
            help_ = (
                "Write accounts: and below it each account under a name of its own, with its platform and languages."
            )
            self._add((), "missing-key", '"accounts" is missing', help_)
        if "path" in values:
            self.found.append(unknown_key(("path",), CONFIG_KEYS))
        fields = {**_DEFAULTS, "accounts": {}, **values, "path": self.path}
        if isinstance(fields["accounts"], dict):
            fields["accounts"] = accounts
        try:
            return Config.model_validate(self._resolved(fields))
        except ValidationError as error:
            self.found += translate(error, self.tree, (), _known_keys)
            return None

    def problems(self, name: str) -> tuple[Problem, ...]:
        """Return every fault in the file's order."""
        problems = [
            Problem(
                place=Place(name, *self.tree.position(found)),
                code=found.code,
                message=found.message,
                help=found.help,
            )
            for found in self.found
        ]
        problems += [
            Problem(
                place=Place(name, fault.line, fault.column), code=fault.code, message=fault.message, help=fault.help
            )
            for fault in self.document.faults
        ]
        return tuple(sorted(problems, key=lambda problem: problem.place))

    def _resolved(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Paths become absolute: they are relative to the config."""
        folder, campaigns = self.path.parent, fields.get("campaigns")
        result = dict(fields)
        if isinstance(campaigns, str):
            campaigns = [campaigns]
        if isinstance(campaigns, list):
            result["campaigns"] = [folder / path if isinstance(path, str) else path for path in campaigns]
        return result

    def _accounts(self, value: Any, zone: Any) -> dict[str, AccountConfig]:
        if not isinstance(value, dict):
            return {}
        if not value:
            self._add(("accounts",), "empty-value", "no account stands here", "Write at least one account.")
        read_ = ((name, self._account(name, raw, zone)) for name, raw in value.items())
        return {name: account for name, account in read_ if account is not None}

    def _account(self, name: str, raw: Any, zone: Any) -> AccountConfig | None:
        path = ("accounts", name)
        if not isinstance(raw, dict):
            if not isinstance(raw, Missing):
                self._add(path, "wrong-kind", "an account's keys were wanted", "Write platform: and its options below.")
            return None
        self._name(path, name, raw)
        for key in ("platform", "like"):
            self._platform((*path, key), raw.get(key))
        options = self._options(path, raw)
        common = {key: raw[key] for key in ACCOUNT_KEYS if key in raw}
        common.setdefault("timezone", zone if isinstance(zone, str) else "UTC")
        try:
            return AccountConfig.model_validate({**common, "name": "x", "options": options}).model_copy(
                update={"name": name}
            )
        except ValidationError as error:
            wrong_zone = "timezone" not in raw
            self.found += [
                found
                for found in translate(error, self.tree, path, _known_keys)
                if not (wrong_zone and found.code == "timezone")
            ]
            return None

    def _name(self, path: Path_, name: str, raw: Mapping[str, Any]) -> None:
        if not ID.fullmatch(name):
            help_ = "Use small letters a to z, digits and hyphens, as in iom-finland-x."
            self._add(path, "name", f'"{shown(name)}" cannot be the name of an account', help_, key=True)
        if name == "all":
            self._add(path, "name", "all means every account", "Give the account another name.", key=True)
        # Whether a plug-in has that name is not asked: to list the plug-ins costs more than to read the whole file.
        if name in PLATFORMS and name not in (raw.get("platform"), raw.get("like")):
            message = f'the account "{name}" has the name of another platform'
            self._add(path, "name", message, "Give the account another name.", key=True)

    def _platform(self, path: Path_, platform: Any) -> None:
        if isinstance(platform, str) and platform in PLATFORMS and platform not in self.models:
            self._add(
                path, "not-yet", f"this version cannot post to {platform} yet", "Use another platform, or console."
            )
        elif isinstance(platform, str) and platform not in self.models:
            near = nearest(platform.lower(), sorted(self.models))
            help_ = f"Did you mean {near}?" if near else f"Known here: {', '.join(sorted(self.models))}."
            self._add(path, "platform", f'"{shown(platform)}" is no platform known here', help_)

    def _options(self, path: Path_, raw: Mapping[str, Any]) -> Model:
        """Validate what is not common to all accounts by the model of the platform."""
        platform = raw.get("platform")
        model = self.models.get(platform) if isinstance(platform, str) else None
        if model is None:
            return Model()
        options = {key: value for key, value in raw.items() if key not in ACCOUNT_KEYS}
        try:
            return model.model_validate(options)
        except ValidationError as error:
            known = (*ACCOUNT_KEYS, *model.model_fields)
            self.found += translate(error, self.tree, path, lambda _: known)
            return Model()

    def _add(self, path: Path_, code: str, message: str, help_: str, *, key: bool = False) -> None:
        self.found.append(Found(path, code, message, help_, key=key))


def _known_keys(path: Path_) -> tuple[str, ...]:
    return CONFIG_KEYS if not path else ACCOUNT_KEYS if len(path) == 2 and path[0] == "accounts" else ()
