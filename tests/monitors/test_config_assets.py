"""Analysis configs that are too large for the custom resource's properties: files in the cloud assembly."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from jsii._kernel.providers import process

from cdk_clarify_monitors import BaselineOptions, DataConfig, SHAPConfig
from cdk_clarify_monitors._resources.config_assets import LARGEST_INLINE
from tests.support.monitors.builders import FEATURE_FLAGS, HEADERS, bias_monitor, data_config, explainability_monitor
from tests.support.templates.deployment import Cloud
from tests.support.templates.pretend_aws import split

Resources = dict[str, dict[str, Any]]


def wide_data(columns: int = 1000, name: str = "column", **changes: Any) -> DataConfig:
    return data_config(headers=["approved", "age", *(f"{name}_{n:05d}" for n in range(columns))], **changes)


def baselines(resources: Resources) -> list[dict[str, Any]]:
    """The properties of the custom resources that run baselining jobs."""
    return [each["Properties"] for each in resources.values() if each["Type"] == "Custom::ClarifyBaseline"]


def resources_of(stack: cdk.Stack, folder: Path | str) -> Resources:
    found: Resources = json.loads((Path(folder) / stack.template_file).read_text())["Resources"]
    return found


def files_of(assembly: cdk.cx_api.CloudAssembly, name: str) -> dict[str, Path]:
    """The JSON files that are published with a stack, by the keys that they get."""
    folder = Path(assembly.directory)
    files = json.loads((folder / f"{name}.assets.json").read_text())["files"].values()
    return {
        destination["objectKey"]: folder / file["source"]["path"]
        for file in files
        for destination in file["destinations"].values()
        if file["source"]["path"].endswith(".json") and not file["source"]["path"].endswith(".template.json")
    }


def keys_in(properties: dict[str, Any]) -> dict[str, str]:
    """The keys of the assets that a custom resource names, by the part of its document."""
    document = json.loads(properties["Baseline"])
    parts = {part: document.get(part, {}).get("AnalysisConfigAsset") for part in ("Monitoring", "Baselining")}
    return {part: asset["Key"] for part, asset in parts.items() if asset}


def test_large_configs_are_readable_files(app: cdk.App, stack: cdk.Stack) -> None:
    bias_monitor(stack, data_config=wide_data(name="été"))

    assembly = app.synth()

    (properties,) = baselines(resources_of(stack, assembly.directory))
    keys, files = keys_in(properties), files_of(assembly, "Stack")
    assert set(keys) == {"Monitoring", "Baselining"}
    assert set(files) == set(keys.values())
    for part, key in keys.items():
        text = files[key].read_text(encoding="utf-8")
        assert "été_00999" in text
        assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=2, sort_keys=True) + "\n"
        assert key == f"{hashlib.sha256(text.encode()).hexdigest()}.json"
        assert ("dataset_type" in json.loads(text)) == (part == "Baselining")


def test_a_large_config_makes_no_resources(app: cdk.App, stack: cdk.Stack) -> None:
    narrow, wide = (cdk.Stack(app, name) for name in ("Narrow", "Wide"))
    bias_monitor(narrow)
    bias_monitor(wide, data_config=wide_data(6000))

    folder = app.synth().directory

    sizes = [(Path(folder) / each.template_file).stat().st_size for each in (narrow, wide)]
    assert sizes[1] - sizes[0] < 2000
    types = [sorted(r["Type"] for r in resources_of(each, folder).values()) for each in (narrow, wide)]
    assert types[0] == types[1]


def test_a_small_config_stands_in_the_template(app: cdk.App, stack: cdk.Stack) -> None:
    bias_monitor(stack)

    assembly = app.synth()

    (properties,) = baselines(resources_of(stack, assembly.directory))
    assert json.loads(properties["Baseline"])["Monitoring"]["AnalysisConfig"]["headers"] == HEADERS
    assert files_of(assembly, "Stack") == {}


def test_the_largest_inline_config_is_as_large_as_documented(app: cdk.App, stack: cdk.Stack) -> None:
    """Measured where it travels: as JSON in a string of JSON."""
    for columns in range(450, 490):
        bias_monitor(stack, f"Bias{columns}", data_config=wide_data(columns), constraints="s3://data/analysis.json")

    found = baselines(resources_of(stack, app.synth().directory))

    inline = [json.loads(properties["Baseline"])["Monitoring"] for properties in found if not keys_in(properties)]
    texts = [json.dumps(part["AnalysisConfig"], separators=(",", ":")) for part in inline]
    assert 0 < len(inline) < len(found)
    assert LARGEST_INLINE - 20 < max(len(json.dumps(text)) for text in texts) <= LARGEST_INLINE


def test_only_the_config_that_is_large_is_a_file(app: cdk.App, stack: cdk.Stack) -> None:
    explainability_monitor(stack, data_config=wide_data(300, label="approved"), explainability_config=_rows(20, 301))
    bias_monitor(stack, data_config=wide_data(), constraints="s3://data/analysis.json")

    explained, watched = baselines(resources_of(stack, app.synth().directory))

    assert set(keys_in(explained)) == {"Monitoring", "Baselining"}
    assert set(keys_in(watched)) == {"Monitoring"}


def _rows(rows: int, columns: int) -> SHAPConfig:
    return SHAPConfig(
        baseline=[[12345.678 + column for column in range(columns)] for _ in range(rows)],
        num_samples=10,
        agg_method="mean_abs",
    )


def test_tokens_of_a_large_config_travel_beside_it(app: cdk.App, stack: cdk.Stack) -> None:
    column = cdk.CfnParameter(stack, "Column", default="é/~ \"x'")
    headers = ["approved", "age", column.value_as_string, *(f"column_{number}" for number in range(1000))]
    bias_monitor(stack, data_config=data_config(headers=headers))
    assembly = app.synth()
    (properties,) = baselines(resources_of(stack, assembly.directory))

    tokens = properties["Tokens"]["String"]
    assert tokens["/Monitoring/AnalysisConfig/headers/2"] == {"Ref": "Column"}
    assert tokens["/Baselining/AnalysisConfig/headers/2"] == {"Ref": "Column"}
    files = files_of(assembly, "Stack")
    assert json.loads(files[keys_in(properties)["Baselining"]].read_text())["headers"][2] is None

    # When it is deployed, then the jobs read what they would read without assets
    cloud = Cloud("111111111111", "eu-central-1")
    cloud.deploy(assembly.directory, "Stack")
    configs = [
        json.loads(body) for (_, key), body in cloud.aws.objects.items() if key.endswith("/analysis_config.json")
    ]
    assert [config["headers"] for config in configs] == [[*headers[:2], "é/~ \"x'", *headers[3:]]] * 2
    (job,) = cloud.aws.processing_jobs
    (uri,) = (i["S3Input"]["S3Uri"] for i in job["ProcessingInputs"] if i["InputName"] == "analysis_config")
    assert split(uri) in cloud.aws.objects


def test_all_links_of_a_chain_name_the_same_files(app: cdk.App, stack: cdk.Stack) -> None:
    bias_monitor(stack, data_config=wide_data(), baseline=BaselineOptions(timeout=cdk.Duration.hours(3)))

    assembly = app.synth()

    links = baselines(resources_of(stack, assembly.directory))
    assert len(links) == 4
    assert len({json.dumps(keys_in(link)) for link in links}) == 1
    assert len(files_of(assembly, "Stack")) == 2


def test_monitors_of_equal_configs_share_their_files(app: cdk.App, stack: cdk.Stack) -> None:
    bias_monitor(stack, "One", data_config=wide_data())
    bias_monitor(stack, "Two", data_config=wide_data())

    assembly = app.synth()

    one, two = baselines(resources_of(stack, assembly.directory))
    assert keys_in(one) == keys_in(two)
    assert len(files_of(assembly, "Stack")) == 2


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """One entry for each message to the CDK."""
    sent: list[None] = []
    send = process._NodeProcess.send

    def counted(*arguments: Any) -> Any:
        sent.append(None)
        return send(*arguments)

    monkeypatch.setattr(process._NodeProcess, "send", counted)
    return sent


def test_files_take_one_message_more(stack: cdk.Stack, messages: list[None]) -> None:
    for id_ in ("First", "Second"):  # they find out what all monitors of the stack have in common
        bias_monitor(stack, id_)
    messages.clear()
    bias_monitor(stack, "Narrow")
    narrow = len(messages)
    messages.clear()
    bias_monitor(stack, "Wide", data_config=wide_data())
    assert len(messages) == narrow + 1


# ---------------------------------------------------------------- where the file lies
def _deployed_headers(assembly: cdk.cx_api.CloudAssembly, name: str) -> int:
    """The number of the headers that the baselining job gets when a stack is deployed."""
    cloud = Cloud("111111111111", "eu-central-1")
    cloud.deploy(assembly.directory, name)
    (job,) = cloud.aws.processing_jobs
    (uri,) = (i["S3Input"]["S3Uri"] for i in job["ProcessingInputs"] if i["InputName"] == "analysis_config")
    return len(json.loads(cloud.aws.objects[split(uri)])["headers"])


@pytest.mark.parametrize(
    "synthesizer",
    [
        cdk.DefaultStackSynthesizer(bucket_prefix="a/b/", qualifier="other"),
        cdk.DefaultStackSynthesizer(file_assets_bucket_name="assets-of-${AWS::AccountId}"),
        cdk.DefaultStackSynthesizer(file_assets_bucket_name="all-literal"),
        cdk.CliCredentialsStackSynthesizer(),
    ],
    ids=["a prefix", "a pattern", "a literal", "the command's credentials"],
)
def test_every_synthesizer_that_takes_files_will_do(app: cdk.App, synthesizer: cdk.StackSynthesizer) -> None:
    stack = cdk.Stack(app, "Other", synthesizer=synthesizer)
    bias_monitor(stack, data_config=wide_data())

    assert _deployed_headers(app.synth(), "Other") == 1002


@pytest.mark.parametrize("context", [{}, {"aws:cdk:disable-asset-staging": True}])
def test_the_file_lies_in_the_assembly(tmp_path: Path, context: dict[str, Any]) -> None:
    app = cdk.App(outdir=str(tmp_path / "out"), context={**FEATURE_FLAGS, **context}, analytics_reporting=False)
    stack = cdk.Stack(app, "Loans")
    bias_monitor(stack, data_config=wide_data())

    assembly = app.synth()

    files = files_of(assembly, "Loans")
    assert {path.resolve().parent for path in files.values()} == {(tmp_path / "out").resolve()}
    # When the assembly is moved to another machine, then it has all that it names
    moved = tmp_path / "moved"
    Path(assembly.directory).rename(moved)
    assert all((moved / path.name).is_file() for path in files.values())


def test_a_stage_publishes_the_file_from_the_apps_folder(app: cdk.App) -> None:
    inner = cdk.Stage(cdk.Stage(app, "Production"), "Europe")
    bias_monitor(cdk.Stack(inner, "Loans"), data_config=wide_data())

    assembly = app.synth().get_nested_assembly("assembly-Production").get_nested_assembly("assembly-Production-Europe")

    (stack,) = assembly.stacks
    files = files_of(assembly, stack.id)
    assert len(files) == 2
    for key, path in files.items():
        assert key == f"{hashlib.sha256(path.read_bytes()).hexdigest()}.json"


def test_a_nested_stack_publishes_the_file_with_its_parent(app: cdk.App, stack: cdk.Stack) -> None:
    nested = cdk.NestedStack(stack, "Nested")
    bias_monitor(nested, data_config=wide_data())

    assembly = app.synth()

    (properties,) = baselines(resources_of(nested, assembly.directory))
    assert set(keys_in(properties).values()) <= set(files_of(assembly, "Stack"))


@pytest.mark.no_cover  # a tracer would count each of its values
def test_a_config_too_large_for_the_functions_is_refused(stack: cdk.Stack) -> None:
    before, must = len(stack.node.find_all()), r"must have at most 2097152 bytes of JSON in all, got 2\d{6}"
    rows = _rows(2200, 99)
    with pytest.raises(ValueError, match=rf"'explainability_config' {must}: put the rows"):
        explainability_monitor(stack, data_config=wide_data(98), explainability_config=rows)
    with pytest.raises(ValueError, match=rf"'data_config' {must}: leave columns"):
        bias_monitor(stack, data_config=wide_data(150_000))
    assert len(stack.node.find_all()) == before


def test_what_is_refused_leaves_no_file(app: cdk.App, stack: cdk.Stack) -> None:
    with pytest.raises(ValueError, match="'instance_count'"):
        bias_monitor(stack, data_config=wide_data(), instance_count=0)

    assert files_of(app.synth(), "Stack") == {}
