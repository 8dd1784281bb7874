"""The types of what the API lists of itself: resources, methods and faults ("Falture" is the WSDL's spelling)."""

from __future__ import annotations

from .common import ArrayOfString, Text, array, required, struct

ApiMethod = struct("apiMethodEntity", title=Text, path=Text, name=Text, aliases=required(ArrayOfString))
ArrayOfApiMethods = array("ArrayOfApiMethods", ApiMethod)
ApiResource = struct(
    "apiEntity", title=Text, name=Text, aliases=required(ArrayOfString), methods=required(ArrayOfApiMethods)
)
ArrayOfApis = array("ArrayOfApis", ApiResource)
ExistsFault = struct("existsFaltureEntity", code=Text, message=Text)
ArrayOfExistsFaults = array("ArrayOfExistsFaltures", ExistsFault)

TYPES = (ArrayOfString, ApiMethod, ArrayOfApiMethods, ApiResource, ArrayOfApis, ExistsFault, ArrayOfExistsFaults)
