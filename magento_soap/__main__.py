"""``python -m magento_soap``."""

from .cli import main

if __name__ == "__main__":  # the server's workers import this module too
    main()
