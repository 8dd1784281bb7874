"""Files that are still there after a power failure: what was done to a folder is on disk only when the folder is."""

from __future__ import annotations

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Write to the disk what is in a file, or the names that are in a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it, unless there is one."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync(folder.parent)


def put_in_place(new: Path, file: Path) -> None:
    """Put a new file in the place of another one in the same folder, if there is one: completely or not at all."""
    sync(new)
    new.replace(file)
    sync(file.parent)
