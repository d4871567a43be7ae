"""A request as a fake reads it, with Werkzeug; an answer as it writes it, whose bytes are known before they are sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from io import BytesIO
from typing import IO, Any
from urllib.parse import unquote

from werkzeug.datastructures import FileStorage, Headers, MultiDict
from werkzeug.formparser import FormDataParser
from werkzeug.sansio.request import Request as HeadOfRequest


class Request(HeadOfRequest):
    """A request that was read to its end. `target` is as on the request line."""

    def __init__(self, *, method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> None:
        path, _, query = target.partition("?")
        super().__init__(method, "http", None, "", unquote(path), query.encode(), Headers(headers), None)
        self.target = target
        self.body = body

    @property
    def bearer(self) -> str | None:
        """The token of `Authorization: Bearer`, None when there is none."""
        given = self.authorization
        return given.token if given is not None and given.type == "bearer" else None

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; raise ValueError when it is none."""
        found = json.loads(self.body)
        if not isinstance(found, dict):
            raise ValueError("the body is no JSON object")
        return found

    @cached_property
    def form(self) -> MultiDict[str, str]:
        """The fields of a urlencoded or multipart body, but for its files."""
        return self._parsed[1]

    @cached_property
    def files(self) -> dict[str, bytes]:
        """The files of a multipart body."""
        return {name: file.read() for name, file in self._parsed[2].items()}

    @cached_property
    def _parsed(self) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]:
        parser = FormDataParser(stream_factory=lambda *_, **__: BytesIO())
        return parser.parse(BytesIO(self.body), self.mimetype, len(self.body), self.mimetype_params)


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
