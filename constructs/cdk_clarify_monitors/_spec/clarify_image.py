"""The image of the Clarify container, per region.

Sources: the table of image URIs in the SageMaker Python SDK 2.27.0, and SageMaker's
[registry paths](https://docs.aws.amazon.com/sagemaker/latest/dg-ecr-paths/sagemaker-algo-docker-registry-paths.html).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from .._validation import is_token

# The account that owns the repository, by region.
ACCOUNTS = {
    "af-south-1": "811711786498",
    "ap-east-1": "098760798382",
    "ap-northeast-1": "377024640650",
    "ap-northeast-2": "263625296855",
    "ap-northeast-3": "912233562940",
    "ap-south-1": "452307495513",
    "ap-southeast-1": "834264404009",
    "ap-southeast-2": "007051062584",
    "ap-southeast-3": "705930551576",
    "ca-central-1": "675030665977",
    "cn-north-1": "122526803553",
    "cn-northwest-1": "122578899357",
    "eu-central-1": "017069133835",
    "eu-central-2": "730335477804",
    "eu-north-1": "763603941244",
    "eu-south-1": "638885417683",
    "eu-west-1": "131013547314",
    "eu-west-2": "440796970383",
    "eu-west-3": "341593696636",
    "me-south-1": "835444307964",
    "sa-east-1": "520018980103",
    "us-east-1": "205585389593",
    "us-east-2": "211330385671",
    "us-gov-west-1": "598674086554",
    "us-isof-east-1": "579539705040",
    "us-isof-south-1": "411392592546",
    "us-west-1": "740489534195",
    "us-west-2": "306415355426",
}

# Regions with an image whose CloudFormation does not have the job definitions' resource types.
REGIONS_WITHOUT_RESOURCE_TYPES = frozenset(
    {
        "af-south-1",
        "ap-southeast-3",
        "cn-north-1",
        "cn-northwest-1",
        "eu-central-2",
        "eu-south-1",
        "me-south-1",
        "us-gov-west-1",
    }
)

REPOSITORY = "sagemaker-clarify-processing"
TAG = "1.0"

# Domain suffixes other than amazonaws.com, by the region's prefix.
_DNS_SUFFIXES = {"cn-": "amazonaws.com.cn", "us-isof-": "csp.hci.ic.gov"}


def check_region(region: str) -> None:
    """Refuse a region without a Clarify image.

    Args:
        region: The stack's region; a CDK token passes.

    Raises:
        ValueError: It has no Clarify image.
    """
    if not is_token(region) and region not in ACCOUNTS:
        raise ValueError(
            f"SageMaker Clarify has no image in the stack's region, got {region!r}: "
            f"deploy the stack to one of {', '.join(ACCOUNTS)}"
        )


def image_mapping() -> dict[str, dict[str, str]]:
    """The images of all regions, for a stack whose region is known at deployment only."""
    return {region: {"account": account, "uri": _uri(region)} for region, account in ACCOUNTS.items()}


@dataclass(frozen=True)
class ClarifyImage:
    """The image of a region.

    Attributes:
        account: The account that owns its repository.
        uri: Its URI.
    """

    account: str
    uri: str

    @classmethod
    def of(cls, region: str) -> Self:
        """The image of a region that is known and has one."""
        return cls(ACCOUNTS[region], _uri(region))


def _uri(region: str) -> str:
    suffix = next((s for prefix, s in _DNS_SUFFIXES.items() if region.startswith(prefix)), "amazonaws.com")
    return f"{ACCOUNTS[region]}.dkr.ecr.{region}.{suffix}/{REPOSITORY}:{TAG}"
