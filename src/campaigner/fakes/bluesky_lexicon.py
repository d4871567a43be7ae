"""What a Bluesky PDS refuses in a record, worded as it words it; ranges of facets it does not check."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b32encode
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ..text import graphemes
from .http_messages import Answer, RefusedError

POST = "app.bsky.feed.post"
GRAPHEMES = 300
BYTES = 3000
THUMB_BYTES = 1_000_000
_TID = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")
_KEY = re.compile(r"[A-Za-z0-9._:~-]{1,512}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_DID = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]+")
_CID = re.compile(r"b[a-z2-7]{40,}")
_URI = re.compile(r"at://[A-Za-z0-9._:%-]+/[A-Za-z0-9.-]+/[A-Za-z0-9._:~-]+")
_STAMP = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})")


def error(status: int, name: str, message: str, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer.json({"error": name, "message": message}, status, headers)


def invalid(message: str) -> RefusedError:
    return RefusedError(error(400, "InvalidRequest", message))


def check_key(key: Any) -> str:
    """A record key that posts may have: a TID."""
    if not isinstance(key, str) or not _KEY.fullmatch(key) or key in (".", ".."):
        raise invalid("Invalid record key")
    if not _TID.fullmatch(key):
        raise invalid("Invalid TID string")
    return key


def check_post(record: Any, blobs: Mapping[str, int], blob_bytes: int) -> None:
    """Refuse what the schema of app.bsky.feed.post refuses. `blobs` gives the size of every blob by its CID."""
    if not isinstance(record, dict) or record.get("$type") != POST:
        raise invalid(
            f"Invalid $type: expected {POST}, got {record.get('$type') if isinstance(record, dict) else None}"
        )
    for name in ("text", "createdAt"):
        if name not in record:
            raise _wrong(f'Missing required key "{name}"', "record")
    _check_text(record["text"])
    _check_created_at(record["createdAt"])
    _check_languages(record.get("langs", []))
    for index, facet in enumerate(record.get("facets", [])):
        _check_facet(facet, f"record.facets[{index}]")
    _check_reply(record.get("reply"))
    _check_embed(record.get("embed"), blobs, blob_bytes)


def _wrong(message: str, path: str) -> RefusedError:
    return invalid(f"Invalid {POST} record: {message} at $.{path}")


def _check_text(text: Any) -> None:
    if not isinstance(text, str):
        raise _wrong("Expected string value type", "record.text")
    size = len(text.encode())
    if size > BYTES:
        raise _wrong(f"string too big (maximum {BYTES}, got {size})", "record.text")
    if (found := graphemes.count(text)) > GRAPHEMES:
        raise _wrong(f"grapheme too big (maximum {GRAPHEMES}, got {found})", "record.text")


def _check_created_at(value: Any) -> None:
    if not isinstance(value, str) or not _STAMP.fullmatch(value):
        raise _wrong(f'Invalid datetime (got "{value}")', "record.createdAt")
    try:
        datetime.fromisoformat(value)
    except ValueError:
        raise _wrong(f'Invalid datetime (got "{value}")', "record.createdAt") from None


def _check_languages(languages: Any) -> None:
    if len(languages) > 3:
        raise _wrong(f"array too big (maximum 3, got {len(languages)})", "record.langs")
    for index, language in enumerate(languages):
        if not isinstance(language, str) or not _LANGUAGE.fullmatch(language):
            raise _wrong(f'Invalid language (got "{language}")', f"record.langs[{index}]")


def _check_facet(facet: Any, path: str) -> None:
    index = facet.get("index") if isinstance(facet, dict) else None
    if not isinstance(index, dict):
        raise _wrong('Missing required key "index"', path)
    for name in ("byteStart", "byteEnd"):
        value = index.get(name)
        if not isinstance(value, int) or value < 0:
            raise _wrong(f"integer too small (minimum 0, got {value})", f"{path}.index.{name}")
    for number, feature in enumerate(facet.get("features", [])):
        _check_feature(feature, f"{path}.features[{number}]")


def _check_feature(feature: Mapping[str, Any], path: str) -> None:
    if "did" in feature and not _DID.fullmatch(str(feature["did"])):
        raise _wrong(f'Invalid DID (got "{feature["did"]}")', f"{path}.did")
    if "uri" in feature and not re.fullmatch(r"[a-z][a-z0-9.+-]*:\S+", str(feature["uri"]), re.IGNORECASE):
        raise _wrong(f'Invalid URI (got "{feature["uri"]}")', f"{path}.uri")
    if "tag" in feature and graphemes.count(str(feature["tag"])) > 64:
        raise _wrong("grapheme too big (maximum 64)", f"{path}.tag")


def _check_reply(reply: Any) -> None:
    """Root and parent must be named; whether they exist is not asked."""
    if reply is None:
        return
    for name in ("root", "parent"):
        reference = reply.get(name)
        if not isinstance(reference, dict) or not {"uri", "cid"} <= set(reference):
            raise _wrong(f'Missing required key "{name}"', "record.reply")
        if not _CID.fullmatch(str(reference["cid"])):
            raise _wrong(f'Invalid CID (got "{reference["cid"]}")', f"record.reply.{name}.cid")
        if not _URI.fullmatch(str(reference["uri"])):
            raise _wrong(f'Invalid AT-URI (got "{reference["uri"]}")', f"record.reply.{name}.uri")


def _check_embed(embed: Any, blobs: Mapping[str, int], blob_bytes: int) -> None:
    kind = embed.get("$type") if isinstance(embed, dict) else None
    if kind == "app.bsky.embed.images":
        images = embed.get("images", [])
        if len(images) > 4:
            raise _wrong(f"array too big (maximum 4, got {len(images)})", "record.embed.images")
        for index, image in enumerate(images):
            if "alt" not in image:
                raise _wrong('Missing required key "alt"', f"record.embed.images[{index}]")
            _check_blob(image.get("image"), blobs, blob_bytes, f"record.embed.images[{index}].image")
    elif kind == "app.bsky.embed.external":
        external = embed.get("external", {})
        for name in ("uri", "title", "description"):
            if name not in external:
                raise _wrong(f'Missing required key "{name}"', "record.embed.external")
        if "thumb" in external:
            _check_blob(external["thumb"], blobs, THUMB_BYTES, "record.embed.external.thumb")


def _check_blob(blob: Any, blobs: Mapping[str, int], most: int, path: str) -> None:
    reference = blob.get("ref") if isinstance(blob, dict) else None
    link = reference.get("$link") if isinstance(reference, dict) else None
    if link is None:
        raise _wrong("Expected blob value type", path)
    if link not in blobs:
        raise RefusedError(error(400, "BlobNotFound", f"Could not find blob: {link}"))
    if blobs[link] > most:
        raise _wrong(f"blob too big (maximum {most}, got {blobs[link]})", path)


def cid_of_record(record: Mapping[str, Any]) -> str:
    """A CID over the record. Made of its JSON and not of DAG-CBOR: as good for telling records apart."""
    content = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return _cid(b"\x71", content)


def cid_of_blob(data: bytes) -> str:
    return _cid(b"\x55", data)


def _cid(codec: bytes, content: bytes) -> str:
    digest = b"\x01" + codec + b"\x12\x20" + hashlib.sha256(content).digest()
    return "b" + b32encode(digest).decode().lower().rstrip("=")


def posted_images(record: Mapping[str, Any], facts: Callable[[str], tuple[str, int]]) -> list[tuple[str, str, int]]:
    """(alt, media type, size) of every image of a record; `facts` gives type and size of a blob by its CID."""
    embed = record.get("embed") or {}
    return [(image["alt"], *facts(image["image"]["ref"]["$link"])) for image in embed.get("images", ())]
