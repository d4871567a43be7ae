"""The JSON Schema of a campaign and of the config, for editors: made from the models that read the files."""

from __future__ import annotations

from collections.abc import Mapping

from ..campaign.campaign import Campaign
from ..campaign.config import AccountConfig, Config
from ..campaign.kinds import Schema
from ..campaign.model import Model

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_IDS = {"pattern": "^[a-z0-9-]+$"}


def campaign_schema() -> Schema:
    """Return the JSON Schema (2020-12) of a campaign file."""
    return _file(Campaign, "A campaign of campaigner", {})


def config_schema(option_models: Mapping[str, type[Model]]) -> Schema:
    """Return the JSON Schema (2020-12) of a config whose accounts may be of these platforms."""
    definitions: Schema = {}
    accounts = {
        "type": "object",
        "propertyNames": _IDS,
        "additionalProperties": {"anyOf": [_account(*option, definitions) for option in option_models.items()]},
        "minProperties": 1,
    }
    return _file(Config, "The config of campaigner", definitions, accounts=accounts)


def _file(model: type[Model], title: str, definitions: Schema, **properties: Schema) -> Schema:
    schema = model.json_schema(definitions)
    definitions.pop("AccountConfig", None)
    own = {**schema["properties"], **properties}
    return {"$schema": _DRAFT, "title": title, **schema, "properties": own, "$defs": definitions}


def _account(platform: str, options: type[Model], definitions: Schema) -> Schema:
    common, own = AccountConfig.json_schema(definitions), options.json_schema(definitions)
    return {
        "type": "object",
        "properties": {**common["properties"], **own["properties"], "platform": {"const": platform}},
        "required": [*common["required"], *own.get("required", ())],
        "additionalProperties": False,
    }
