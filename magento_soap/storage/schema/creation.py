"""Creating the tables of a fresh database, and checking whether an existing shop fits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, DateTime, Engine, Integer, LargeBinary, Numeric, String, inspect
from sqlalchemy.dialects import mysql
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.types import TypeEngine

from magento_soap.storage.connection.transactions import read
from magento_soap.storage.sales.outbox import VERSION_TABLE

from .tables import Tables
from .types import ExactDecimal, UtcTime

VALUE_TYPES = ("datetime", "decimal", "int", "text", "varchar")
# Tables that the server reads or writes; it only loads and dumps the others.
NEEDED = (
    "api_role",
    "api_rule",
    "api_session",
    "api_user",
    "cataloginventory_stock_item",
    "cataloginventory_stock_status",
    "core_config_data",
    "core_store",
    "customer_address_entity",
    "customer_entity",
    "customer_group",
    "eav_attribute",
    "eav_entity_store",
    "eav_entity_type",
    "gift_message",
    "sales_flat_creditmemo",
    "sales_flat_creditmemo_comment",
    "sales_flat_creditmemo_grid",
    "sales_flat_creditmemo_item",
    "sales_flat_invoice",
    "sales_flat_invoice_comment",
    "sales_flat_invoice_grid",
    "sales_flat_invoice_item",
    "sales_flat_order",
    "sales_flat_order_address",
    "sales_flat_order_grid",
    "sales_flat_order_item",
    "sales_flat_order_payment",
    "sales_flat_order_status_history",
    "sales_flat_shipment",
    "sales_flat_shipment_comment",
    "sales_flat_shipment_grid",
    "sales_flat_shipment_item",
    "sales_flat_shipment_track",
    "sales_order_status",
    "sales_order_status_state",
    "sales_payment_transaction",
    "salesrule",
    "salesrule_coupon",
    "salesrule_coupon_usage",
    "salesrule_customer",
    *(f"customer_{kind}_{type_}" for kind in ("entity", "address_entity") for type_ in VALUE_TYPES),
)
# Of these only some columns are used; older shops lack others.
_USED_COLUMNS: Mapping[str, frozenset[str]] = {
    "cataloginventory_stock_item": frozenset(
        {
            *("product_id", "stock_id", "qty", "min_qty", "use_config_min_qty", "backorders", "use_config_backorders"),
            *("is_in_stock", "manage_stock", "use_config_manage_stock", "stock_status_changed_auto"),
        }
    ),
    "eav_attribute": frozenset({"attribute_id", "entity_type_id", "attribute_code", "backend_type"}),
    "salesrule": frozenset({"rule_id", "times_used"}),
    "salesrule_coupon": frozenset({"coupon_id", "rule_id", "code", "times_used"}),
}
_BLOBS = (mysql.TINYBLOB, mysql.MEDIUMBLOB, mysql.LONGBLOB)  # to SQLAlchemy no LargeBinary
# Shops of all ages differ here, and all lengths from these on work.
_SHORTEST = {("api_session", "sessid"): 32, ("api_user", "api_key"): 40, ("api_user", "username"): 1}


@dataclass(frozen=True)
class Problem:
    """Why a database does not fit; ``column`` is None when the whole table is missing."""

    table: str
    column: str | None
    text: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column}: {self.text}" if self.column else f"{self.table}: {self.text}"


def check(engine: Engine, tables: Tables) -> list[Problem]:
    """The problems that keep a database from being served: missing tables and columns, narrow types. Changes nothing.

    Our own tables may be missing; those that exist must have this program's revision.
    """
    return read(engine, lambda connection: _problems(connection, tables)) + check_own_tables(engine, tables.prefix)


def check_own_tables(engine: Engine, prefix: str) -> list[Problem]:
    """The problems of our own tables: another version of this program made them. Changes nothing."""
    table = prefix + VERSION_TABLE

    def revisions(connection: Connection) -> tuple[str, ...]:
        return MigrationContext.configure(connection, opts={"version_table": table}).get_current_heads()

    found = read(engine, revisions)
    script = ScriptDirectory.from_config(_migrations())
    head = script.get_current_head()
    known = {each.revision for each in script.walk_revisions()}
    problems = []
    for revision in found:
        if revision not in known:
            message = f"revision {revision} was made by a newer magento-soap: update this program"
            problems.append(Problem(table, None, message))
        elif revision != head:
            message = f"revision {revision} is older than this program's {head}: magento-soap db init --own-tables"
            problems.append(Problem(table, None, message))
    return problems


def create_all(engine: Engine, tables: Tables) -> None:
    """Create all tables that do not exist, Magento's and our own."""
    tables.metadata.create_all(engine)
    create_own_tables(engine, tables.prefix)


def create_own_tables(engine: Engine, prefix: str, revision: str = "head") -> None:
    """Bring our own tables (``magento_soap_...``) to that revision, the latest by default, and touch no other.

    Raises ValueError when a newer program made them.
    """
    config = _migrations()
    with engine.begin() as connection:
        config.attributes.update(connection=connection, prefix=prefix)
        try:
            command.upgrade(config, revision)
        except CommandError as error:
            raise ValueError(f"{prefix}{VERSION_TABLE}: {error}") from error


def _migrations() -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.files(__package__) / "migrations"))
    return config


def _problems(connection: Connection, tables: Tables) -> list[Problem]:
    inspector = inspect(connection)
    existing = set(inspector.get_table_names())
    problems = []
    for name in NEEDED:
        table = tables[name]
        if table.name not in existing:
            problems.append(Problem(table.name, None, "the table is missing"))
            continue
        found = {column["name"]: column for column in inspector.get_columns(table.name)}
        for column in table.c:
            if column.name not in _USED_COLUMNS.get(name, (column.name,)):
                continue
            if column.name not in found:
                problems.append(Problem(table.name, column.name, "the column is missing"))
            elif reason := _misfit(column.type, found[column.name], _SHORTEST.get((name, column.name))):
                problems.append(Problem(table.name, column.name, reason))
    return problems


def _misfit(needed: TypeEngine[Any], found: ReflectedColumn, shortest: int | None) -> str | None:
    kind = found["type"]
    if isinstance(needed, ExactDecimal):
        if isinstance(kind, Numeric):
            narrow = kind.scale is not None and kind.scale < needed.scale
            return f"{kind} keeps fewer than {needed.scale} decimals" if narrow else None
        return None if isinstance(kind, String) else f"{kind} is not a decimal type"
    if isinstance(needed, UtcTime):
        return None if isinstance(kind, DateTime | String) else f"{kind} is not a time type"
    if isinstance(needed, LargeBinary):
        return None if isinstance(kind, (LargeBinary, String, *_BLOBS)) else f"{kind} holds no bytes"
    if isinstance(needed, Integer):
        return None if isinstance(kind, Integer) else f"{kind} is not an integer type"
    if not isinstance(kind, String):
        return f"{kind} is not a text type"
    wanted = shortest or getattr(needed, "length", None)
    length = kind.length
    if wanted is not None and length is not None and length < wanted:
        return f"{kind} is shorter than {wanted} characters"
    return None
