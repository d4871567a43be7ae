"""Model: names and values of a file as a frozen record.

What a field takes is said by its type: a Kind, in `Annotated`, or what goes for one (`str`, `bool`, `int`, another Model,
tuples and mappings of them).
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any, ClassVar, Self, Union, dataclass_transform, get_args, get_origin, get_type_hints

from ..strict_yaml import Broken, Node
from ..strict_yaml import Mapping as NamesAndValues
from .kinds import INVALID, NAMES_WANTED, NONE, PLAIN, At, FieldError, Kind, Many, Named, Reading, Schema


class Record(Kind):
    """A Model by its keys. `rest` names the field that takes every key which is no field, as a mapping."""

    def __init__(self, model: type[Model], *, rest: str = "") -> None:
        self._model, self._rest = model, rest
        self.begins = next(iter(model.required_keys), "")

    def read(self, node: Node, at: At, reading: Reading, /, **given: Any) -> Any:
        """`given` are fields that do not stand in the file."""
        if type(node) is not NamesAndValues:
            return reading.refuse_kind(at, node, self._model.wanted)
        values = self.values(node, at, reading)
        return INVALID if INVALID in values.values() else self._model.made({**values, **given})

    def values(self, node: Any, at: At, reading: Reading, also: Mapping[str, Kind] = NONE) -> dict[str, Any]:
        """Every field that is written there, INVALID where it is wrong or missing; `also` are keys beside the model's."""
        kinds = {**self._model.kinds(), **also} if also else self._model.kinds()
        found: dict[str, Any] = {}
        others: dict[str, tuple[Any, Node]] = {}
        for name, (key, value) in self._in_order(node.items).items():
            kind = kinds.get(name)
            if kind is None or name == self._rest:
                others[name] = (key, value)
                continue
            found[name] = kind.read(value, key, reading)
        if others or self._rest:
            self._read_others(others, at, reading, found, kinds)
        for name in self._model.required_keys:
            if name not in node.items and name not in found:
                found[name] = reading.refuse_missing(at, node, name, self._model.missing_key(name))
        return found

    def _in_order(self, items: Mapping[str, Any]) -> Mapping[str, Any]:
        """As in the file, but what others depend on first."""
        return (
            items
            if not self._model.first
            else {**{name: items[name] for name in self._model.first if name in items}, **items}
        )

    def _read_others(
        self, others: dict[str, Any], at: At, reading: Reading, found: dict[str, Any], kinds: Mapping[str, Kind]
    ) -> None:
        if self._rest:
            mark = reading.document.root.start_mark
            found[self._rest] = kinds[self._rest].read(NamesAndValues(others, mark, mark), at, reading)
            return
        if "text" in kinds and "text" not in found and reading.languages and set(others) <= set(reading.languages):
            self._say_texts(others, reading)
            found.update(dict.fromkeys([*others, "text"], INVALID))
            return
        for name, (key, value) in others.items():
            found[name] = INVALID
            # A mistyped key is told once, and not as one that is missing too.
            if type(value) is not Broken and (meant := reading.unknown_name(key, kinds, found)):
                found.setdefault(meant, INVALID)

    def _say_texts(self, others: Mapping[str, Any], reading: Reading) -> None:
        """Texts by language that stand where the keys stand."""
        first, _ = next(iter(others.values()))
        message = f"{', '.join(others)}: texts by language stand below text:"
        reading.refuse_name(
            first, FieldError("unknown-key", message, "Write text: above them, and move them further in.")
        )

    def schema(self, definitions: Schema) -> Schema:
        name = self._model.__name__
        if name not in definitions:
            definitions[name] = {}
            schema = definitions[name] = self._model.json_schema(definitions)
            if self._rest:
                schema["additionalProperties"] = schema["properties"].pop(self._rest)["additionalProperties"]
        return {"$ref": f"#/$defs/{name}"}


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Model:
    """A frozen record. `given` fields do not stand in the file, those in `first` are read before the others.

    `written` has the names of keys that the file calls otherwise than the model, `missing` what to do about a key that is
    not there, `wanted` what to say, and to do, where something else than names and values stands.
    """

    model_fields: ClassVar[Mapping[str, Any]] = NONE
    keys: ClassVar[tuple[str, ...]] = ()
    """What may stand in the file, and what has to."""
    required_keys: ClassVar[tuple[str, ...]] = ()
    first: ClassVar[tuple[str, ...]] = ()
    wanted: ClassVar[FieldError] = NAMES_WANTED
    _missing: ClassVar[Mapping[str, str]] = NONE
    _required: ClassVar[frozenset[str]] = frozenset()
    _written: ClassVar[Mapping[str, str]] = NONE
    _names: ClassVar[Mapping[str, str]] = NONE
    """The field of each key."""
    _kinds: ClassVar[Mapping[str, Kind] | None] = None

    def __init_subclass__(
        cls,
        *,
        given: tuple[str, ...] = (),
        written: Mapping[str, str] = NONE,
        first: tuple[str, ...] = (),
        missing: Mapping[str, str] = NONE,
        wanted: tuple[str, str] | None = None,
    ) -> None:
        own = [name for name, kind in vars(cls).get("__annotations__", {}).items() if "ClassVar" not in str(kind)]
        needed = [name for name in own if name not in vars(cls)]
        cls.model_fields = dict.fromkeys([*(needed if cls.model_fields else ()), *cls.model_fields, *own])
        cls._required = cls._required.difference(own).union(needed)
        cls._written, cls._kinds, cls._missing, cls.first = written, None, missing, first
        cls._names = {written.get(name, name): name for name in cls.model_fields if name not in given}
        cls.wanted = FieldError("wrong-kind", *wanted) if wanted else NAMES_WANTED
        cls.keys = tuple(cls._names)
        cls.required_keys = tuple([key for key, name in cls._names.items() if name in cls._required])

    def __init__(self, **values: Any) -> None:
        wrong = (values.keys() - self.model_fields.keys()) | (self._required - values.keys())
        if wrong:
            raise TypeError(f"{type(self).__name__}: unknown or missing: {', '.join(sorted(wrong))}")
        self.__dict__.update(values)

    @classmethod
    def made(cls, values: Mapping[str, Any]) -> Self:
        """A model of values as the file calls them."""
        result = cls.__new__(cls)
        result.__dict__.update(values)
        for name, key in cls._written.items():
            result.__dict__[name] = result.__dict__.pop(key)
        return result

    @classmethod
    def missing_key(cls, name: str) -> FieldError:
        """What to say of a key that has to be there."""
        help_ = cls._missing.get(name, f"Write {name}: and its value.")
        return FieldError("missing-alt" if name == "alt" else "missing-key", f'"{name}" is missing', help_)

    @classmethod
    def kinds(cls) -> Mapping[str, Kind]:
        """How each key is read; worked out when it is first asked for."""
        if cls._kinds is None:
            hints = get_type_hints(cls, include_extras=True)
            cls._kinds = {key: kind_of(hints[name]) for key, name in cls._names.items()}
        return cls._kinds

    @classmethod
    def as_kind(cls) -> Kind:
        """How a value of this model is read."""
        return Record(cls)

    @classmethod
    def json_schema(cls, definitions: Schema) -> Schema:
        """The JSON Schema of the keys."""
        schema: Schema = {
            "type": "object",
            "description": " ".join((cls.__doc__ or "").split("\n\n")[0].split()),
            "properties": {name: kind.schema(definitions) for name, kind in cls.kinds().items()},
            "additionalProperties": False,
        }
        return schema | ({"required": list(cls.required_keys)} if cls.required_keys else {})

    def model_copy(self, *, update: Mapping[str, Any]) -> Self:
        """The same with other values for some fields."""
        return type(self)(**{**vars(self), **update})

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} does not change")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other._values() == self._values()

    def __hash__(self) -> int:
        return hash(self._values())

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.model_fields)
        return f"{type(self).__name__}({values})"

    def _values(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.model_fields)


def kind_of(hint: Any) -> Kind:
    """The Kind that a type stands for; raises TypeError for what is none."""
    for part in getattr(hint, "__metadata__", ()):
        if isinstance(part, Kind):
            return part
    if get_origin(hint) in (Union, types.UnionType):
        first, second, *_ = get_args(hint)
        return kind_of(second if first is type(None) else first)
    if isinstance(hint, type) and issubclass(hint, Model):
        return hint.as_kind()
    if get_origin(hint) is tuple:
        return Many(kind_of(get_args(hint)[0]))
    if get_origin(hint) in (Mapping, dict):
        return Named(kind_of(get_args(hint)[1]))
    if hint in PLAIN:
        return PLAIN[hint]
    raise TypeError(f"no kind of value is known for {hint}: write Annotated[…, One(…)]")
