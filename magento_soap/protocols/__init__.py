"""The protocols: bytes of a request to plain values, and results or faults back to bytes."""
