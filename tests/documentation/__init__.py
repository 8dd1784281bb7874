"""What the documentation says is there, and what is there is documented."""
