"""Parsing of requests: bytes -> root element, within bounds.

``parse`` first looks at the bytes, in an encoding whose markup has the same bytes as in ASCII, and refuses everything
that could make parsing expensive. Then libxml2 parses them. It rejects documents that are wrong only in their
namespaces: an undeclared prefix, a namespace that is not a URI. PHP reads these, and hand-written clients send them. In
that case expat, which ignores namespaces, checks that the document is well-formed and lists its prefixes
(``_Outline``); libxml2 then parses it again with the missing declarations, in recovery mode.

libxml2 keeps every name it reads until the thread ends. So the threads of requests learn names up to a limit, and a
document with other names is parsed in a thread of its own (``_Vocabulary``).
"""

from __future__ import annotations

import codecs
import pkgutil
import re
from collections.abc import Callable, Mapping
from encodings import __path__ as codec_modules
from encodings import aliases
from functools import cache
from threading import Lock, Thread
from typing import Any, NamedTuple, TypeAlias
from xml.parsers import expat

from lxml import etree

from magento_soap.protocols.xml_text import counts_more_than

from . import faults
from .namespaces import CONVENTIONAL_PREFIXES

Element: TypeAlias = etree._Element

# Encodings in which markup has the bytes it has in ASCII, and which libxml2 reads itself.
_DECLARED = re.compile(rb"\A(?:\xef\xbb\xbf)?<\?xml[^>]*?\bencoding\s*=\s*[\"']([A-Za-z0-9._:-]*)[\"']").match
_READ_BY_LIBXML = re.compile(
    rb"(?i)utf-?8|utf-?16(?:le|be)?|utf-?32(?:le|be)?|ucs-?[24]|(?:us-)?ascii|iso-8859-\d+|(?:windows-|cp)12\d\d"
    rb"|koi8-[ru]|gb2312|gbk|gb18030|big5|shift_jis|euc-(?:jp|kr|cn|tw)"
).fullmatch
_UNICODE = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
# Names that iconv knows, and Python does not or only lately.
_MORE_NAMES = {
    "windows31j": "cp932",
    "cswindows31j": "cp932",
    "xsjis": "cp932",
    "sjiswin": "cp932",
    "windows874": "cp874",
    "windows936": "gbk",
    "xmacroman": "mac_roman",
    "eucjpms": "euc_jp",
    "eucjpwin": "euc_jp",
    "msansi": "cp1252",
}
_ASCII = bytes([9, 10, 13, *range(32, 127)])
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape"})

_BLANKS = "\0 \t\r\n"
_MAX_MISSING_PREFIXES = 1000
_MAX_WIDE = 4 * 1024 * 1024
"""How many bytes a document may have that has characters beyond the first 65,536, or may have them by number. Python
needs four bytes for each character of a text with one of these."""
_WIDE = re.compile(rb"[\xf0-\xf4]|&#").search
_LEAVES_OF_SEVERAL_TEXTS: Any = etree.XPath("//*[not(*) and count(text()) > 1]")
_TEXTS: Any = etree.XPath("text()")


class Document(NamedTuple):
    """A request: its root element, and whether that is known to be the only one that declares namespaces."""

    root: Element
    all_declared_at_root: bool = False


def parse(body: bytes, max_elements: int) -> Document:
    """The document of a request.

    NULs behind the document do not matter, nor does white space around CDATA; comments and processing instructions are
    gone. Prefixes that are not declared mean what they conventionally do, or nothing but themselves. A DTD is refused
    (its defaults for attributes multiply like entities do), and so are more than ``max_elements`` elements and
    attributes. libxml2's own limits hold for depth (256) and text (10 MB).

    Raises the faults of invalid XML, of a DTD, of entities, of a request that is too large.
    """
    markup, encoding = _readable(body)
    if not markup.removeprefix(codecs.BOM_UTF8).lstrip(b" \t\r\n").startswith(b"<"):
        raise faults.invalid_xml()
    if _has_doctype(markup):
        raise faults.entity_used() if b"<!ENTITY" in markup else faults.dtd_used()
    if counts_more_than(max_elements, markup) or (len(markup) > _MAX_WIDE and _WIDE(markup)):
        raise faults.request_too_large()
    if _vocabulary.covers(markup):
        return _parsed(markup, encoding)
    return _in_own_thread(lambda: _parsed(markup, encoding))


def _parsed(markup: bytes, encoding: str | None) -> Document:
    """The document in bytes that have passed the checks."""
    parser = _parser(markup, encoding)
    try:
        root = etree.fromstring(markup, parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    # To libxml2, errors of namespaces (and of xml:id) are not fatal. lxml may return a root in spite of one, when a
    # warning came after it.
    is_recovered = any(error.level_name == "ERROR" for error in parser.error_log)
    if is_recovered:
        root = _without_namespaces(markup if encoding else _transcoded(markup, _declared_codec(markup) or "utf-8"))
    if root is None:
        raise faults.invalid_xml()
    all_declared_at_root = not is_recovered and markup.count(b"xmlns") == len(root.nsmap)
    if root.getroottree().docinfo.internalDTD is not None:
        raise faults.dtd_used()
    if b"<![CDATA[" in markup:
        _trim_around_cdata(root)
    return Document(root, all_declared_at_root)


def _parser(markup: bytes, encoding: str | None, *, recover: bool = False) -> etree.XMLParser:
    """A parser for one document; its ``error_log`` has the errors of this document only."""
    return etree.XMLParser(
        encoding=encoding,
        recover=recover,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        strip_cdata=b"<![CDATA[" not in markup,
    )


# Names


class _Vocabulary:
    """The markup that libxml2 may learn in the threads of requests, where it never forgets a name.

    What counts are whole tags with the white space behind them, and names of entities: all that libxml2 may keep. The
    requests of a shop's clients have a few hundred.
    """

    _MAX_DOCUMENT = 64 * 1024
    _MAX_BYTES = 512 * 1024
    _BYTES_PER_ENTRY = 100
    """What an entry costs in addition to its text, here and in libxml2."""
    _tokens = re.compile(rb"<[^<>]*>\s*|&[^#;<]*").findall

    def __init__(self) -> None:
        self._known: set[bytes] = set()
        self._bytes = 0
        self._lock = Lock()

    def covers(self, markup: bytes) -> bool:
        """Whether all names in a document are known, or few enough to be learned, and they are now.

        False for a document that is long, or whose tags cannot be separated from its text by counting.
        """
        tags = markup.count(b"<")
        if len(markup) > self._MAX_DOCUMENT or tags != markup.count(b">") or b"<!" in markup:
            return False
        tokens = self._tokens(markup)
        if len(tokens) != tags + markup.count(b"&"):
            return False
        return self._known.issuperset(tokens) or self._learn(set(tokens))

    def _learn(self, tokens: set[bytes]) -> bool:
        with self._lock:
            unknown = tokens - self._known
            size = sum(map(len, unknown)) + self._BYTES_PER_ENTRY * len(unknown)
            if self._bytes + size > self._MAX_BYTES:
                return False
            self._bytes += size
            self._known |= unknown
            return True


_vocabulary = _Vocabulary()


def _in_own_thread(parse: Callable[[], Document]) -> Document:
    """The result of ``parse``, whose names libxml2 forgets with the document."""
    outcome: list[Document | Exception] = []

    def run() -> None:
        try:
            outcome.append(parse())
        except Exception as error:
            outcome.append(error)

    thread = Thread(target=run, name="document")
    thread.start()
    thread.join()
    result = outcome.pop()
    if isinstance(result, Document):
        return result
    try:
        raise result
    finally:
        del result  # its traceback refers to this frame, and so to the document


# Encodings


def _readable(body: bytes) -> tuple[bytes, str | None]:
    """The document in bytes that can be looked at, and their encoding where it is not what the document declares."""
    codec = next((codec for start, codec in _UNICODE if body.startswith(start)), None)
    if codec is None:
        declared = _DECLARED(body)
        if declared is None or _READ_BY_LIBXML(declared[1]):
            return body.rstrip(_BLANKS.encode()), None
        codec = _declared_codec(body)
        if codec is None:
            raise faults.invalid_xml()
    return _transcoded(body, codec), "utf-8"


def _transcoded(body: bytes, codec: str) -> bytes:
    """The document in UTF-8. Raises the fault of invalid XML for bytes that are not of the encoding."""
    try:
        return body.decode(codec).rstrip(_BLANKS).encode()
    except ValueError:
        raise faults.invalid_xml() from None


def _declared_codec(body: bytes) -> str | None:
    """The codec of the encoding that a document declares; none for an encoding whose markup is not ASCII."""
    declared = _DECLARED(body)
    if declared is None:
        return None
    codec = _codecs().get(_squashed(declared[1].decode("ascii")))
    return codec if codec is not None and _keeps_ascii(codec) else None


def _squashed(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower())


@cache
def _codecs() -> Mapping[str, str]:
    """Python's codecs by all their names. To ask ``codecs`` for a name would keep it, whatever a client calls it."""
    modules = {module.name for module in pkgutil.iter_modules(codec_modules)}
    names = {**{name: name for name in modules}, **aliases.aliases}
    known = {_squashed(name): codec for name, codec in names.items() if codec not in _NO_CHARSETS}
    return known | _MORE_NAMES


@cache
def _keeps_ascii(codec: str) -> bool:
    try:
        return _ASCII.decode(codec) == _ASCII.decode("ascii")
    except (LookupError, ValueError):  # no encoding of text, none on this system
        return False


# Markup


def _has_doctype(markup: bytes) -> bool:
    """Whether a DOCTYPE stands before the root element; the same text inside of it is only text."""
    position = 0
    while (position := markup.find(b"<", position)) >= 0:
        if markup.startswith(b"<?", position):
            end = markup.find(b"?>", position)
        elif markup.startswith(b"<!--", position):
            end = markup.find(b"-->", position + 4)
        else:
            return markup.startswith(b"<!", position)
        if end < 0:
            return False
        position = end
    return False


def _trim_around_cdata(root: Element) -> None:
    """Drop the white space around CDATA from the text of elements that hold nothing else, as PHP does."""
    for element in _LEAVES_OF_SEVERAL_TEXTS(root):
        element.text = "".join(text for text in _TEXTS(element) if text.strip(_BLANKS))


# Namespaces


def _without_namespaces(markup: bytes) -> Element:
    """The root element of a document in UTF-8 that is well-formed but for its namespaces.

    A recovering parser makes something of any document, and some versions tell no more after the hundredth error. So
    expat has to find the document well-formed, and both have to see the same number of elements.

    Raises the fault of invalid XML for any other document.
    """
    outline = _Outline(markup)
    parser = _parser(markup, "utf-8", recover=True)
    root = etree.fromstring(outline.with_declarations(), parser)
    if root is None or any(error.level_name == "FATAL" for error in parser.error_log):
        raise faults.invalid_xml()
    if sum(1 for _ in root.iter()) != outline.elements:
        raise faults.invalid_xml()
    return root


class _Outline:
    """What expat sees of a document in UTF-8: how many elements, and which names are used.

    Raises the fault of invalid XML for a document that is not well-formed.
    """

    def __init__(self, markup: bytes) -> None:
        self.elements = 0
        self._markup = markup
        self._start = 0
        self._root: list[str] = []
        self._names: set[str] = set()
        self._parser = expat.ParserCreate("utf-8")
        self._parser.ordered_attributes = True
        self._parser.StartElementHandler = self._element
        try:
            self._parser.Parse(markup, True)
        except expat.ExpatError:
            raise faults.invalid_xml() from None

    def _element(self, name: str, attributes: list[str]) -> None:
        """Expat's handler; ``attributes`` are names and values in turn."""
        if not self.elements:
            self._start = self._parser.CurrentByteIndex + 1 + len(name.encode())
            self._root = attributes[::2]
        self.elements += 1
        self._names.add(name)
        if attributes:
            self._names.update(attributes[::2])

    def with_declarations(self) -> bytes:
        """The document with a declaration on its root for every prefix in use that has none there.

        Raises the fault of invalid XML for very many prefixes.
        """
        prefixes = {name.partition(":")[0] for name in self._names if ":" in name}
        missing = prefixes - {name.removeprefix("xmlns:") for name in self._root} - {"", "xml", "xmlns"}
        if len(missing) > _MAX_MISSING_PREFIXES:
            raise faults.invalid_xml()
        declarations = "".join(f' xmlns:{p}="{CONVENTIONAL_PREFIXES.get(p.lower(), p)}"' for p in sorted(missing))
        return self._markup[: self._start] + declarations.encode() + self._markup[self._start :]
