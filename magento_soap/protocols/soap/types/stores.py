"""The types of store views."""

from __future__ import annotations

from .common import Integer, Text, array, struct

Store = struct(
    "storeEntity",
    store_id=Integer,
    code=Text,
    website_id=Integer,
    group_id=Integer,
    name=Text,
    sort_order=Integer,
    is_active=Integer,
)
StoreArray = array("storeEntityArray", Store)

TYPES = (Store, StoreArray)
