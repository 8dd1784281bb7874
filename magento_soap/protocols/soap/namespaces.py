"""Namespaces of SOAP, XML Schema and WSDL, and the prefixes that conventionally stand for them."""

from __future__ import annotations

from collections.abc import Mapping

XSD = "http://www.w3.org/2001/XMLSchema"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
WSDL = "http://schemas.xmlsoap.org/wsdl/"
WSDL_SOAP = "http://schemas.xmlsoap.org/wsdl/soap/"
SOAP11_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP11_ENCODING = "http://schemas.xmlsoap.org/soap/encoding/"
SOAP12_ENVELOPE = "http://www.w3.org/2003/05/soap-envelope"
SOAP12_ENCODING = "http://www.w3.org/2003/05/soap-encoding"
SOAP12_RPC = "http://www.w3.org/2003/05/soap-rpc"
HTTP_TRANSPORT = "http://schemas.xmlsoap.org/soap/http"
APACHE_MAP = "http://xml.apache.org/xml-soap"
SERVICE = "urn:Magento"
"""The services' own namespace. Responses and WSDLs may carry another name for it (setting ``namespace``)."""
OPENMAGE = "urn:OpenMage"
MAHO = "urn:Maho"
"""The services' namespace in a Maho, whose WSDLs have one more operation."""

CONVENTIONAL_PREFIXES: Mapping[str, str] = {
    **dict.fromkeys(("xsd", "xs"), XSD),
    "xsi": XSI,
    **dict.fromkeys(("soap-enc", "soapenc"), SOAP11_ENCODING),
    **dict.fromkeys(("soap-env", "soapenv", "soap"), SOAP11_ENVELOPE),
    "enc": SOAP12_ENCODING,
    **dict.fromkeys(("env", "soap12", "soap12env"), SOAP12_ENVELOPE),
    **dict.fromkeys(("ns2", "apachesoap", "apache"), APACHE_MAP),
    **dict.fromkeys(("ns1", "ns0", "n0", "urn", "mag", "magento", "typens", "tns"), SERVICE),
}
"""What a prefix in lower case means that a document uses but does not declare: PHP and common tools use these."""
