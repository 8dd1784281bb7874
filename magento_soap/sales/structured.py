"""Lists and maps that a shop keeps in one column."""

from __future__ import annotations


class StructuredValue:
    """A value of lists, maps and scalars; how a column holds it is storage's business.

    Storage has a subclass that decodes a column on first use and writes it back unchanged, so that copying a value from
    one row to another is exact. To change a value, assign a new one.
    """

    def __init__(self, value: object) -> None:
        self._value = value

    @property
    def value(self) -> object:
        """Lists, maps and scalars; None when the column holds something else."""
        return self._value

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.value!r})"
