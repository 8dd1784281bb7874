"""The tables: Magento's and our own, their columns, types and first rows, and how they are created and checked."""
