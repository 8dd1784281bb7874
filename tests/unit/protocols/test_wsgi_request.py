"""The body of a request: its limits, and what its Content-Encoding says."""

from __future__ import annotations

import contextlib
import gzip
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magento_soap.protocols.wsgi_request import Broken, Incomplete, Refused, TooLarge, UnknownEncoding, body_of

Compress = Callable[[bytes], bytes]


def raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush()


ENCODINGS: dict[str, Compress] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "GZIP": gzip.compress,
    " gzip , identity": gzip.compress,
    "deflate": zlib.compress,
    "Deflate": raw_deflate,
    "identity": bytes,
    "": bytes,
}


def read(body: bytes, encoding: str | None, max_body: int = 1000) -> bytes:
    environ: dict[str, Any] = {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}
    if encoding is not None:
        environ["HTTP_CONTENT_ENCODING"] = encoding
    return body_of(environ, max_body)


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(data=st.binary(max_size=500))
def test_the_body_is_decompressed(encoding: str, data: bytes) -> None:
    assert read(ENCODINGS[encoding](data), encoding) == data


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "Deflate", "identity"])
def test_the_limit_holds_for_what_comes_out(encoding: str) -> None:
    compress = ENCODINGS[encoding]
    assert read(compress(b"a" * 1000), encoding) == b"a" * 1000
    with pytest.raises(TooLarge):
        read(compress(b"a" * 1001), encoding)


def test_a_bomb_is_not_inflated_beyond_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """50 MB in 50 KB, of which no more than the limit and one byte are ever made."""
    made: list[int] = []
    decompressobj = zlib.decompressobj

    class Watched:
        def __init__(self, wbits: int) -> None:
            self._object = decompressobj(wbits)

        def decompress(self, data: bytes, max_length: int) -> bytes:
            part = self._object.decompress(data, max_length)
            made.append(len(part))
            return part

        def __getattr__(self, name: str) -> Any:
            return getattr(self._object, name)

    bomb = gzip.compress(b"<" * 50_000_000)
    monkeypatch.setattr(zlib, "decompressobj", Watched)
    with pytest.raises(TooLarge):
        read(bomb, "gzip", max_body=100_000)
    assert sum(made) == 100_001


@pytest.mark.parametrize("encoding", ["br", "zstd", "compress", "gzip, deflate", "gzip, gzip", "x" * 1000])
def test_an_encoding_that_is_not_known(encoding: str) -> None:
    with pytest.raises(UnknownEncoding) as refused:
        read(b"anything", encoding)
    assert refused.value.status == "415 Unsupported Media Type"
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[:-1],
        lambda data: data[:5],
        lambda data: data + b"<more/>",
        lambda data: data + data,
        lambda data: data[:-4] + bytes(4) if data[0] == 0x78 else data[:-8] + bytes(8),
        lambda data: b"<x/>",
        lambda data: b"",
    ],
    ids=["a byte is missing", "most is missing", "something follows", "twice", "wrong checksum", "plain", "nothing"],
)
def test_a_broken_stream(encoding: str, spoil: Compress) -> None:
    with pytest.raises(Broken) as refused:
        read(spoil(ENCODINGS[encoding](b"text " * 50)), encoding)
    assert refused.value.status == "400 Bad Request"


@given(data=st.binary(max_size=200), encoding=st.sampled_from(["gzip", "deflate"]))
def test_any_bytes_are_a_body_or_refused(data: bytes, encoding: str) -> None:
    with contextlib.suppress(Refused):
        assert len(read(data, encoding)) <= 1000


def test_a_body_that_ends_too_early_is_incomplete_before_it_is_anything_else() -> None:
    body = gzip.compress(b"text")
    environ: dict[str, Any] = {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": "500", "HTTP_CONTENT_ENCODING": "gzip"}
    with pytest.raises(Incomplete):
        body_of(environ, 1000)
