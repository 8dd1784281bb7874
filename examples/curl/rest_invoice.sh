#!/usr/bin/env bash
# Invoices all that is left of an order through Magento 2's REST, and prints the entity id of the invoice.
# usage: [MAGENTO_URL=http://...] [MAGENTO_USER=...] [MAGENTO_KEY=...] rest_invoice.sh [ORDER_ID]
set -euo pipefail
url=${MAGENTO_URL:-http://127.0.0.1:8080}
order=${1:-5}

token=$(curl --silent --show-error "$url/rest/V1/integration/admin/token" \
    --header 'Content-Type: application/json' \
    --data "{\"username\": \"${MAGENTO_USER:-apiUser}\", \"password\": \"${MAGENTO_KEY:-apiKey}\"}" | tr -d '"')

answer=$(curl --silent --show-error "$url/rest/V1/order/$order/invoice" \
    --header "Authorization: Bearer $token" \
    --header 'Content-Type: application/json' \
    --data '{}')

# An invoice is a bare number, an error is an object with a message.
if [[ ! $answer =~ ^[0-9]+$ ]]; then
    echo "$answer" >&2
    exit 1
fi
echo "$answer"
