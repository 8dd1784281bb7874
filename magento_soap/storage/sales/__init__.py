"""The domain's ports on these tables: repositories, numbers, outbox, payment journal and stored responses."""
