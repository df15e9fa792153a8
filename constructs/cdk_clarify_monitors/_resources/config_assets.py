"""Analysis configs that are too large for the custom resource's properties, as assets of the CDK.

An update carries old and new properties through Step Functions, which takes 262,144 bytes. What grows with the user's
data, names of columns and rows of a SHAP baseline, stands in both configs.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import jsii

from .._spec.custom_resource_document import Tokens, detach, to_text
from .._spec.s3_location import S3Location
from .._validation import InvalidValue
from . import _jsii

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import aws_cdk as cdk

    from .._spec.analysis.analysis_spec import AnalysisSpec

# Of each of two configs, old and new. Half of Step Functions' limit is left to fifty tags of the longest kind, which
# are 77,000 bytes, environment variables and tokens.
LARGEST_INLINE = 8192

# As JSON without indentation. A function has 128 MB, of which a config of this size takes 30 for a moment (measured).
_LARGEST = 2 * 1024 * 1024

_PARTS = ("Monitoring", "Baselining")
_CONFIG = "AnalysisConfig"


class ConfigAsset(NamedTuple):
    """A config that is a file in the cloud assembly.

    Attributes:
        part: The member of the document that the config belongs to.
        location: Where the CDK publishes it.
    """

    part: str
    location: S3Location


def check_size(analysis: AnalysisSpec) -> None:
    """Refuse a config that the functions could not read.

    Raises:
        ValueError: It is too large.
    """
    for config in (analysis.monitoring, analysis.baselining):
        if config is not None and (size := len(json.dumps(config))) > _LARGEST:
            must = f"have at most {_LARGEST} bytes of JSON in all"
            if 2 * len(json.dumps(config.get("headers"))) > size:
                raise InvalidValue("data_config", must, size, "leave columns out of the data set")
            remedy = "put the rows of 'baseline' into a file in S3, and give its URI"
            raise InvalidValue("explainability_config", must, size, remedy)


def add_config_assets(stack: cdk.Stack, document: Mapping[str, Any]) -> list[ConfigAsset]:
    """Make an asset of each config that is too large."""
    configs = {part: detach(document[part][_CONFIG], None, {}) for part in _PARTS if part in document}
    large = {part: config for part, config in configs.items() if _size(config) > LARGEST_INLINE}
    if not large:
        return []
    files = [_file(config) for config in large.values()]
    places = json.loads(jsii.sinvoke(_JsonAssets, "add", [stack, files]))
    return [ConfigAsset(part, S3Location(**place)) for part, place in zip(large, places, strict=True)]


class _JsonAssets(metaclass=jsii.JSIIMeta, jsii_type=f"{_jsii.ASSEMBLY}.JsonAssets"):
    """The class in JavaScript; its only member is static."""


def move_out(literal: dict[str, Any], tokens: Tokens, assets: Iterable[ConfigAsset]) -> None:
    """Put assets in the places of their configs. The configs' tokens stay where they are, for the Lambda function."""
    for part, location in assets:
        del literal[part][_CONFIG]
        name = f"{_CONFIG}Asset"
        place = {"Bucket": location.bucket, "Key": location.key}
        literal[part][name] = detach(place, ((None, part), name), tokens)


def _size(config: Any) -> int:
    """The bytes of a config where it travels: as JSON in a string of JSON."""
    return len(json.dumps(to_text(config)))


def _file(config: Any) -> str:
    """The config for people who review it."""
    return json.dumps(config, allow_nan=False, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
