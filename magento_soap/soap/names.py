"""Namespaces and fixed names of SOAP, XML Schema and WSDL."""

from __future__ import annotations

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
