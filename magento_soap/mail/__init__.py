"""Mails to customers: rows of the outbox are composed, sent over SMTP, and tried again when the mail server says so."""
