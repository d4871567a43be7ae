"""Plain words for what YAML does to an officer's text: which character did it, and the cure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .errors import may_be_secret

Explained = tuple[int, int, str, str, str]
"""Line and column (from 0), code, message, help."""

BLOCK = "Write it as a block text: put | after the colon and the text, indented, on the next line."
VARIABLE = r"(?:[A-Z]{1,20}(?:_[A-Z0-9]{1,20})+|[A-Z]{1,12})"
"""The name of a variable that may be shown: no secret looks so."""
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
    if "quoted scalar" not in problem and (found := _closed_below(lines, at)):
        return found
    if "escape character" in problem or "hexdecimal" in problem:
        return _backslash(at)
    if "quoted scalar" in problem or "end of stream" in problem:
        return _unclosed(lines, context or at)
    if found := _no_dash(lines, problem, at, context or at) or _no_colon(lines, problem, at, context or at):
        return found
    if "could not find expected ':'" in problem:
        help_ = "A key is followed by a colon and a space; the lines of a text stand further in than its key."
        return (*(context or at), "yaml-syntax", "this line is no key, and does not belong to the text above it", help_)
    return (
        _unclosed_list(lines, problem, context)
        or _no_bar(lines, problem, at[0])
        or _hash(lines, at, context)
        or _opener(lines, at)
        or _other(lines, problem, at, line)
    )


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
    return found.end(), "missing-space", f"a space is missing after the {sign}", _space_help(line[found.end() :], sign)


def _space_help(rest: str, sign: str) -> str:
    name = re.match(r"[a-z_]+:", rest) if sign == "dash" else None
    return (
        f"Write - {name[0]}"
        if name
        else f"Type a space there, as in {'- MigrantsDay' if sign == 'dash' else 'at: 08:00'}"
    )


def no_dash(lines: Sequence[str], first: int, last: int) -> Explained | None:
    """The beginning of a list whose first item has no dash, or none that counts, so that all its lines make one text."""
    below = range(first + 1, min(last, first + _MOST_SWALLOWED) + 1)
    if not any(re.match(r" *- ", _line(lines, number)) for number in below):
        return None
    line = _line(lines, first)
    start = _value_start(line)
    if line[start : start + 1] == "-":
        return _tight_dash(first, start)
    return _dashless(first, start)


def _no_dash(lines: Sequence[str], problem: str, at: tuple[int, int], context: tuple[int, int]) -> Explained | None:
    """An item of a list without its dash: the first one, or one below others."""
    line = _line(lines, at[0])
    if "expected key" in problem and line.lstrip().startswith("- "):
        parent = at[0] - 1
        while parent > 0 and (not lines[parent].strip() or _spaces(_line(lines, parent)) > _spaces(line)):
            parent -= 1
        first = next(number for number in range(parent + 1, at[0] + 1) if lines[number].strip())
        name, indent = _KEY.match(_line(lines, first)), _spaces(_line(lines, first))
        is_first = lines[parent].rstrip().endswith(":") and not lines[first].lstrip().startswith("-")
        return _dashless(first, indent, name and name["name"]) if is_first and first < at[0] else None
    if "'-' indicator" in problem and _spaces(line) == context[1] and (name := _KEY.match(line)):
        under = _line(lines, _above(lines, context[0])).strip().removesuffix(":")
        if under in ("messages", "accounts", "handles"):
            message = f"{under} stand under their names, and not in a list"
            return (*context, "wrong-kind", message, "Take the dash away.")
        number, column, code, message, help_ = _dashless(at[0], context[1], name["name"])
        return number, column, code, message, f"{help_} If it belongs to the item above, put it below that one's keys."
    if "could not find expected ':'" not in problem:
        return None
    line, number = _line(lines, context[0]), context[0] - 1
    while number > 0 and (not lines[number].strip() or _spaces(_line(lines, number)) > context[1]):
        number -= 1
    if not re.match(r" *- ", _line(lines, number)) or _spaces(_line(lines, number)) != _spaces(line):
        return None
    if line.lstrip().startswith("-"):
        return _tight_dash(*context)
    return _dashless(*context)


def _tight_dash(line: int, column: int) -> Explained:
    return (line, column + 1, "missing-space", "a space is missing after the dash", "Type a space there, as in - 2027")


def _dashless(line: int, column: int, name: str | None = None) -> Explained:
    help_ = f"Write - {name}:" if name else "Write a dash and a space before it, as before the others."
    return (line, column, "missing-dash", "a dash is missing before this item of the list", help_)


def _no_colon(lines: Sequence[str], problem: str, at: tuple[int, int], context: tuple[int, int]) -> Explained | None:
    """A key without its colon: its line has none, what stands above it are keys, and keys or its own lines follow."""
    if "could not find expected ':'" in problem:
        number = context[0]
    elif "mapping values are not allowed" in problem and _KEY.match(_line(lines, at[0])):
        number = _above(lines, at[0])
    else:
        return None
    line = _line(lines, number)
    above = _line(lines, _above(lines, number))
    found = re.fullmatch(r" *(?:- +)*(?P<name>[a-z][a-z0-9_-]{0,40})(?:;|(?:;? +(?P<rest>.*?))?) *", line)
    if not found or not (above == "" or _KEY.match(above) or above.lstrip().startswith("- ")):
        return None
    if above and not above.endswith(":") and _spaces(above) < _spaces(line):
        return None
    if may_be_secret(line):
        help_ = "Write the key, a colon and a space before what stands here."
        return (number, found.end("name"), "missing-colon", "a colon is missing in this line", help_)
    name, rest = found["name"], (found["rest"] or "").lstrip("= ")
    help_ = f"Write {name}: {rest if name in _OPEN_KEYS else '…'}" if rest else f"Write {name}:"
    return (number, found.end("name"), "missing-colon", f"a colon is missing after {name}", help_)


_KEY = re.compile(r""" *(?:- +)*["']?(?P<name>[A-Za-z0-9][\w-]{0,60})["']?:(?: |$)""")
_OPEN_KEYS = frozenset(
    ["accounts", "at", "campaign", "editions", "languages", "like", "observance", "platform", "timezone"]
)
"""Whose values may be shown: no secret is written there."""


def _above(lines: Sequence[str], number: int) -> int:
    """The next line above that is neither blank nor a comment; -1 when there is none."""
    number -= 1
    while number >= 0 and (not lines[number].strip() or lines[number].lstrip().startswith("#")):
        number -= 1
    return number


def _line(lines: Sequence[str], number: int) -> str:
    return lines[number][:_LONGEST_LINE] if 0 <= number < len(lines) else ""


def _backslash(at: tuple[int, int]) -> Explained:
    return (
        *at,
        "backslash",
        'a backslash inside "double quotes" begins an escape that YAML does not know',
        "Write folders with /, as in images/speech.jpg, and leave the quotes away.",
    )


def _unclosed(lines: Sequence[str], at: tuple[int, int]) -> Explained:
    sign = _line(lines, at[0])[at[1] : at[1] + 1]
    help_ = f"Put {sign} at the end of the text too, or delete this one." if sign in ("'", '"') else BLOCK
    return (*at, "quote-needed", "a quotation mark opens here and is never closed", help_)


def _closed_below(lines: Sequence[str], at: tuple[int, int]) -> Explained | None:
    """A quotation mark that is not closed on its line, so that the next one, some keys below, closed it."""
    for sign in set(_line(lines, at[0])).intersection("'\""):
        number = at[0] - 1
        while number >= 0 and sign not in lines[number]:
            number -= 1
        line = _line(lines, number)
        opens, start = line.rfind(sign), _value_start(line)
        is_first = opens == start or (line[start : start + 1] in ("[", "{") and line[opens - 1] in " [{,")
        below = next((one for one in lines[number + 1 : at[0] + 1] if one.strip()), "")
        if is_first and line.count(sign) % 2 and _KEY.match(below) and _spaces(below) <= _spaces(line):
            return _unclosed(lines, (number, opens))
    return None


def _unclosed_list(lines: Sequence[str], problem: str, context: tuple[int, int] | None) -> Explained | None:
    """A list that its line opens and does not close, and a key stands below it."""
    if context is None or not ("',' or ']'" in problem or "',' or '}'" in problem):
        return None
    line = _line(lines, context[0]).rstrip()
    sign, closing = ("[", "]") if line[context[1] : context[1] + 1] == "[" else ("{", "}")
    below = next((one for one in lines[context[0] + 1 :] if one.strip()), "")
    if closing in line or "#" in line or not _KEY.match(below) or _spaces(below) > _spaces(line):
        return None
    message = f"a {sign} opens here and is never closed"
    return (*context, "yaml-syntax", message, f"Put {closing} at the end of its line.")


def _no_bar(lines: Sequence[str], problem: str, number: int) -> Explained | None:
    """A text with a colon in it below its key, and no | says that it is a text."""
    above = _above(lines, number)
    line, key = _line(lines, number), _KEY.match(_line(lines, above))
    if not ("mapping values are not allowed" in problem or "expected key" in problem):
        return None
    if key is None or _KEY.match(line) or ": " not in line:
        return None
    if key.end() < len(_line(lines, above).rstrip()) or _spaces(line) <= _spaces(_line(lines, above)):
        return None
    message = f"the text below has a colon, and no | after {key['name']}: says that it is a text"
    return (above, key.end("name") + 1, "quote-needed", message, f"Write {key['name']}: |")


def _hash(lines: Sequence[str], at: tuple[int, int], context: tuple[int, int] | None) -> Explained | None:
    """A list or a text that is cut short by a #: on the line of the error, the one before, or where the list opens."""
    numbers = [number for number in (context and context[0], at[0], at[0] - 1) if number is not None]
    for number in numbers:
        line = _line(lines, number)
        if found := re.search(r"[\[{][^\]}]*?(?<=[\s\[{,])#", line) or re.search(r"[\[,{]\s*#", line):
            return _in_list(number, found.end() - 1)
        # Where the next key stands as it should, nothing of this line was to go on there.
        goes_on = number == at[0] or not _KEY.match(below := _line(lines, at[0])) or _spaces(below) > _spaces(line)
        if goes_on and (found := re.search(r":\s+[^\s\"'|>#][^#]*?\s(#)", line)):
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
    start = at[1] if line[at[1] - 1 : at[1] + 1] in (" @", " %", " `") else _value_start(line)
    opener = line[start : start + 1]
    if opener in _OPENERS and at[1] >= start:
        return (at[0], start, "quote-needed", _OPENERS[opener], _quoted(line, start) or BLOCK)
    return None


def _quoted(line: str, start: int) -> str | None:
    """The very line for a handle, which no secret looks like, and for a variable of Windows."""
    if name := re.fullmatch(rf"%({VARIABLE})%\s*", line[start:]):
        return f"Write env:{name[1]}"
    key = re.search(r"([\w-]+): +$", line[:start])
    if key and (word := re.match(r"@[\w.@-]+(?= *(?:[,}]|$))", line[start:])) and not _MAY_BE_SECRET.search(key[1]):
        return f'Write {key[1]}: "{word[0]}"'
    return None


_MAY_BE_SECRET = re.compile("token|secret|pass|key|hook|alert|heartbeat|credential|pin", re.IGNORECASE)


def _value_start(line: str) -> int:
    found = _VALUE.match(line)
    return found.end() if found else 0


def _indentation(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _other(lines: Sequence[str], problem: str, at: tuple[int, int], line: str) -> Explained:
    if "mapping values are not allowed" in problem:
        return _colon(lines, at, line)
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


def _colon(lines: Sequence[str], at: tuple[int, int], line: str) -> Explained:
    if kind := re.search(r": +(env|file|keyring)$", line[: at[1]]):
        name, help_ = re.match(r": +(\S+)\s*$", line[at[1] :]), f"Write it without the space, as in {kind[1]}:NAME"
        if name and re.fullmatch(rf"{VARIABLE}|[\w./-]{{1,40}}\.txt", name[1]):
            help_ = f"Write {line[: at[1]].strip(' -')}:{name[1]}"
        return (
            at[0],
            kind.start(1),
            "quote-needed",
            f"a space stands after {kind[1]}:, and parts it from its name",
            help_,
        )
    if re.match(r"\s*[\w-]+\s*$", line[: at[1]]):
        above, help_ = _above(lines, at[0]), "If it is a key, line it up with its neighbours"
        if _KEY.match(_line(lines, above)) and (more := _spaces(line) - _spaces(_line(lines, above))) > 0:
            spaces = "a space" if more == 1 else f"{more} spaces"
            help_ = f"It begins {spaces} further in than line {above + 1}: if both are keys of one level, line them up"
        help_ += "; if it is part of a text, make that a block text (|)."
        return (*at, "yaml-syntax", "a name with a colon stands where the value above it was still going on", help_)
    if (both := re.match(r"\s*(?:- )?([\w-]+): +([A-Za-z]{2,3}(?:-\w+)*)$", line[: at[1]])) and re.match(
        r":\s*[|>]?[-+]?\s*$", line[at[1] :]
    ):
        help_ = f"Put {both[2]}: on the next line, further in than {both[1]}:"
        return (at[0], both.start(2), "yaml-syntax", f"{both[2]}: stands on the line of {both[1]}:", help_)
    return (*at, "quote-needed", "a colon and a space inside a text are taken for a new name and value", BLOCK)
