"""A client that hides nothing: one request, one answer, or the exception of the socket."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit


@dataclass(frozen=True)
class Got:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def data(self) -> Any:
        return json.loads(self.body)


def ask(
    url: str,
    method: str,
    path: str,
    *,
    data: Any = None,
    form: list[tuple[str, str]] | None = None,
    body: bytes | None = None,
    token: str | None = None,
    headers: dict[str, str] | None = None,
) -> Got:
    sent = dict(headers or {})
    if token:
        sent["Authorization"] = f"Bearer {token}"
    if data is not None:
        body, sent["Content-Type"] = json.dumps(data).encode(), "application/json"
    if form is not None:
        body, sent["Content-Type"] = urlencode(form).encode(), "application/x-www-form-urlencoded"
    connection = HTTPConnection(urlsplit(url).hostname or "", urlsplit(url).port, timeout=20)
    try:
        connection.request(method, path, body=body, headers=sent)
        response = connection.getresponse()
        found = response.read()
        return Got(response.status, {name.lower(): value for name, value in response.getheaders()}, found)
    finally:
        connection.close()


def multipart(fields: dict[str, str], file: tuple[str, bytes, str]) -> tuple[bytes, dict[str, str]]:
    """A body as browsers write it, and its header."""
    name, data, kind = file
    pieces = [
        f'--line\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n' for key, value in fields.items()
    ]
    head = f'--line\r\nContent-Disposition: form-data; name="{name}"; filename="a.bin"\r\nContent-Type: {kind}\r\n\r\n'
    body = "".join([*pieces, head]).encode() + data + b"\r\n--line--\r\n"
    return body, {"Content-Type": "multipart/form-data; boundary=line"}
