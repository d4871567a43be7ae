"""Plain words for what YAML does to an officer's text: which character did it, and the cure."""

from __future__ import annotations

import re
from collections.abc import Sequence

Explained = tuple[int, int, str, str, str]
"""Line and column (from 0), code, message, help."""

BLOCK = "Write it as a block text: put | after the colon and the text, indented, on the next line."
_LONGEST_LINE = 1_000
"""How much of a line is looked at: some of the patterns take the square of its length."""
_MOST_SWALLOWED = 30
"""Lines above an error among which its cause is looked for."""
_VALUE = re.compile(r"""^(?:\s*-\s+)*\s*(?:["']?[^\s"'{\[#][^:{\["']*["']?:\s+)?(?:-\s+)*""")
INVISIBLE = re.compile("[\u00a0\u00ad\u1680\u2000-\u200b\u200e\u200f\u202a-\u202f\u205f-\u2069\u3000\ufeff]")
"""Spaces that YAML takes for letters, and what nobody sees at all."""
_STRUCTURE = re.compile(rf" *(?:- +)*(?:-?|[A-Za-z][\w ,-]{{0,60}}?:?)(?P<wrong>{INVISIBLE.pattern})")
_TIGHT = re.compile(
    r" *(?:- +)*(?P<name>[A-Za-z][\w-]{0,60})(?:(?P<wide>\uff1a)|:(?=[^\s/:]))|(?P<dash> *-)(?=[^\W\d_#@\"'])"
)
_OPENERS = {
    "{": "a text that begins with { is taken for a list of names and values",
    "[": "a text that begins with [ is taken for a list",
    "@": "a text cannot begin with @ in YAML",
    "%": "a text cannot begin with % in YAML",
    "`": "a text cannot begin with a backtick ` in YAML",
    '"': "words follow a closing quotation mark: YAML takes what stands between the quotes for the whole text",
    "'": "words follow a closing apostrophe: YAML takes what stands between the two for the whole text",
    "&": "a text that begins with & is taken for a name to refer to",
    "*": "a text that begins with * is taken for a reference",
    "!": "a text that begins with ! is taken for a type",
    "|": "words follow | on its line: a block text begins on the next line",
    ">": "words follow > on its line: a block text begins on the next line",
    ",": "a text cannot begin with a comma in YAML",
    "]": "a text cannot begin with ] in YAML",
    "}": "a text cannot begin with } in YAML",
}


def explain(lines: Sequence[str], problem: str, at: tuple[int, int], context: tuple[int, int] | None) -> Explained:
    """Say what a syntax error of the parser at `at` means; never quotes a value, for it may be a secret."""
    line = _line(lines, at[0])
    if "tab character" in problem or line[at[1] : at[1] + 1] == "\t" or "\t" in _indentation(line):
        return (*at, "tab", "a tab is used for indentation", "YAML takes only spaces: replace the tab by spaces.")
    if "Unicode character escape" in problem:
        return (*at, "backslash", "this escape stands for no character", "Write the character itself.")
    if found := _slip_above(lines, at[0], context[0] if context else at[0]):
        return found
    if "escape character" in problem or "hexdecimal" in problem:
        return _backslash(at)
    if "quoted scalar" in problem or "end of stream" in problem:
        return _unclosed(context or at)
    if "could not find expected ':'" in problem:
        help_ = "A key is followed by a colon and a space; the lines of a text stand further in than its key."
        return (*(context or at), "yaml-syntax", "this line is no key, and does not belong to the text above it", help_)
    return _hash(lines, at, context) or _opener(lines, at) or _other(problem, at, line)


def _slip_above(lines: Sequence[str], line: int, context: int) -> Explained | None:
    """A slip on the line of an error, where what is broken begins, or above, in a key that swallowed the lines between."""
    indent = _spaces(_line(lines, line))
    for number in (context, *range(line, max(line - _MOST_SWALLOWED, -1), -1)):
        above = _line(lines, number)
        if (found := slip(above)) and _spaces(above) <= indent:
            return (number, *found)
        if number < line and re.match(r" *[\w-]+:(?: |$)", above):
            return None
    return None


def _spaces(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def slip(line: str) -> tuple[int, str, str, str] | None:
    """A space that is missing in the structure of a line, or is none for YAML: column from 0, code, message, help."""
    if found := _STRUCTURE.match(line[:_LONGEST_LINE]):
        character = f"U+{ord(found['wrong']):04X}"
        message = f"an invisible character ({character}) stands here, where YAML wants a space or nothing"
        return found.start("wrong"), "invisible-character", message, "Delete it, and type a space where one belongs."
    if not (found := _TIGHT.match(line[:_LONGEST_LINE])):
        return None
    if found["wide"]:
        help_ = "Type the colon of a Latin keyboard, and a space after it."
        return found.start("wide"), "missing-space", "this wide colon (U+FF1A) is no colon for YAML", help_
    sign = "dash" if found["dash"] else "colon"
    example = "- MigrantsDay" if found["dash"] else "at: 08:00"
    help_ = f"Type a space there, as in {example}"
    return found.end(), "missing-space", f"a space is missing after the {sign}", help_


def _line(lines: Sequence[str], number: int) -> str:
    return lines[number][:_LONGEST_LINE] if 0 <= number < len(lines) else ""


def _backslash(at: tuple[int, int]) -> Explained:
    return (
        *at,
        "backslash",
        'a backslash inside "double quotes" begins an escape that YAML does not know',
        "Write folders with /, as in images/speech.jpg, and leave the quotes away.",
    )


def _unclosed(at: tuple[int, int]) -> Explained:
    return (*at, "quote-needed", "a quotation mark opens here and is never closed", BLOCK)


def _hash(lines: Sequence[str], at: tuple[int, int], context: tuple[int, int] | None) -> Explained | None:
    """A list or a text that is cut short by a #: on the line of the error, the one before, or where the list opens."""
    numbers = [number for number in (context and context[0], at[0], at[0] - 1) if number is not None]
    for number in numbers:
        line = _line(lines, number)
        if found := re.search(r"[\[{][^\]}]*?(?<=[\s\[{,])#", line) or re.search(r"[\[,{]\s*#", line):
            return _in_list(number, found.end() - 1)
        if found := re.search(r":\s+[^\s\"'|>#][^#]*?\s(#)", line):
            return (number, found.start(1), "lost-text", "the text is cut off at a # with a space before it", BLOCK)
    return None


def _in_list(line: int, column: int) -> Explained:
    return (
        line,
        column,
        "bare-hash",
        "a bare # starts a comment in YAML: the rest of the line, and the end of the list, are lost",
        "Leave the # away: hashtags are written without it, as in [MigrantsDay, WithRefugees].",
    )


def _opener(lines: Sequence[str], at: tuple[int, int]) -> Explained | None:
    line = _line(lines, at[0])
    start = _value_start(line)
    opener = line[start : start + 1]
    if opener in _OPENERS and at[1] >= start:
        return (at[0], start, "quote-needed", _OPENERS[opener], BLOCK)
    return None


def _value_start(line: str) -> int:
    found = _VALUE.match(line)
    return found.end() if found else 0


def _indentation(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _other(problem: str, at: tuple[int, int], line: str) -> Explained:
    if "mapping values are not allowed" in problem:
        return _colon(at, line)
    if "block sequence entries" in problem:
        return (*at, "quote-needed", "a text cannot begin with a dash and a space in YAML", BLOCK)
    if "mapping keys are not allowed" in problem or line.lstrip().startswith("? "):
        return (*at, "quote-needed", "a text cannot begin with a question mark and a space in YAML", BLOCK)
    if "',' or ']'" in problem or "',' or '}'" in problem or "flow" in problem:
        help_ = f"Put commas between its values, and close it. If it is a text: {BLOCK}"
        return (*at, "yaml-syntax", "a list in [brackets] or {braces} is not closed, or lacks a comma", help_)
    return (
        *at,
        "yaml-syntax",
        "this line does not fit the lines above it",
        "Keys of one level begin in the same column; the lines of a text stand further in than its key.",
    )


def _colon(at: tuple[int, int], line: str) -> Explained:
    if re.match(r"\s*[\w-]+\s*$", line[: at[1]]):
        help_ = "If it is a key, line it up with its neighbours; if it is part of a text, make that a block text (|)."
        return (*at, "yaml-syntax", "a name with a colon stands where the value above it was still going on", help_)
    return (*at, "quote-needed", "a colon and a space inside a text are taken for a new name and value", BLOCK)
