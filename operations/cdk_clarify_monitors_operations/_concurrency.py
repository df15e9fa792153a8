"""Several requests at once, but never more than SageMaker's limits bear."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Final, TypeVar

_T = TypeVar("_T")
_R = TypeVar("_R")

#: How many requests are sent at once.
AT_MOST: Final = 8


def in_parallel(
    function: Callable[[_T], _R], items: Iterable[_T], *, at_most: int = AT_MOST
) -> Iterator[tuple[_T, Future[_R]]]:
    """Call a function with each item, several at once, and yield each item with its call, in the order of the items.

    A call that is yielded has ended: `result()` returns what it returned or raises what it raised, `exception()` tells.
    One that failed stops no other.

    Items are taken, and calls made, only a little ahead of what the caller has asked for, so that memory does not grow
    with the number of items. If taking an item fails, this raises once the calls before it are yielded. If the caller
    stops, is interrupted or fails, calls that have not begun never do.

    Args:
        function: What is called. It runs in other threads.
        items: What it is called with.
        at_most: How many calls run at once.
    """
    left = iter(items)
    under_way: deque[tuple[_T, Future[_R]]] = deque()
    failure: Exception | None = None
    pool = ThreadPoolExecutor(at_most, thread_name_prefix="clarify-monitors")
    try:
        while True:
            # One slow call lets the others get as far ahead again.
            while failure is None and len(under_way) < 2 * at_most:
                try:
                    item = next(left)
                except StopIteration:
                    break
                except Exception as error:
                    failure = error
                    break
                under_way.append((item, pool.submit(function, item)))
            if not under_way:
                break
            wait([under_way[0][1]])
            yield under_way.popleft()
        if failure is not None:
            raise failure
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
