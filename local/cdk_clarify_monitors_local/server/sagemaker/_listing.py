"""What List operations have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from cdk_clarify_monitors_local.server._errors import validation_error
from cdk_clarify_monitors_local.server.sagemaker._region import Answer, Request

_DEFAULT_PAGE = 10


def list_page(
    request: Request,
    found: Iterable[Mapping[str, Any]],
    *,
    answer: str,
    shown: Sequence[str],
    name: str,
    status: str = "",
) -> Answer:
    """Return a page of descriptions: those that the request's filters let pass, in its order.

    Args:
        request: The List request.
        found: The descriptions of all resources.
        answer: The member of the answer that holds the summaries.
        shown: The members of a summary.
        name: The member with the resource's name.
        status: The member with its status, if it has one.

    Raises:
        ApiError: The request's NextToken is none.
    """
    chosen = [item for item in found if _fits(item, request, name, status)]
    by: dict[str, Callable[[Mapping[str, Any]], Any]] = {
        "Name": lambda item: item[name],
        "Status": lambda item: item[status],
    }
    chosen.sort(key=by.get(request.get("SortBy", ""), lambda item: item["CreationTime"]))
    if request.get("SortOrder", "Descending") == "Descending":
        chosen.reverse()
    summaries = [{member: item[member] for member in shown if member in item} for item in chosen]
    return page_of(summaries, request, answer=answer)


def page_of(found: Sequence[Answer], request: Request, *, answer: str, default: int = _DEFAULT_PAGE) -> Answer:
    """Return the page of an answer that a request is for.

    Args:
        found: All that there is, in order.
        request: The List request.
        answer: The member of the answer that holds the page.
        default: How many a page has if the request does not say.

    Raises:
        ApiError: The request's NextToken is none.
    """
    token = request.get("NextToken", "0")
    if not token.isdecimal():
        raise validation_error(f"Invalid NextToken: {token}")
    start = int(token)
    end = start + request.get("MaxResults", default)
    page: Answer = {answer: found[start:end]}
    if end < len(found):
        page["NextToken"] = str(end)
    return page


def _fits(item: Mapping[str, Any], request: Request, name: str, status: str) -> bool:
    if request.get("NameContains", "").lower() not in item[name].lower():
        return False
    if "StatusEquals" in request and item[status] != request["StatusEquals"]:
        return False
    for member in ("CreationTime", "LastModifiedTime"):
        before, after = request.get(f"{member}Before"), request.get(f"{member}After")
        if before is not None and not item[member] < timestamp(before):
            return False
        if after is not None and not item[member] > timestamp(after):
            return False
    return True


def timestamp(value: Any) -> float:
    """A time in a request, in seconds."""
    return datetime.fromisoformat(value).timestamp() if isinstance(value, str) else float(value)
