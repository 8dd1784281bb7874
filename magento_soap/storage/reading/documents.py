"""The documents that clients can list and read, described as data; ``reader`` executes the descriptions.

A description names tables and columns only. To serve another document, add a ``Document`` and put it into
``DOCUMENTS``: filters, sorting, pages, nested parts and the types of columns follow from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Column:
    """One column of an answer under the key that clients know.

    ``source`` is a column of the document's own table, or ``"order.increment_id"``, a column of a join.
    """

    key: str
    source: str


@dataclass(frozen=True)
class Joined:
    """Several columns as one text with blanks between them; NULL if one of them is NULL."""

    key: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class AllColumns:
    """All columns of a table in their order, but for ``without``; a column in ``also`` is given a second time.

    ``also`` maps a column to the second key, which follows the column at once.
    """

    without: tuple[str, ...] = ()
    also: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Join:
    """A table joined where its ``key`` equals ``on``, a column of the document or of an earlier join."""

    name: str
    table: str
    on: str
    key: str = "entity_id"


@dataclass(frozen=True)
class Related:
    """One row that belongs to a document, the row of a join, in its info under ``key``; None where there is none.

    ``more`` columns follow, whose sources are columns of that row. PHP serialized the ``decoded`` ones: they become
    maps.
    """

    key: str
    join: str
    columns: AllColumns = AllColumns()
    more: tuple[Column, ...] = ()
    decoded: tuple[str, ...] = ()


@dataclass(frozen=True)
class Children:
    """Rows that belong to a document, listed in its info under ``key``.

    ``columns`` are all columns of the table, or the named ones only; ``more`` follow them, from the table or its
    ``joins``. ``order_by`` names columns, descending after a ``-``.
    """

    key: str
    table: str
    columns: AllColumns | tuple[str, ...]
    more: tuple[Column, ...] = ()
    joins: tuple[Join, ...] = ()
    parent_id: str = "parent_id"
    order_by: tuple[str, ...] = ("entity_id",)


@dataclass(frozen=True)
class Document:
    """One kind of document: its table, and what lists, infos and filters make of it.

    ``id_column`` is the primary key, which clients call ``id_key``; ``key_column`` is what a client names a document
    by, compared as text. A list has ``list_columns`` and then ``list_more``, an info ``info_columns``, ``info_more``
    and ``related`` rows. Fields of ``searchable`` can be filtered and sorted by besides all columns of the table. What
    is ``extended`` is added on request: ``extended_list`` to lists, and to infos the joined rows of ``extended_info``,
    which maps keys to joins.
    """

    table: str
    id_key: str
    joins: tuple[Join, ...]
    list_columns: tuple[Column, ...] | AllColumns
    info_columns: AllColumns
    list_more: tuple[Column | Joined, ...] = ()
    info_more: tuple[Column, ...] = ()
    related: tuple[Related, ...] = ()
    children: tuple[Children, ...] = ()
    searchable: tuple[Column, ...] = ()
    extended_list: tuple[Column, ...] = ()
    extended_info: Mapping[str, str] = field(default_factory=dict)
    id_column: str = "entity_id"
    key_column: str = "increment_id"


def _same(*names: str) -> tuple[Column, ...]:
    """Columns under their own names."""
    return tuple(Column(name, name) for name in names)


_ROW_AMOUNT = {"base_weee_tax_applied_row_amnt": "base_weee_tax_applied_row_amount"}
"""A column of items whose name was shortened; clients know both."""


def _items(table: str, also: Mapping[str, str] = _ROW_AMOUNT) -> Children:
    """The items of an invoice, a shipment or a credit memo."""
    return Children("items", table, AllColumns(("entity_id",), also), more=(Column("item_id", "entity_id"),))


def _comments(table: str) -> Children:
    """The comments of a document, newest first."""
    return Children(
        "comments",
        table,
        ("parent_id", "is_customer_notified", "is_visible_on_front", "comment", "created_at"),
        more=(Column("comment_id", "entity_id"),),
        order_by=("-created_at", "-entity_id"),
    )


INVOICE = Document(
    table="sales_flat_invoice",
    id_key="invoice_id",
    joins=(
        Join("order", "sales_flat_order", on="order_id"),
        Join("billing", "sales_flat_order_address", on="order.billing_address_id"),
        Join("shipping", "sales_flat_order_address", on="order.shipping_address_id"),
    ),
    list_columns=(
        *_same("order_id", "increment_id", "created_at", "state", "grand_total", "order_currency_code"),
        Column("invoice_id", "entity_id"),
    ),
    extended_list=(Column("order_increment_id", "order.increment_id"), *_same("store_id")),
    info_columns=AllColumns(without=("entity_id",)),
    info_more=(
        Column("invoice_id", "entity_id"),
        Column("order_increment_id", "order.increment_id"),
        Column("order_created_at", "order.created_at"),
        Column("billing_firstname", "billing.firstname"),
        Column("billing_middlename", "billing.middlename"),
        Column("billing_lastname", "billing.lastname"),
    ),
    extended_info={"billing_address": "billing", "shipping_address": "shipping"},
    children=(
        _items("sales_flat_invoice_item"),
        _comments("sales_flat_invoice_comment"),
    ),
    searchable=(Column("invoice_id", "entity_id"), Column("order_increment_id", "order.increment_id")),
)

_LONG_NAMES = {
    "forced_shipment_with_invoice": "forced_do_shipment_with_invoice",
    "payment_auth_expiration": "payment_authorization_expiration",
    "base_shipping_hidden_tax_amnt": "base_shipping_hidden_tax_amount",
}
"""Columns of orders whose names were shortened; clients know both (F2)."""
_OF_ADDRESSES = ("firstname", "middlename", "lastname", "telephone", "postcode")
_GIFT = Join("gift", "gift_message", on="gift_message_id", key="gift_message_id")

ORDER = Document(
    table="sales_flat_order",
    id_key="order_id",
    joins=(
        Join("billing", "sales_flat_order_address", on="billing_address_id"),
        Join("shipping", "sales_flat_order_address", on="shipping_address_id"),
        Join("payment", "sales_flat_order_payment", on="entity_id", key="parent_id"),
        _GIFT,
    ),
    list_columns=AllColumns(without=("entity_id",), also=_LONG_NAMES),
    list_more=(
        *(Column(name, f"shipping.{name}") for name in _OF_ADDRESSES),
        *(
            Column(f"{address}_{name}", f"{address}.{name}")
            for address in ("billing", "shipping")
            for name in ("firstname", "lastname")
        ),
        Joined("billing_name", ("billing.firstname", "billing.lastname")),
        Joined("shipping_name", ("shipping.firstname", "shipping.lastname")),
        Column("order_id", "entity_id"),
    ),
    info_columns=AllColumns(without=("entity_id",)),
    info_more=(
        *(Column(long, short) for short, long in _LONG_NAMES.items()),
        Column("order_id", "entity_id"),
        Column("gift_message", "gift.message"),
    ),
    related=(
        *(
            Related(
                f"{address}_address",
                address,
                AllColumns(without=("entity_id",)),
                more=(Column("address_id", "entity_id"),),
            )
            for address in ("shipping", "billing")
        ),
        Related(
            "payment",
            "payment",
            AllColumns(without=("entity_id",)),
            more=(Column("payment_id", "entity_id"),),
            decoded=("additional_information",),
        ),
    ),
    children=(
        Children(
            "items",
            "sales_flat_order_item",
            AllColumns(also=_ROW_AMOUNT),
            more=(Column("gift_message", "gift.message"),),
            joins=(_GIFT,),
            parent_id="order_id",
            order_by=("item_id",),
        ),
        Children(
            "status_history",
            "sales_flat_order_status_history",
            (
                *("parent_id", "is_customer_notified", "is_visible_on_front", "comment", "status", "created_at"),
                "entity_name",
            ),
            joins=(Join("order", "sales_flat_order", on="parent_id"),),
            more=(Column("store_id", "order.store_id"),),
            order_by=("-created_at", "-entity_id"),
        ),
    ),
    searchable=(
        Column("order_id", "entity_id"),
        *(
            Column(f"{address}_{name}", f"{address}.{name}")
            for address in ("billing", "shipping")
            for name in _OF_ADDRESSES
        ),
    ),
)

SHIPMENT = Document(
    table="sales_flat_shipment",
    id_key="shipment_id",
    joins=(),
    list_columns=(*_same("increment_id", "created_at", "total_qty", "order_id"), Column("shipment_id", "entity_id")),
    info_columns=AllColumns(without=("entity_id",)),
    info_more=(Column("shipment_id", "entity_id"),),
    children=(
        _items("sales_flat_shipment_item", also={}),
        Children(
            "tracks",
            "sales_flat_shipment_track",
            AllColumns(without=("entity_id",), also={"track_number": "number"}),
            more=(Column("track_id", "entity_id"),),
        ),
        _comments("sales_flat_shipment_comment"),
    ),
    searchable=(Column("shipment_id", "entity_id"),),
)

CREDITMEMO = Document(
    table="sales_flat_creditmemo",
    id_key="creditmemo_id",
    joins=(Join("order", "sales_flat_order", on="order_id"),),
    list_columns=AllColumns(without=("entity_id",)),
    list_more=(Column("creditmemo_id", "entity_id"),),
    info_columns=AllColumns(without=("entity_id",)),
    info_more=(Column("creditmemo_id", "entity_id"), Column("order_increment_id", "order.increment_id")),
    children=(
        _items("sales_flat_creditmemo_item"),
        _comments("sales_flat_creditmemo_comment"),
    ),
    searchable=(Column("creditmemo_id", "entity_id"),),
)

STORE = Document(
    table="core_store",
    id_key="store_id",
    joins=(),
    list_columns=_same("store_id", "code", "website_id", "group_id", "name", "sort_order", "is_active"),
    info_columns=AllColumns(),
    id_column="store_id",
    key_column="code",
)

CUSTOMER_GROUP = Document(
    table="customer_group",
    id_key="customer_group_id",
    joins=(),
    list_columns=_same("customer_group_id", "customer_group_code"),
    info_columns=AllColumns(),
    id_column="customer_group_id",
    key_column="customer_group_code",
)

DOCUMENTS: Mapping[str, Document] = {
    "order": ORDER,
    "invoice": INVOICE,
    "shipment": SHIPMENT,
    "creditmemo": CREDITMEMO,
    "store": STORE,
    "customer_group": CUSTOMER_GROUP,
}
"""Every document by its entity type."""
