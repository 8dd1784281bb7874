"""Mails to customers. The outbox, a database table, holds those that are due.

* ``worker`` takes mails from the outbox, has them sent, and schedules another attempt if necessary;
* ``message`` composes a mail from its templates and the data of the shop;
* ``sender`` passes it to the mail server over SMTP.
"""
