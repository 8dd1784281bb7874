#!/usr/bin/env bash
# Logs in and prints an invoice, with nothing but curl: what every SOAP client does under its hood.
# usage: [MAGENTO_URL=http://...] [MAGENTO_USER=...] [MAGENTO_KEY=...] v2_info.sh [INVOICE]
set -euo pipefail
url=${MAGENTO_URL:-http://127.0.0.1:8080}
invoice=${1:-200000006}

# call OPERATION PARTS: the answer; a fault goes to standard error and ends the script.
call() {
    local answer
    answer=$(curl --silent --show-error "$url/api/v2_soap/" \
        --header 'Content-Type: text/xml; charset=utf-8' \
        --header 'SOAPAction: "urn:Mage_Api_Model_Server_V2_HandlerAction"' \
        --data-binary @- <<XML
<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns1="urn:Magento"
    xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    SOAP-ENV:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">
  <SOAP-ENV:Body><ns1:$1>$2</ns1:$1></SOAP-ENV:Body>
</SOAP-ENV:Envelope>
XML
    )
    if [[ $answer == *'<faultcode>'* ]]; then
        echo "$answer" | sed -n 's|.*<faultcode>\(.*\)</faultcode><faultstring>\(.*\)</faultstring>.*|\1 \2|p' >&2
        exit 1
    fi
    echo "$answer"
}

# part NAME VALUE: a text part, as XML.
part() {
    local value=$2
    value=${value//&/'&amp;'}
    value=${value//</'&lt;'}
    echo "<$1 xsi:type=\"xsd:string\">$value</$1>"
}

answer=$(call login "$(part username "${MAGENTO_USER:-apiUser}")$(part apiKey "${MAGENTO_KEY:-apiKey}")")
session=$(part sessionId "$(echo "$answer" | sed -n 's|.*<loginReturn[^>]*>\(.*\)</loginReturn>.*|\1|p')")

call salesOrderInvoiceInfo "$session$(part invoiceIncrementId "$invoice")"
call endSession "$session" >/dev/null
