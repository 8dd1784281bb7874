#!/usr/bin/env bash
# Invoices one piece of an order item through Magento 2's REST, captures the money, and tells the customer of it.
# usage: [MAGENTO_URL=http://...] [MAGENTO_USER=...] [MAGENTO_KEY=...] rest_partial_invoice.sh [ORDER_ID] [ORDER_ITEM_ID]
set -euo pipefail
url=${MAGENTO_URL:-http://127.0.0.1:8080}
order=${1:-26}
item=${2:-47}

token=$(curl --silent --show-error "$url/rest/V1/integration/admin/token" \
    --header 'Content-Type: application/json' \
    --data "{\"username\": \"${MAGENTO_USER:-apiUser}\", \"password\": \"${MAGENTO_KEY:-apiKey}\"}" | tr -d '"')

# Sent again with the same key, the request gets the same answer and takes no money twice.
answer=$(curl --silent --show-error --retry 3 "$url/rest/default/V1/order/$order/invoice" \
    --header "Authorization: Bearer $token" \
    --header "Idempotency-Key: ${IDEMPOTENCY_KEY:-$(date +%s)-$$}" \
    --header 'Content-Type: application/json' \
    --data @- <<JSON
{
  "capture": true,
  "items": [{"order_item_id": $item, "qty": 1}],
  "notify": true,
  "appendComment": true,
  "comment": {"comment": "test_invoice", "is_visible_on_front": true}
}
JSON
)

if [[ ! $answer =~ ^[0-9]+$ ]]; then
    echo "$answer" >&2
    exit 1
fi
echo "$answer"
