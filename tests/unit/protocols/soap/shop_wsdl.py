"""Two small WSDLs of a shop, V2 and WS-I: a few operations that are served here, and a few that are not.

They are written otherwise than ours: with other prefixes, comments, operations in another order, and an invoice that
has more.
"""

from __future__ import annotations

V2 = """<?xml version="1.0" encoding="UTF-8"?>
<!-- made by hand -->
<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:w="http://schemas.xmlsoap.org/wsdl/"
    xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/"
    xmlns:enc="http://schemas.xmlsoap.org/soap/encoding/" xmlns:shop="urn:OpenMage" xmlns:typens="urn:warehouse"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:OpenMage http://nowhere.invalid/"
    name="Shop" targetNamespace="urn:OpenMage">
  <types>
    <xs:schema targetNamespace="urn:warehouse">
      <xs:complexType name="shelf"><xs:all><xs:element name="row" type="xs:int"/></xs:all></xs:complexType>
    </xs:schema>
    <xs:schema targetNamespace="urn:OpenMage">
      <xs:import namespace="http://schemas.xmlsoap.org/soap/encoding/"
          schemaLocation="http://schemas.xmlsoap.org/soap/encoding/"/>
      <xs:import namespace="urn:warehouse" schemaLocation="http://nowhere.invalid/warehouse.xsd"/>
      <xs:complexType name="catalogProductEntity">
        <!-- a comment -->
        <xs:all>
          <xs:element name="sku" type="xs:string"/>
          <xs:element name="categories" type="shop:ArrayOfString"/>
          <xs:element name="shelf" type="typens:shelf" minOccurs="0"/>
        </xs:all>
      </xs:complexType>
      <xs:complexType name="catalogProductEntityArray">
        <xs:complexContent>
          <xs:restriction base="enc:Array">
            <xs:attribute ref="enc:arrayType" w:arrayType="shop:catalogProductEntity[]"/>
          </xs:restriction>
        </xs:complexContent>
      </xs:complexType>
      <xs:complexType name="salesOrderInvoiceEntity">
        <xs:all>
          <xs:element name="increment_id" type="xs:string" minOccurs="0"/>
          <xs:element name="note" type="shop:invoiceNote"/>
          <xs:element name="parent_id" type="xs:int" nillable="true"/>
        </xs:all>
      </xs:complexType>
      <xs:complexType name="invoiceNote">
        <xs:all><xs:element name="text" type="xs:string"/></xs:all>
      </xs:complexType>
      <xs:complexType name="associativeEntity">
        <xs:all>
          <xs:element name="key" type="xs:string"/>
          <xs:element name="value" type="xs:string" minOccurs="0"/>
        </xs:all>
      </xs:complexType>
      <xs:complexType name="ArrayOfString">
        <xs:complexContent>
          <xs:restriction base="enc:Array">
            <xs:attribute ref="enc:arrayType" w:arrayType="xs:string[]"/>
          </xs:restriction>
        </xs:complexContent>
      </xs:complexType>
    </xs:schema>
  </types>
  <message name="catalogProductListRequest"><part name="sessionId" type="xs:string"/></message>
  <message name="catalogProductListResponse"><part name="storeView" type="shop:catalogProductEntityArray"/></message>
  <message name="salesOrderInvoiceInfoRequest"><part name="number" type="xs:string"/></message>
  <message name="invoiceInfoResponse"><part name="result" type="shop:salesOrderInvoiceEntity"/></message>
  <portType name="PortType">
    <operation name="catalogProductList">
      <documentation>Retrieve <b>products</b></documentation>
      <input message="shop:catalogProductListRequest"/>
      <output message="shop:catalogProductListResponse"/>
    </operation>
    <operation name="salesOrderInvoiceInfo">
      <input message="shop:salesOrderInvoiceInfoRequest"/><output message="shop:invoiceInfoResponse"/>
    </operation>
    <operation name="login"><input message="shop:login"/><output message="shop:loginResponse"/></operation>
  </portType>
  <binding name="Binding" type="shop:PortType">
    <s:binding style="rpc" transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="catalogProductList">
      <s:operation soapAction="urn:Action"/>
      <input>
        <s:body namespace="urn:OpenMage" use="encoded" encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"/>
      </input>
      <output>
        <s:body namespace="urn:OpenMage" use="encoded" encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"/>
      </output>
    </operation>
    <operation name="salesOrderInvoiceInfo">
      <s:operation soapAction="urn:InfoAction"/>
      <input><s:body use="encoded" namespace="urn:OpenMage"/></input>
      <output><s:body use="encoded" namespace="urn:OpenMage"/></output>
    </operation>
    <operation name="login">
      <s:operation soapAction="urn:Action"/>
      <input><s:body use="encoded" namespace="urn:OpenMage"/></input>
      <output><s:body use="encoded" namespace="urn:OpenMage"/></output>
    </operation>
  </binding>
  <service name="ShopService">
    <port name="Port" binding="shop:Binding"><s:address location="http://php.invalid/index.php/api/v2_soap/"/></port>
  </service>
  <message name="login">
    <part name="username" type="xs:string"/><part name="apiKey" type="xs:string"/>
  </message>
  <message name="loginResponse"><part name="loginReturn" type="xs:string"/></message>
</definitions>
"""

WSI = """<?xml version="1.0" encoding="UTF-8"?>
<wsdl:definitions xmlns:typens="urn:Magento" xmlns:xsd="http://www.w3.org/2001/XMLSchema"
    xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/"
    name="Magento" targetNamespace="urn:Magento">
  <wsdl:types>
    <xsd:schema targetNamespace="urn:Magento">
      <xsd:complexType name="catalogProductEntity">
        <xsd:sequence>
          <xsd:element name="sku" type="xsd:string"/>
          <xsd:element name="set" type="xsd:string" minOccurs="0"/>
        </xsd:sequence>
      </xsd:complexType>
      <xsd:element name="callParam">
        <xsd:complexType>
          <xsd:sequence><xsd:element name="sessionId" type="xsd:string"/></xsd:sequence>
        </xsd:complexType>
      </xsd:element>
      <xsd:element name="callResponseParam">
        <xsd:complexType>
          <xsd:sequence><xsd:element name="result" type="xsd:anyType"/></xsd:sequence>
        </xsd:complexType>
      </xsd:element>
      <xsd:element name="loginParam">
        <xsd:complexType>
          <xsd:sequence><xsd:element name="user" type="xsd:string"/></xsd:sequence>
        </xsd:complexType>
      </xsd:element>
      <xsd:element name="loginResponseParam">
        <xsd:complexType>
          <xsd:sequence><xsd:element name="result" type="xsd:string"/></xsd:sequence>
        </xsd:complexType>
      </xsd:element>
      <xsd:element name="catalogProductInfoRequestParam">
        <xsd:complexType>
          <xsd:sequence>
            <xsd:element name="sessionId" type="xsd:string"/>
            <xsd:element name="productId" type="xsd:string"/>
          </xsd:sequence>
        </xsd:complexType>
      </xsd:element>
      <xsd:element name="catalogProductInfoResponseParam">
        <xsd:complexType>
          <xsd:sequence><xsd:element name="result" type="typens:catalogProductEntity"/></xsd:sequence>
        </xsd:complexType>
      </xsd:element>
    </xsd:schema>
  </wsdl:types>
  <wsdl:message name="call"><wsdl:part name="parameters" element="typens:callParam"/></wsdl:message>
  <wsdl:message name="callResponse"><wsdl:part name="parameters" element="typens:callResponseParam"/></wsdl:message>
  <wsdl:message name="login"><wsdl:part name="parameters" element="typens:loginParam"/></wsdl:message>
  <wsdl:message name="loginResponse"><wsdl:part name="parameters" element="typens:loginResponseParam"/></wsdl:message>
  <wsdl:message name="catalogProductInfoRequest">
    <wsdl:part name="parameters" element="typens:catalogProductInfoRequestParam"/>
  </wsdl:message>
  <wsdl:message name="catalogProductInfoResponse">
    <wsdl:part name="parameters" element="typens:catalogProductInfoResponseParam"/>
  </wsdl:message>
  <wsdl:portType name="PortType">
    <wsdl:operation name="call">
      <wsdl:input message="typens:call"/><wsdl:output message="typens:callResponse"/>
    </wsdl:operation>
    <wsdl:operation name="login">
      <wsdl:input message="typens:login"/><wsdl:output message="typens:loginResponse"/>
    </wsdl:operation>
    <wsdl:operation name="catalogProductInfo">
      <wsdl:input message="typens:catalogProductInfoRequest"/>
      <wsdl:output message="typens:catalogProductInfoResponse"/>
    </wsdl:operation>
  </wsdl:portType>
  <wsdl:binding name="Binding" type="typens:PortType">
    <soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
    <wsdl:operation name="call">
      <wsdl:input><soap:body use="literal"/></wsdl:input>
      <wsdl:output><soap:body use="literal"/></wsdl:output>
      <soap:operation soapAction=""/>
    </wsdl:operation>
    <wsdl:operation name="login">
      <wsdl:input><soap:body use="literal"/></wsdl:input>
      <wsdl:output><soap:body use="literal"/></wsdl:output>
      <soap:operation soapAction=""/>
    </wsdl:operation>
    <wsdl:operation name="catalogProductInfo">
      <wsdl:documentation>Of one product</wsdl:documentation>
      <wsdl:input><soap:body use="literal"/></wsdl:input>
      <wsdl:output><soap:body use="literal"/></wsdl:output>
      <soap:operation soapAction=""/>
    </wsdl:operation>
  </wsdl:binding>
  <wsdl:service name="MagentoService">
    <wsdl:port name="Port" binding="typens:Binding"><soap:address location="http://php.invalid/api/v2_soap/"/></wsdl:port>
  </wsdl:service>
</wsdl:definitions>
"""
