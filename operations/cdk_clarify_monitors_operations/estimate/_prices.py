"""Prices of SageMaker's instances, from AWS's price list."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, Final

from cdk_clarify_monitors_operations.estimate._usage import ENDPOINT, PROCESSING, Instance

#: Where the price list answers, for all regions.
PRICE_LIST_REGION: Final = "us-east-1"
_USAGE_TYPES: Final = {PROCESSING: "Processing", ENDPOINT: "Host"}


def listed_prices(client: Any, instances: Iterable[Instance]) -> dict[Instance, Decimal]:
    """Ask for the prices of instances in US dollars an hour, on demand.

    Args:
        client: A boto3 client for `pricing`.
        instances: What to ask for. Those without a type or a region cannot be asked for.

    Returns:
        The prices of those of which the list has exactly one price.
    """
    found = {}
    for instance in instances:
        use, instance_type, region = instance
        if instance_type is not None and region is not None:
            prices = set(_prices(client, _USAGE_TYPES[use], instance_type, region))
            if len(prices) == 1:
                found[instance] = prices.pop()
    return found


def _prices(client: Any, usage: str, instance_type: str, region: str) -> Iterator[Decimal]:
    filters = [
        {"Type": "TERM_MATCH", "Field": "regionCode", "Value": region},
        {"Type": "TERM_MATCH", "Field": "instanceName", "Value": instance_type},
    ]
    pages = client.get_paginator("get_products").paginate(ServiceCode="AmazonSageMaker", Filters=filters)
    for page in pages:
        for text in page["PriceList"]:
            product = json.loads(text)
            # Such as EUC1-Processing:ml.m5.xlarge.
            usage_type = product["product"]["attributes"].get("usagetype", "")
            if f"-{usage_type}".endswith(f"-{usage}:{instance_type}"):
                for term in product["terms"].get("OnDemand", {}).values():
                    for dimension in term["priceDimensions"].values():
                        # The list of China's regions is in another currency.
                        if "USD" in dimension["pricePerUnit"]:
                            yield Decimal(dimension["pricePerUnit"]["USD"])
