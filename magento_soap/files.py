"""Durable file operations. A new or renamed file survives a power failure only if its folder is synced, too."""

from __future__ import annotations

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Flush the content of a file, or the entries of a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Create a folder and its parents unless they exist."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync(folder.parent)


def put_in_place(new: Path, file: Path) -> None:
    """Atomically replace a file by a new one in the same folder."""
    sync(new)
    new.replace(file)
    sync(file.parent)
