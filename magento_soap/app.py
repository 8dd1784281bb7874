"""The composition root: the only module that connects all parts.

``create_app`` builds the WSGI application: middlewares around a router, endpoints behind it, and the services that the
endpoints call. ``create_worker`` builds the worker that sends mail and deletes expired rows. Both are built from
``Settings`` and a ``Database``.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from datetime import timedelta
from http import HTTPStatus
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING, NamedTuple

from magento_soap.api.acl import Acl
from magento_soap.api.dispatcher import Dispatcher
from magento_soap.api.forwarding import ForwardingRules
from magento_soap.api.logins import REMEMBERED_DAYS, LoginThrottle
from magento_soap.api.methods.creditmemos import CreditMemoApi
from magento_soap.api.methods.customers import CustomerAddressApi, CustomerApi, CustomerGroupApi
from magento_soap.api.methods.invoices import INVOICE_FAULTS, InvoiceApi
from magento_soap.api.methods.magento import maho_resource
from magento_soap.api.methods.magento import resource as magento_resource
from magento_soap.api.methods.orders import OrderApi
from magento_soap.api.methods.shipments import ShipmentApi
from magento_soap.api.methods.stores import StoreApi
from magento_soap.api.methods.webapi import WebapiServices
from magento_soap.api.methods.webapi.access import Access
from magento_soap.api.methods.webapi.invoice_order import InvoiceOrder
from magento_soap.api.methods.webapi.refund_invoice import RefundInvoice
from magento_soap.api.methods.webapi.refund_order import RefundOrder
from magento_soap.api.methods.webapi.repositories import repositories
from magento_soap.api.methods.webapi.ship_order import ShipOrder
from magento_soap.api.resources import Registry
from magento_soap.api.sessions import Sessions
from magento_soap.mail.message import Composer
from magento_soap.mail.sender import SmtpSender
from magento_soap.mail.worker import MailWorker, Worker
from magento_soap.payments.http import HttpGateway
from magento_soap.payments.registry import PaymentMethods
from magento_soap.protocols.forwarding import Upstream
from magento_soap.protocols.jsonrpc import JsonRpcEndpoint
from magento_soap.protocols.rest.endpoint import RestEndpoint
from magento_soap.protocols.soap.contracts import Style, merged_template
from magento_soap.protocols.soap.endpoint import SoapEndpoint
from magento_soap.protocols.soap.interface import operations_of
from magento_soap.protocols.soap.namespaces import MAHO
from magento_soap.protocols.soap.services import V2_SERVICES
from magento_soap.protocols.xmlrpc import XmlRpcEndpoint
from magento_soap.sales.invoicing.extensions import Extensions
from magento_soap.sales.services import SalesServices
from magento_soap.server.compression import Compression
from magento_soap.server.hosts import FixedBaseUrl, HostCheck, allowed_hosts
from magento_soap.server.proxies import TrustedProxies
from magento_soap.server.router import Router
from magento_soap.upstream.circuit_breaker import CircuitBreaker
from magento_soap.upstream.exchange import Address
from magento_soap.upstream.forwarding import HttpUpstream, Record
from magento_soap.upstream.targets import WSDL_TARGETS
from magento_soap.upstream.usage import UsageCounter
from magento_soap.upstream.wsdl import ShopWsdl

from .settings import Settings, load_settings
from .storage import Database

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

FORWARDED_DAYS = 400
"""How long a user's forwarded method stays in the report after its last call: longer than a yearly job takes."""
WSI_FAULT_STATUS = {"magento": HTTPStatus.OK, "basic-profile": HTTPStatus.INTERNAL_SERVER_ERROR}


def create_app(
    settings: Settings | None = None,
    database: Database | None = None,
    *,
    extensions: Extensions | None = None,
    closing: ExitStack | None = None,
) -> WSGIApplication:
    """Build the WSGI application.

    Settings come from the environment and the configuration file unless given, and they name the database unless it is
    given. ``extensions`` replace parts of invoicing. Whoever ends the process closes ``closing`` before, and so stores
    what is only counted in memory.

    Raises ValueError for settings that cannot work, such as a payment adapter that does not load.
    """
    settings = settings or load_settings()
    database = database or open_database(settings, settings.statement_timeout_seconds)
    services = create_services(settings, database, extensions)
    rest = RestEndpoint(services.webapi, max_body=settings.max_body_bytes)
    usage = UsageCounter(database.forwarded_counts, database.clock.now)
    if closing is not None:
        closing.callback(usage.close)
    upstream = create_upstream(settings, usage.record)
    wsdls = create_shop_wsdls(settings, database, services.dispatcher, upstream) if upstream else {}
    endpoints = create_endpoints(settings, services.dispatcher, upstream, wsdls)
    router = Router(endpoints, rest, fixed_address=settings.base_url is not None)
    return wrap_in_middleware(router, settings)


def create_upstream(settings: Settings, record: Record | None = None) -> HttpUpstream | None:
    """The shop behind this server, if the settings name one. ``record`` counts what is forwarded.

    Raises ValueError for a certificate file that is none.
    """
    if settings.upstream_url is None:
        return None
    return HttpUpstream(
        Address.of(settings.upstream_url, host_header=settings.upstream_host_header, ca=settings.upstream_ca),
        seconds=settings.upstream_timeout_seconds,
        max_bytes=settings.upstream_max_response_bytes,
        record=record,
        breaker=CircuitBreaker(),
        shadow_percent=settings.upstream_shadow_percent,
    )


def create_shop_wsdls(
    settings: Settings, database: Database, dispatcher: Dispatcher, upstream: HttpUpstream
) -> dict[Style, ShopWsdl]:
    """The WSDLs of V2 and WS-I with the operations of both sides. V1's are the same everywhere."""
    forwarded = [operation.name for operation in operations_of(V2_SERVICES) if dispatcher.is_forwarded(operation.path)]

    def merged(style: Style) -> ShopWsdl:
        name = "v2" if style == "v2" else "wsi"
        return ShopWsdl(
            name,
            WSDL_TARGETS[name],
            fetch=upstream.fetch_wsdl,
            merge=lambda document: merged_template(
                style,
                document,
                namespace=settings.namespace,
                soapenc_import=settings.soapenc_import,
                forwarded=forwarded,
            ),
            copies=database.wsdl_copies,
            refresh_seconds=settings.upstream_wsdl_seconds,
            now=database.clock.now,
        )

    styles: tuple[Style, ...] = ("v2", "wsi", "wsi-documented")
    return {style: merged(style) for style in styles}


def create_endpoints(
    settings: Settings,
    dispatcher: Dispatcher,
    upstream: Upstream | None = None,
    wsdls: Mapping[Style, ShopWsdl] | None = None,
) -> dict[str, WSGIApplication]:
    """The endpoints of Magento 1's API, by the adapter names that Magento uses in URLs."""

    def soap(style: Style) -> SoapEndpoint:
        shop_wsdl = (wsdls or {}).get(style)
        return SoapEndpoint(
            dispatcher,
            style=style,
            namespace=settings.namespace,
            soapenc_import=settings.soapenc_import,
            literal_fault_status=WSI_FAULT_STATUS[settings.wsi_fault_status],
            max_body=settings.max_body_bytes,
            upstream=upstream,
            describe=shop_wsdl.document if shop_wsdl else None,
        )

    v1, v2, wsi = soap("v1"), soap("v2"), soap("wsi")
    v2_soap = v2
    if settings.wsi:
        v2_soap = wsi if settings.wsi_wsdl == "magento" else soap("wsi-documented")
    return {
        "default": v1,
        "soap": v1,
        "soap_v2": v2,
        "v2_soap": v2_soap,
        "soap_wsi": wsi,
        "v2_soap_wsi": wsi,
        "xmlrpc": XmlRpcEndpoint(dispatcher, max_body=settings.max_body_bytes, upstream=upstream),
        "jsonrpc": JsonRpcEndpoint(
            dispatcher, max_body=settings.max_body_bytes, strings=settings.json_strings, upstream=upstream
        ),
    }


def wrap_in_middleware(app: WSGIApplication, settings: Settings) -> WSGIApplication:
    """Wrap the router. A request passes the middlewares from the last one to the first."""
    app = Compression(app)
    if settings.base_url is not None:
        app = FixedBaseUrl(app, settings.base_url)
    app = HostCheck(app, allowed_hosts(settings.allowed_hosts, settings.base_url, settings.host))
    if settings.trusted_proxies:
        app = TrustedProxies(app, settings.trusted_proxies)
    return app


class Services(NamedTuple):
    """What the endpoints call: the dispatcher of Magento 1's API, and the services of Magento 2's web API."""

    dispatcher: Dispatcher
    webapi: WebapiServices


def create_services(settings: Settings, database: Database, extensions: Extensions | None = None) -> Services:
    """Build all services; they share users and permissions. Raises ValueError as ``create_app``."""
    throttle = LoginThrottle(
        database.logins, settings.login_attempts, settings.login_window_seconds, database.clock.now
    )
    sessions = Sessions(database.accounts, database.clock.now, throttle, settings.session_touch_seconds)
    acl = Acl(database.accounts, settings.cache_seconds)
    sales = create_sales(settings, database, extensions)
    registry = create_registry(settings, database, sales)
    forwarding = None
    if settings.upstream_url is not None:
        forwarding = ForwardingRules(settings.upstream_methods, settings.upstream_excluded_methods)
    webapi = create_webapi(Access(sessions, acl), database, sales)
    return Services(Dispatcher(sessions, acl, registry, forwarding), webapi)


def create_webapi(access: Access, database: Database, sales: SalesServices) -> WebapiServices:
    """Build the services of Magento 2's web API."""
    return WebapiServices(
        access,
        InvoiceOrder(access, sales.invoices),
        ShipOrder(access, sales.shipments),
        RefundOrder(access, sales.creditmemos),
        RefundInvoice(access, sales.creditmemos),
        repositories(access, database.document_queries),
    )


def create_api(settings: Settings, database: Database, extensions: Extensions | None = None) -> Dispatcher:
    """Build Magento 1's API. Raises ValueError as ``create_app``."""
    return create_services(settings, database, extensions).dispatcher


def create_sales(settings: Settings, database: Database, extensions: Extensions | None = None) -> SalesServices:
    """Build the services of the sales domain with the given extensions, by default those of the settings.

    Raises ValueError for a payment adapter or extensions that do not load.
    """
    return SalesServices(
        transactions=database.transactions,
        payment_methods=open_payment_methods(settings),
        shop=database.shop,
        clock=database.clock,
        extensions=extensions or _load_extensions(settings.extensions),
        carriers=settings.tracking_carriers,
        lease=timedelta(seconds=settings.payment_lease_seconds),
        most_waiting=_most_waiting(settings),
    )


def create_registry(settings: Settings, database: Database, sales: SalesServices | None = None) -> Registry:
    """Build the registry of all resources. Raises ValueError for a payment adapter that does not load."""
    sales = sales or create_sales(settings, database)
    texts = settings.fault_texts
    return Registry(
        OrderApi(sales.orders, database.queries["order"]).resource(),
        ShipmentApi(sales.shipments, database.queries["shipment"], database.queries["order"]).resource(),
        InvoiceApi(sales.invoices, database.queries["invoice"], INVOICE_FAULTS[texts]).resource(),
        CreditMemoApi(sales.creditmemos, database.queries["creditmemo"]).resource(),
        CustomerApi(database.queries["customer"]).resource(),
        CustomerGroupApi(database.queries["customer_group"]).resource(),
        CustomerAddressApi(database.queries["customer_address"], database.queries["customer"]).resource(),
        StoreApi(database.queries["store"]).resource(),
        magento_resource(),
        maho_resource(listed=settings.namespace == MAHO),
    )


def _load_extensions(target: str | None) -> Extensions | None:
    if target is None:
        return None
    try:
        found = EntryPoint("extensions", target, "").load()
    except Exception as error:
        raise ValueError(f'extensions: cannot load "{target}": {error}') from error
    if not isinstance(found, Extensions):
        raise ValueError(f'extensions: "{target}" is not an instance of Extensions')
    return found


def open_payment_methods(settings: Settings) -> PaymentMethods:
    """Load the configured payment methods. Raises ValueError for one that cannot work."""

    def http_gateway(code: str) -> HttpGateway:
        if settings.http_gateway_url is None or settings.http_gateway_secret is None:
            raise ValueError("it needs the settings http_gateway_url and http_gateway_secret")
        gateway = HttpGateway(
            code,
            url=settings.http_gateway_url,
            secret=settings.http_gateway_secret,
            timeout_seconds=settings.http_gateway_timeout_seconds,
            attempts=settings.http_gateway_attempts,
            signed_answers=settings.http_gateway_signed_answers,
        )
        if gateway.longest_seconds >= settings.payment_lease_seconds:
            raise ValueError(
                f"it may take {gateway.longest_seconds:.0f} seconds (http_gateway_timeout_seconds, "
                "http_gateway_attempts), and payment_lease_seconds must be longer"
            )
        return gateway

    return PaymentMethods(settings.payment_methods, {"http": http_gateway})


def create_worker(settings: Settings, database: Database) -> Worker:
    """Build the worker that sends mail and deletes expired rows."""
    sender = SmtpSender(
        settings.smtp_host,
        settings.smtp_port,
        security=settings.smtp_security,
        username=settings.smtp_username,
        password=settings.smtp_password,
        timeout=settings.smtp_timeout_seconds,
    )
    composer = Composer(database.mails, database.shop, database.clock, settings.mail_templates)
    mails = MailWorker(database.outbox, composer, sender, settings.mail_attempts)
    return Worker(mails, lambda: tidy(settings, database), database.clock)


def tidy(settings: Settings, database: Database) -> None:
    """Delete expired rows: sent mails, stored responses, login attempts, counts of forwarded calls.

    A worker does this once an hour.
    """
    if settings.mail_keep_days:
        database.outbox.forget_sent(database.clock.now() - timedelta(days=settings.mail_keep_days))
    database.forget_stored_responses()
    database.logins.forget(database.clock.now() - timedelta(days=REMEMBERED_DAYS))
    database.forwarded_counts.forget((database.clock.now() - timedelta(days=FORWARDED_DAYS)).date())


def open_database(settings: Settings, statement_timeout: float | None = None) -> Database:
    """Open the configured database without connecting to it yet.

    ``statement_timeout`` limits the statements of clients' calls, in seconds. Commands and workers set no limit.
    """
    return Database(
        settings.database_url,
        prefix=settings.table_prefix,
        read_url=settings.read_database_url,
        cache_seconds=settings.cache_seconds,
        pool_size=settings.threads,
        request_hours=settings.idempotency_hours,
        statement_timeout=statement_timeout,
        sqlite_synchronous=settings.sqlite_synchronous,
        lock_wait_seconds=settings.lock_wait_seconds,
        most_waiting=_most_waiting(settings),
        customer_secrets=settings.customer_secrets,
    )


def _most_waiting(settings: Settings) -> int:
    """How many threads of a process may wait for locks. The other threads serve calls that need no lock."""
    return max(1, settings.threads // 2)
