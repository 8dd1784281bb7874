"""The operations of Magento's SOAP API as Spyne services: one module per resource, all registered here.

Names of operations and parts are the WSDL's, and so is their order. Each service names the schema ``types`` that it
adds. A new resource is a module of types, a module of services, and an entry in ``V2_SERVICES: tuple[type, ...] = (
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
