"""Making constructs without what makes it slow."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def garbage_collection_paused() -> Iterator[None]:
    """Do something without looking for garbage meanwhile.

    The CDK's modules, and the classes that they make on first use, are hundreds of thousands of objects that stay for
    good. Python looks through all of them again and again while they grow in number: a tenth of a whole synthesis.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
