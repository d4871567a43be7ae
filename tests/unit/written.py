"""Values as a file has them, read as a field or a model reads them."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from campaigner.campaign.kinds import INVALID, Kind, Reading
from campaigner.campaign.model import Model, kind_of
from campaigner.errors import Problem
from campaigner.strict_yaml import read

M = TypeVar("M", bound=Model)


class RefusedError(ValueError):
    """The problems that were found, in the file's order."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems


def value_of(kind: Any, written: Any) -> Any:
    """What a Kind, or a type that stands for one, makes of a value that JSON can write; raises RefusedError."""
    document = read(json.dumps(written, ensure_ascii=False).replace(": null", ": ").encode())
    if document.root is None:
        raise RefusedError([*document.problems])
    reading = Reading(document, "written")
    found = (kind if isinstance(kind, Kind) else kind_of(kind)).read(document.root, None, reading)
    if reading.problems or document.problems or found is INVALID:
        raise RefusedError([*reading.problems, *document.problems])
    return found


def made(model: type[M], **values: Any) -> M:
    """A model of values as they are written, or as the model has them; raises RefusedError."""
    kinds = model.kinds()
    written = {name: value for name, value in values.items() if name in kinds and _is_written(value)}
    return model(**values | {name: value_of(kinds[name], value) for name, value in written.items()})


def _is_written(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_is_written, value.values()))
    return isinstance(value, str | list)


def code_of(kind: Any, written: Any) -> str:
    """The code of the first problem of what is refused."""
    try:
        found = value_of(kind, written)
    except RefusedError as error:
        return error.problems[0].code
    raise AssertionError(f"taken as {found!r}")
