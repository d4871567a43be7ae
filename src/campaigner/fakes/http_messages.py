"""A request as a fake reads it, an answer as it writes it: HTTP/1.1, bytes known before they are sent."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """`target` is as on the request line; header names are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path)

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """The query, pair by pair, in the order it came."""
        return parse_qsl(urlsplit(self.target).query, keep_blank_values=True)

    @property
    def query(self) -> dict[str, str]:
        return dict(self.parameters)

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def bearer(self) -> str | None:
        """The token of `Authorization: Bearer`, None when there is none."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" and token.strip() else None

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; raise ValueError when it is none."""
        found = json.loads(self.body)
        if not isinstance(found, dict):
            raise ValueError("the body is no JSON object")
        return found

    def form(self) -> list[tuple[str, str]]:
        """The pairs of a urlencoded body."""
        return parse_qsl(self.body.decode(), keep_blank_values=True)

    def multipart(self) -> dict[str, Field]:
        """The fields of a multipart body by name; raise ValueError when it has no boundary."""
        boundary = re.search(r'boundary="?([^";]+)"?', self.headers.get("content-type", ""))
        if boundary is None:
            raise ValueError("the body has no boundary")
        pieces = self.body.split(b"--" + boundary[1].encode())[1:-1]
        return {field.name: field for field in map(_read_field, pieces)}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a multipart body."""

    name: str
    media_type: str
    data: bytes


def _read_field(piece: bytes) -> Field:
    head, _, data = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    text = head.decode()
    name = re.search(r'\bname="([^"]*)"', text)
    media_type = re.search(r"(?im)^content-type:\s*(\S+)", text)
    return Field(name[1] if name else "", media_type[1] if media_type else "text/plain", data.removesuffix(b"\r\n"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Status, body and headers; Content-Length is added when it is sent."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
        body = json.dumps(data, ensure_ascii=False).encode()
        return cls(
            status=status, body=body, headers={"Content-Type": "application/json; charset=utf-8", **(headers or {})}
        )

    @classmethod
    def html(cls, status: int) -> Answer:
        """The page that a gateway shows in place of what was asked for."""
        page = f"<!DOCTYPE html><html><head><title>{status}</title></head><body><h1>Gateway</h1></body></html>"
        return cls(status=status, body=page.encode(), headers={"Content-Type": "text/html; charset=utf-8"})

    def head(self) -> bytes:
        """Everything before the body, as it goes over the wire."""
        reason = HTTPStatus(self.status).phrase if self.status in HTTPStatus._value2member_map_ else "Unknown"
        lines = [f"HTTP/1.1 {self.status} {reason}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.status != HTTPStatus.NO_CONTENT:
            lines.append(f"Content-Length: {len(self.body)}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


class RefusedError(Exception):
    """Carries the answer with which a fake turns a request down."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"answered {answer.status}")
        self.answer = answer
