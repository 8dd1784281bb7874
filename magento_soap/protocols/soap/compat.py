"""What Spyne 2.14 needs to be imported on Python 3.12 and later, and changes to two of its defaults.

Spyne brings its own ``six``, whose importer speaks a protocol that Python 3.12 dropped, so ``spyne.util.six.moves.*``
are not found. Python looks into ``sys.modules`` before it asks any importer: it is enough to put the modules there.
Python 3.13 dropped ``cgi``, of which Spyne calls ``parse_header`` only.
"""

from __future__ import annotations

import collections.abc
import http.cookies
import importlib
import logging
import math
import sys
import types
import urllib.error
import urllib.parse
import urllib.request
import warnings
from email.message import Message

_MOVES = "spyne.util.six.moves"


def _parse_header(line: str) -> tuple[str, dict[str, str]]:
    """The value and the parameters of a header line, as ``cgi.parse_header`` gave them."""
    message = Message()
    message["content-type"] = line
    first, *parameters = message.get_params(failobj=[("", "")], header="content-type")
    return first[0], {name.lower(): value for name, value in parameters}


def _provide_moves() -> None:
    leaves: dict[str, types.ModuleType] = {
        "": types.ModuleType(_MOVES),
        ".collections_abc": collections.abc,
        ".http_cookies": http.cookies,
        ".urllib": urllib,
        ".urllib.parse": urllib.parse,
        ".urllib.request": urllib.request,
        ".urllib.error": urllib.error,
    }
    for suffix, module in leaves.items():
        sys.modules.setdefault(_MOVES + suffix, module)


def _provide_cgi() -> None:
    cgi = types.ModuleType("cgi")
    cgi.__dict__.update(parse_header=_parse_header, FieldStorage=None)
    sys.modules.setdefault("cgi", cgi)


if sys.version_info >= (3, 12):
    _provide_moves()
if sys.version_info >= (3, 13):
    _provide_cgi()
else:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        importlib.import_module("cgi")

import spyne.const  # noqa: E402  (only importable after the above)

# Spyne would otherwise collect garbage inside a request, once a second.
spyne.const.MIN_GC_INTERVAL = math.inf
# Spyne logs a traceback for every fault it returns, also expected ones. ``faults.as_fault`` logs the unexpected.
logging.getLogger("spyne").setLevel(logging.CRITICAL + 1)
