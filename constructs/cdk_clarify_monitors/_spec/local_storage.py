"""Instance types whose own disks SageMaker uses in place of a volume.

Source: `VolumeSizeInGB` and `VolumeKmsKeyId` of
[ProcessingClusterConfig](https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProcessingClusterConfig.html).
"""

from __future__ import annotations

import re
from typing import Final

# A "d" among what follows the generation stands for local disks; the other families have them without saying so.
# https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
_WITH_DISKS: Final = re.compile(r"ml\.(?:[a-z]+[0-9]+[a-z]*d[a-z]*|g[5-7]e?|gr6|p5(?:e|en)?|trn[12]|i[3-9][a-z]*)\..+")

# In GB, by sizes, of the families that processing jobs take.
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-store-volumes.html
_SIZES: Final = ["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge", "48xlarge"]
_GIGABYTES: Final[dict[str, tuple[int | None, ...]]] = {
    "m5d": (75, 150, 300, 600, 1200, 1800, 2400, 3600, None),
    "r5d": (75, 150, 300, 600, 1200, 1800, 2400, 3600, None),
    "g4dn": (None, 125, 225, 225, 900, 900, 900, None, None),
    "g5": (None, 250, 450, 600, 900, 3800, 1900, 3800, 7600),
    "g6": (None, 250, 450, 600, 900, 3760, 1880, 3760, 7520),
    "g6e": (None, 250, 450, 600, 900, 3800, 1900, 3800, 7600),
}


def has_local_storage(instance_type: str) -> bool:
    """Whether an instance type has disks of its own."""
    return _WITH_DISKS.fullmatch(instance_type) is not None


def local_storage_in_gb(instance_type: str) -> int | None:
    """The size of an instance type's own disks; None: it has none, or their size is not known."""
    family, _, size = instance_type.removeprefix("ml.").partition(".")
    return dict(zip(_SIZES, _GIGABYTES.get(family, ()), strict=False)).get(size)
