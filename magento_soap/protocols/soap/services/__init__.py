"""The operations of Magento's SOAP API as Spyne services: one module per resource, all registered here.

Names of operations and parts are the WSDL's, and so is their order. Each service names the schema ``types`` that it
adds. A new resource is a module of types, a module of services, and an entry in ``V2_SERVICES``.
"""

from __future__ import annotations

from .creditmemos import CreditMemoService
from .customers import CustomerService
from .invoices import InvoiceService
from .magento import CoreService, MahoService
from .orders import OrderService
from .session import CallService, SessionService
from .shipments import ShipmentService
from .stores import StoreService

V1_SERVICES: tuple[type, ...] = (CallService,)
V2_SERVICES: tuple[type, ...] = (
    SessionService,
    StoreService,
    CoreService,
    MahoService,
    CustomerService,
    OrderService,
    ShipmentService,
    InvoiceService,
    CreditMemoService,
)
