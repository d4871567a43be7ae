"""Every problem code that the source can give, found by reading the source and not by a list that ages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "campaigner"
ROOMS = ("campaign", "loading", "observance", "plan", "text", "platforms")
CODE = re.compile(r"[a-z]+(?:-[a-z]+)*")

Takers = dict[str, set[int]]


def codes_in_source() -> set[str]:
    """All codes: what is passed where something takes a `code`, and those that stand in tables and tuples."""
    files = [SOURCE / "strict_yaml.py", SOURCE / "yaml_hints.py", SOURCE / "errors.py"]
    files += [path for room in ROOMS for path in sorted((SOURCE / room).glob("*.py"))]
    trees = {path: ast.parse(path.read_text("utf-8")) for path in files}
    takers: Takers = {}
    for tree in trees.values():
        _learn(tree, takers)
    found = {code for tree in trees.values() for code in _passed(tree, takers)}
    found |= {code for path, tree in trees.items() if path.name == "yaml_hints.py" for code in _in_tuples(tree)}
    return {code for code in found if CODE.fullmatch(code)}


def _learn(tree: ast.Module, takers: Takers) -> None:
    """Which functions and classes take a `code`, and as which argument; `_say` is handed on as `say`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            fields = [
                line.target.id
                for line in node.body
                if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)
            ]
            made = next(
                (line for line in node.body if isinstance(line, ast.FunctionDef) and line.name == "__init__"), None
            )
            names = [argument.arg for argument in made.args.args][1:] if made else fields
            if "code" in names:
                takers.setdefault(node.name.lstrip("_"), set()).add(names.index("code"))
        elif isinstance(node, ast.FunctionDef) and node.name != "__init__":
            names = [argument.arg for argument in node.args.args if argument.arg not in ("self", "cls")]
            if "code" in names:
                takers.setdefault(node.name.lstrip("_"), set()).add(names.index("code"))


def _passed(tree: ast.Module, takers: Takers) -> Iterator[str]:
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        values = [keyword.value for keyword in call.keywords if keyword.arg == "code"]
        values += [call.args[index] for index in takers.get(name.lstrip("_"), ()) if index < len(call.args)]
        for value in values:
            yield from _texts(value)


def _texts(value: ast.expr) -> Iterator[str]:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, ast.IfExp):
        yield from _texts(value.body)
        yield from _texts(value.orelse)


def _in_tuples(tree: ast.Module) -> Iterator[str]:
    """`(…, code, message, help)`: a code followed by words."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Tuple):
            for first, second in zip(node.elts, node.elts[1:], strict=False):
                if isinstance(first, ast.Constant) and isinstance(first.value, str) and _is_words(second):
                    yield first.value


def _is_words(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and " " in str(node.value))
