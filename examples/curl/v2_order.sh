#!/usr/bin/env bash
# A piece of an order from its invoice to a refund, over SOAP V2 with nothing but curl and sed. Each run takes another
# piece of the same order.
# usage: [MAGENTO_URL=http://...] [MAGENTO_USER=...] [MAGENTO_KEY=...] v2_order.sh [ORDER]
set -euo pipefail
url=${MAGENTO_URL:-http://127.0.0.1:8080}
order=${1:-100000040}

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
    xmlns:SOAP-ENC="http://schemas.xmlsoap.org/soap/encoding/"
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

# first NAME: the text of the first element with that name in the answer on standard input.
first() {
    sed 's|>|>\n|g' | sed -n "/<$1[ >]/,/<\/$1>/ { s|</$1>||p }" | head -n 1
}

# part NAME VALUE [TYPE]: a part or member, as XML.
part() {
    local value=$2
    value=${value//&/'&amp;'}
    value=${value//</'&lt;'}
    echo "<$1 xsi:type=\"xsd:${3:-string}\">$value</$1>"
}

# array NAME TYPE OF CONTENT: an array with one item.
array() {
    echo "<$1 xsi:type=\"ns1:$2\" SOAP-ENC:arrayType=\"ns1:$3[1]\"><item xsi:type=\"ns1:$3\">$4</item></$1>"
}

answer=$(call login "$(part username "${MAGENTO_USER:-apiUser}")$(part apiKey "${MAGENTO_KEY:-apiKey}")")
session=$(part sessionId "$(echo "$answer" | first loginReturn)")

# Find the order, and the item to work on.
entries=$(array filter associativeArray associativeEntity "$(part key increment_id)$(part value "$order")")
answer=$(call salesOrderList "$session<filters xsi:type=\"ns1:filters\">$entries</filters>")
order=$(echo "$answer" | first increment_id)
info=$(call salesOrderInfo "$session$(part orderIncrementId "$order")")
item=$(echo "$info" | first item_id)
echo "order $order: $(echo "$info" | first qty_invoiced) of $(echo "$info" | first qty_ordered) invoiced"
entry="$(part order_item_id "$item" int)$(part qty 1 double)"
piece=$(array itemsQty orderItemIdQtyArray orderItemIdQty "$entry")
named=$(part orderIncrementId "$order")

# Invoice it, and take the money.
rest="$(part comment 'Thank you')$(part email 0)$(part includeComment 0)"
answer=$(call salesOrderInvoiceCreate "$session$(part invoiceIncrementId "$order")$piece$rest")
invoice=$(echo "$answer" | first result)
call salesOrderInvoiceCapture "$session$(part invoiceIncrementId "$invoice")" >/dev/null
echo "invoice $invoice"

# Ship it, with a tracking number.
rest="$(part comment 'On its way')$(part email 0 int)$(part includeComment 0 int)"
shipment=$(call salesOrderShipmentCreate "$session$named$piece$rest" | first shipmentIncrementId)
echo "shipment $shipment"
carriers=$(call salesOrderShipmentGetCarriers "$session$named")
title=$(echo "$carriers" | sed -n 's|.*>ups</key><value[^>]*>\([^<]*\)</value>.*|\1|p')
tracking="$(part carrier ups)$(part title "$title")$(part trackNumber 1Z999)"
track=$(call salesOrderShipmentAddTrack "$session$(part shipmentIncrementId "$shipment")$tracking" | first result)
echo "track $track: $title"

# Give the order a status that the shop's staff understand.
rest="$(part status partly_shipped)$(part comment "Shipment $shipment")$(part notify 0)"
call salesOrderAddComment "$session$named$rest" >/dev/null

# Refund it, but not the shipping.
members="$(array qtys orderItemIdQtyArray orderItemIdQty "$entry")$(part shipping_amount 0 double)"
data="<creditmemoData xsi:type=\"ns1:salesOrderCreditmemoData\">$members</creditmemoData>"
rest="$(part comment Sorry)$(part notifyCustomer 0 int)$(part includeComment 0 int)"
creditmemo=$(call salesOrderCreditmemoCreate "$session$named$data$rest" | first result)
echo "credit memo $creditmemo"

call endSession "$session" >/dev/null
