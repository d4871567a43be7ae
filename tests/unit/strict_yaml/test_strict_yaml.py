"""The strict reader: scalars keep their text, every value its place, every trap its words."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigner.errors import shown
from campaigner.strict_yaml import Broken, Mapping, Scalar, UnreadableFileError, is_empty, plain, read, read_bytes


def plain_values(content: bytes) -> object:
    document = read(content)
    assert document.problems == ()
    return plain(document.root)


def codes(text: str | bytes) -> list[tuple[int, int, str]]:
    content = text.encode() if isinstance(text, str) else text
    return [(fault.place.line, fault.place.column, fault.code) for fault in read(content).problems]


@pytest.mark.parametrize("text", ["no", "on", "yes", "10:30", "010", "1_000", "~", "null", "2020-12-18", "0x1F", "1e3"])
def test_a_scalar_keeps_its_text(text: str) -> None:
    assert plain_values(f"{text}: {text}\n".encode()) == {text: text}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (r'"\ud83d\ude00"', "😀"),
        (r'"hi \uD83D\uDE00, \u00e4 \ud83d\udc68\u200d\ud83d\udc69\/"', "hi 😀, ä 👨‍👩/"),
        (r"'\ud83d\ude00'", r"\ud83d\ude00"),
    ],
)
def test_the_two_halves_of_a_character_in_json_are_one(written: str, expected: str) -> None:
    assert plain_values(f"a: {written}\n".encode()) == {"a": expected}


def test_half_a_character_is_none() -> None:
    for written in (r'"\ud83d"', r'"\ude00\ud83d"', r'"\ud83d\ude00 \ud83d"'):
        (problem,) = read(f"a: {written}".encode()).problems
        assert (problem.code, problem.help) == ("backslash", "Write the character itself.")


def test_nothing_written_is_none_and_quoted_nothing_is_empty() -> None:
    assert plain_values(b"a:\nb: ''\nc: [x, ]\n") == {"a": None, "b": "", "c": ["x"]}


def test_every_node_knows_its_place_in_code_points() -> None:
    root = read("ä: 1\n👋🏽: [x, y]\n".encode()).root
    assert isinstance(root, Mapping)
    key, value = root.items["👋🏽"]
    assert (key.start_mark.line, key.start_mark.column, value.start_mark.column) == (1, 0, 4)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_read_alike(end: str) -> None:
    content = end.join(["a: |", "  one", "  two", "b: [", "x", ""]).encode()
    document = read(content)
    assert [(fault.place.line, fault.code) for fault in document.problems] == [(4, "yaml-syntax")]
    assert plain_values(end.join(["a: |", "  one", "  two", ""]).encode()) == {"a": "one\ntwo\n"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_marked_encodings_are_read(encoding: str) -> None:
    assert plain_values("päivä: ääkköset 😀\n".encode(encoding)) == {"päivä": "ääkköset 😀"}


def test_decomposed_letters_become_composed_in_names_and_values() -> None:
    decomposed = unicodedata.normalize("NFD", "Päivä")
    assert plain_values(f"{decomposed}: {decomposed}".encode()) == {"Päivä": "Päivä"}
    assert codes(f"Päivä: 1\n{decomposed}: 2\n") == [(2, 1, "duplicate-key")]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a: \xe4", (1, 4, "encoding")),
        (b"\n\na: b\xff", (3, 5, "encoding")),
        ("ää: \x00".encode(), (1, 5, "control-character")),
        (b"a\x00:\x00", (1, 1, "encoding")),
        (b"\x00a\x00:", (1, 1, "encoding")),
        (b"\xff\xfea", (1, 1, "encoding")),
        ("a: b".encode("utf-32"), (1, 1, "encoding")),
        (b"a: \x1b[31m", (1, 4, "control-character")),
        ("a: b\u2028c".encode(), (1, 5, "control-character")),
        ("a: b\ufeffc".encode(), (1, 5, "control-character")),
        (b"", (1, 1, "empty-file")),
        (b"# nothing\n", (1, 1, "empty-file")),
        (b"%YAML 1.1\n---\na: b\n", (1, 1, "tag")),
    ],
)
def test_what_cannot_be_read_says_where(content: bytes, expected: tuple[int, int, str]) -> None:
    assert codes(content) == [expected]


def test_latin_1_names_the_letter_that_was_meant() -> None:
    (fault,) = read("a: päivä".encode("latin-1")).problems
    assert "E4" in fault.message and "ä" in fault.message and "UTF-8" in fault.help


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\na: 3\n", (3, 1, "duplicate-key")),
        ("a: !x b\n", (1, 4, "tag")),
        ("a: !!str b\n", (1, 4, "tag")),
        ("a: !x [b]\n", (1, 4, "tag")),
        ("a: *b\n", (1, 4, "quote-needed")),
        ("a: &b c\n", (1, 4, "quote-needed")),
        ("a: &b c\nd: &b e\nf: *b\n", (1, 4, "quote-needed")),
        ("a: &b [*b]\n", (1, 8, "alias")),
        ("a: {theme}\n", (1, 4, "quote-needed")),
        ("a: {b, c}\n", (1, 4, "quote-needed")),
        ("[a]: b\n", (1, 1, "quote-needed")),
        ('"": b\n', (1, 1, "yaml-syntax")),
        ("\u00a0a: b\n", (1, 1, "invisible-character")),
        ("a\u200b: b\n", (1, 1, "invisible-character")),
        ("a: b\n---\nc: d\n", (2, 1, "second-document")),
        ('a: "\\0"\n', (1, 4, "control-character")),
        ('a: "\\q"\n', (1, 5, "backslash")),
        ('a: "\\xzz"\n', (1, 7, "backslash")),
        ("a:\n\tb: c\n", (2, 1, "tab")),
        ("a: [b, #c]\nd: e\n", (1, 8, "bare-hash")),
        ("a: b #c\n  d\n", (1, 6, "lost-text")),
        ("a: [b\n", (1, 4, "yaml-syntax")),
        ("a: 'b\n", (1, 4, "quote-needed")),
        ("a: b: c\n", (1, 5, "quote-needed")),
    ],
)
def test_every_trap_is_named_at_its_place(text: str, expected: tuple[int, int, str]) -> None:
    assert codes(text) == [expected]


def test_several_faults_are_found_in_one_reading() -> None:
    assert [code for _, _, code in codes("a: 1\na: 2\nb: !x y\nc: {d}\n")] == ["duplicate-key", "tag", "quote-needed"]


def test_a_reference_used_is_no_fault_and_stands_where_it_is_used() -> None:
    document = read(b"a: &x\n  b: c\nd: *x\n")
    assert document.problems == () and document.root is not None
    assert plain(document.root) == {"a": {"b": "c"}, "d": {"b": "c"}}
    assert isinstance(document.root, Mapping)
    assert document.root.items["d"][1].start_mark.line == 2


def test_a_broken_value_is_marked_so_that_it_is_reported_once() -> None:
    root = read(b"a: !x b\n").root
    assert isinstance(root, Mapping) and isinstance(root.items["a"][1], Broken)
    assert plain(root) == {"a": None}


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("a: one # two", "# two"),
        ("a: one\n\n   # two", "# two"),
        ("a: one\n# two", None),
        ("a: one #two", "#two"),
        ("a: one#two", None),
        ("a: 'one' # two", None),
        ("a: |\n  one # two", None),
        ("a: one\nb: two # three", None),
    ],
)
def test_text_lost_to_a_comment_is_seen(text: str, lost: str | None) -> None:
    document = read(text.encode())
    assert isinstance(document.root, Mapping)
    key, value = document.root.items["a"]
    assert type(value) is Scalar
    assert document.lost_after(value, key.start_mark.column) == lost


def test_a_file_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(50_000_000_000)
    with pytest.raises(UnreadableFileError) as caught:
        read_bytes(path)
    assert caught.value.problem.code == "too-large"


def test_a_folder_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError) as caught:
        read_bytes(tmp_path)
    assert caught.value.problem.code == "not-a-file"


def test_a_value_is_shown_on_one_short_line() -> None:
    assert shown("a\n b\tc") == "a b c"
    assert shown("x" * 50) == "x" * 39 + "…"


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_raise(content: bytes) -> None:
    document = read(content)
    assert document.root is not None or document.problems
    assert all(fault.place.line >= 1 and fault.place.column >= 1 and fault.message for fault in document.problems)


SPECIAL = st.text(alphabet=st.sampled_from(" abc#:{}[]&*!|>%@`\"',-?~=\\äé#😀"), min_size=1, max_size=25)


@given(SPECIAL)
def test_no_text_is_lost_in_silence(text: str) -> None:
    """Written without any protection, a text either comes out as it was or is seen to be cut, refused or no text."""
    document = read(f"key: {text}\n".encode())
    if document.problems or not isinstance(document.root, Mapping) or text.strip()[:1] in ("", "'", '"', "|", ">"):
        return
    _key, value = document.root.items["key"]
    if type(value) is Scalar and document.lost_after(value, 0) is None and not is_empty(value):
        assert value.value == unicodedata.normalize("NFC", text.strip(" "))
