#!/usr/bin/env bash
# Prints an invoice through JSON-RPC: one request, HTTP Basic in place of a session, the API path as the method.
# usage: [MAGENTO_URL=http://...] [MAGENTO_USER=...] [MAGENTO_KEY=...] jsonrpc_info.sh [INVOICE]
set -euo pipefail
curl --silent --show-error "${MAGENTO_URL:-http://127.0.0.1:8080}/api/jsonrpc" \
    --user "${MAGENTO_USER:-apiUser}:${MAGENTO_KEY:-apiKey}" \
    --header 'Content-Type: application/json' \
    --data "{\"jsonrpc\": \"2.0\", \"method\": \"sales_order_invoice.info\", \"params\": [null, \"${1:-200000006}\"], \"id\": 1}"
echo
