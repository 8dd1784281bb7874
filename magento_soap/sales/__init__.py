"""The sales domain: orders, invoices, payments, and the rules that move them. It imports none of the others."""
