"""docs/from-the-sdk.md against the code and the SDK, so that neither can change without it.

sdk_signatures.json was read out of the SDK's source: the parameters of classes and methods, with their defaults.
"""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import Any

import pytest

import cdk_clarify_monitors as library

PAGE = (Path(__file__).parents[2] / "docs/from-the-sdk.md").read_text(encoding="utf-8")
SDK: dict[str, dict[str, str]] = json.loads((Path(__file__).parent / "sdk_signatures.json").read_text())["signatures"]

# The SDK's calls that are one construct here.
CONSTRUCTS = {
    f"{kind}Construct": ["ClarifyModelMonitor", f"{kind}.suggest_baseline", f"{kind}.create_monitoring_schedule"]
    for kind in ("ModelBiasMonitor", "ModelExplainabilityMonitor")
}
CALLS = [name for names in CONSTRUCTS.values() for name in names]
CLASSES = [name for name in SDK if name not in CALLS]


def rows(title: str) -> list[tuple[str | None, str | None, str]]:
    """The table of a section: the SDK's parameter, ours, the difference."""
    section = re.split(r"\n##+ ", PAGE.split(f"\n### {title}\n", 1)[1], maxsplit=1)[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:1] == "|"]
    return [
        (left.strip("`") if left != "-" else None, right.strip("`") if right != "-" else None, text)
        for left, right, text in cells[2:]
    ]


def signature(name: str) -> dict[str, str]:
    """Our parameters, with their defaults in the SDK's form."""
    called: Any = library
    for part in name.split("."):
        called = getattr(called, part)
    parameters = inspect.signature(called).parameters
    empty = inspect.Parameter.empty
    return {key: "required" if value.default is empty else repr(value.default) for key, value in parameters.items()}


@pytest.mark.parametrize("name", SDK)
def test_every_parameter_of_the_sdk_has_a_row(name: str) -> None:
    assert [row[0] for row in rows(f"`{name}`") if row[0]] == list(SDK[name])


@pytest.mark.parametrize("name", SDK)
def test_a_parameter_that_is_not_offered_has_a_reason(name: str) -> None:
    for theirs, ours, text in rows(f"`{name}`"):
        assert ours == theirs or text, theirs


@pytest.mark.parametrize("name", CLASSES)
def test_every_parameter_has_a_row_in_the_sdk_order(name: str) -> None:
    assert [row[1] for row in rows(f"`{name}`") if row[1]] == list(signature(name))


@pytest.mark.parametrize("name", CLASSES)
def test_another_default_than_the_sdks_is_explained(name: str) -> None:
    ours = signature(name)
    for theirs, here, text in rows(f"`{name}`"):
        if theirs and here and SDK[name][theirs] != ours[here]:
            assert text, f"{theirs}: {SDK[name][theirs]} there, {ours[here]} here"


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_every_parameter_of_a_construct_has_a_row(construct: str) -> None:
    titles = [f"`{call}`" for call in CONSTRUCTS[construct]]

    documented = [row[1] for title in [*titles, "Only in the constructs"] for row in rows(title) if row[1]]

    parameters = inspect.signature(getattr(library, construct).__init__).parameters
    assert sorted(documented) == sorted(set(parameters) - {"self"})


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_the_defaults_of_a_construct_are_the_sdks(construct: str) -> None:
    parameters = inspect.signature(getattr(library, construct).__init__).parameters
    explained = {row[0] for call in CONSTRUCTS[construct] for row in rows(f"`{call}`") if row[2]}
    for call in CONSTRUCTS[construct]:
        for name, default in SDK[call].items():
            if name in parameters and name not in explained:
                required = parameters[name].default is inspect.Parameter.empty
                # Without data_config, nothing of suggest_baseline() is needed: all of it is optional.
                assert ("required" if required else repr(parameters[name].default)) == default, name


def test_every_configuration_class_is_on_the_page() -> None:
    ours_only = {
        "BaselineFunctions",
        "BaselineOptions",
        "BiasConstraint",
        "BiasMetricAlarms",
        "BiasMetricThreshold",
        "ClarifyDashboard",
        "ClarifyMonitor",
        "DataCapture",
        "IClarifyMonitor",
        "IModelBiasMonitor",
        "IModelExplainabilityMonitor",
        "MonitorAlarms",
        "MonitorFleet",
        "Threshold",
        "TimeSeriesJSONDatasetFormat",
        "Values",
    }
    classes = {name for name in library.__all__ if isinstance(getattr(library, name), type)} - ours_only

    assert classes - set(CONSTRUCTS) <= {name.split(".")[0] for name in CLASSES}


def test_the_members_of_the_enumeration_are_the_sdks() -> None:
    assert [member.name for member in library.TimeSeriesJSONDatasetFormat] == [
        "COLUMNS",
        "ITEM_RECORDS",
        "TIMESTAMP_RECORDS",
    ]
    assert all(f"`{member.name}`" in PAGE for member in library.TimeSeriesJSONDatasetFormat)


def test_from_asset_takes_what_the_constructor_takes() -> None:
    constructor = signature("DataConfig")
    del constructor["s3_data_input_path"]  # the asset's
    del constructor["s3_compression_type"]  # only the default is possible
    constructor["dataset_type"] = "None"  # by the file's suffix

    asset = {name: default for name, default in signature("DataConfig.from_asset").items() if default != "required"}

    assert asset == constructor
