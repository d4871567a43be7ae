"""The JSON Schema of a campaign and of the config, for editors: made from the models that check the files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic.json_schema import models_json_schema

from ..campaign.campaign import Campaign, Content, Edition, Model
from ..campaign.config import AccountConfig, Config
from ..campaign.editions import EVERY_YEAR

Schema = dict[str, Any]
_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_IDS = {"pattern": "^[a-z0-9-]+$"}
_YEAR = {"type": ["integer", "string"], "pattern": "^(19|20|21)[0-9]{2}(-[2-9])?$"}


def campaign_schema() -> Schema:
    """Return the JSON Schema (2020-12) of a campaign file."""
    definitions, _ = _definitions(Campaign, Content, Edition)
    campaign = definitions.pop("Campaign")
    _without(definitions["Message"], "id")
    definitions["Message"]["properties"]["variants"] = {
        "type": "object",
        "additionalProperties": {"$ref": "#/$defs/Content"},
    }
    properties = _without(campaign, "id", "title")
    properties["editions"] = _editions(definitions.pop("Edition"))
    properties["messages"] = {
        "type": "object",
        "propertyNames": _IDS,
        "additionalProperties": {"$ref": "#/$defs/Message"},
        "minProperties": 1,
    }
    return {
        "$schema": _DRAFT,
        "title": "A campaign of campaigner",
        **{name: value for name, value in campaign.items() if name not in ("title", "description")},
        "properties": {"format": {"const": 1}, "campaign": {"$ref": "#/$defs/Texts"}, **properties},
        "required": ["campaign", *campaign["required"]],
        "$defs": {**definitions, "Texts": _texts()},
    }


def config_schema(option_models: Mapping[str, type[Model]]) -> Schema:
    """Return the JSON Schema (2020-12) of a config whose accounts may be of these platforms."""
    definitions, names = _definitions(Config, *option_models.values())
    config, account = definitions.pop("Config"), definitions.pop("AccountConfig")
    definitions.pop("Model", None)
    properties = _without(config, "path")
    _without(account, "name", "options", "platform")
    account["required"] = [name for name in account["required"] if name != "timezone"]
    properties["campaigns"] = properties["alerts"] = {
        "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]
    }
    options = {platform: definitions[names[model]] for platform, model in option_models.items()}
    for name in {names[model] for model in option_models.values()}:
        del definitions[name]
    properties["accounts"] = {
        "type": "object",
        "propertyNames": _IDS,
        "additionalProperties": {"anyOf": [_account(account, name, model) for name, model in options.items()]},
        "minProperties": 1,
    }
    return {
        "$schema": _DRAFT,
        **{name: value for name, value in config.items() if name != "description"},
        "title": "The config of campaigner",
        "required": ["timezone", "accounts"],
        "$defs": definitions,
    }


def _definitions(*models: type[Model]) -> tuple[Schema, dict[type[Model], str]]:
    """Return the definitions of models by name, and each model's name there."""
    every: list[type[Model]] = list(dict.fromkeys([*models, AccountConfig]))
    wanted: list[tuple[type[Model], Literal["validation"]]] = [(model, "validation") for model in every]
    references, schema = models_json_schema(wanted)
    names = {model: references[model, mode]["$ref"].removeprefix("#/$defs/") for model, mode in wanted}
    return {name: _tidy(part) for name, part in schema["$defs"].items()}, names


def _tidy(schema: Any) -> Any:
    """Leave out what is true of the models and not of the files: defaults, and null for what is not written."""
    if isinstance(schema, list):
        return [_tidy(part) for part in schema if part != {"type": "null"}]
    if not isinstance(schema, dict):
        return schema
    tidied = {
        name: _tidy(part) for name, part in schema.items() if name != "default" or (part and isinstance(part, dict))
    }
    if len(tidied.get("anyOf", ())) == 1:
        tidied |= tidied.pop("anyOf")[0]
    return tidied


def _without(schema: Schema, *names: str) -> Schema:
    """Take fields out that are not keys of the file; return the properties that are left."""
    properties: Schema = schema["properties"]
    for name in names:
        properties.pop(name)
    schema["required"] = [name for name in schema.get("required", ()) if name not in names]
    return properties


def _editions(edition: Schema) -> Schema:
    fields = {name: value for name, value in edition["properties"].items() if name != "words"}
    words = {"type": ["object", "null"], "properties": fields, "additionalProperties": {"$ref": "#/$defs/Texts"}}
    label = {"anyOf": [{"const": EVERY_YEAR}, _YEAR]}
    by_year = {"type": "object", "propertyNames": label, "additionalProperties": words, "minProperties": 1}
    return {"anyOf": [label, {"type": "array", "items": label, "minItems": 1}, by_year]}


def _texts() -> Schema:
    by_language = {"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1}
    return {"anyOf": [{"type": "string"}, by_language]}


def _account(common: Schema, platform: str, options: Schema) -> Schema:
    return {
        "type": "object",
        "properties": {"platform": {"const": platform}, **common["properties"], **options.get("properties", {})},
        "required": ["platform", *common["required"], *options.get("required", ())],
        "additionalProperties": False,
    }
