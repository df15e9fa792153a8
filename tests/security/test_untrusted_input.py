"""Values that come from outside stay where they belong: in keys, JSON, log lines and names."""

from __future__ import annotations

import contextlib
import io
import json
from typing import Any

import aws_cdk as cdk
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdk_clarify_monitors import BiasConfig
from cdk_clarify_monitors_lambda.clarify_baseline.aws.log import Log
from cdk_clarify_monitors_lambda.clarify_baseline.model.errors import BaselineError
from cdk_clarify_monitors_lambda.clarify_baseline.properties import Properties
from tests.support.monitors.builders import bias_monitor, data_config
from tests.support.simulation.simulated_aws import SimulatedAws
from tests.support.simulation.simulated_cloudformation import Stack, document, properties
from tests.support.templates.iam import Template

_TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)


# ---------------------------------------------------------------- S3 keys
@pytest.mark.parametrize(
    "uri", ["s3://monitor/../other", "s3://monitor/a/./b", "s3://monitor/a\nb", "s3://mon/../x", "file:///etc", "s3://"]
)
@pytest.mark.parametrize("place", ["Monitoring/Location", "Baselining/ConfigLocation", "output"])
def test_a_location_that_leads_elsewhere_is_refused(uri: Any, place: Any) -> None:
    if place == "output":
        changed = document()
        changed["Baselining"]["ProcessingJob"]["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"] = uri
    else:
        changed = document(**{place: uri})
    with pytest.raises(ValueError, match=r"S3 URI|segments"):
        Properties.parse(properties(changed))


@pytest.mark.parametrize("name", ["../x", "a/b", "a b", "-a", "a" * 64, "a\n", "*", "${x}"])
@pytest.mark.parametrize("member", ["Name", "NamePrefix"])
def test_a_name_that_could_be_a_path_is_refused(name: Any, member: Any) -> None:
    with pytest.raises(ValueError, match=member):
        Properties.parse(properties(document(**{member: name})))


def test_all_writes_stay_below_the_given_locations() -> None:
    aws = SimulatedAws()
    stack = Stack(aws)
    assert stack.create(properties())
    allowed = ("config/", "baselining-config/")
    assert aws.puts
    assert all(put["Bucket"] == "monitor" and put["Key"].startswith(allowed) for put in aws.puts)
    assert not any(".." in put["Key"].split("/") for put in aws.puts)


# ---------------------------------------------------------------- JSON
@given(_TEXT)
def test_a_deploy_time_value_cannot_leave_its_place(text: Any) -> None:
    """Tokens never pass through JSON text."""
    doc = document(**{"Baselining/AnalysisConfig": {"label": None, "headers": ["a"]}})
    tokens = {"String": {"/Baselining/AnalysisConfig/label": text}}
    parsed = Properties.parse(properties(doc, Tokens=tokens))
    assert parsed.baselining is not None
    assert parsed.baselining.analysis_config == {"label": text, "headers": ["a"]}


@pytest.mark.parametrize(
    "path", ["/Name", "/Baselining/ProcessingJob/RoleArn", "/Baselining/Nothing/x", "", "/", "/Baselining/../Name"]
)
def test_a_token_only_fills_a_place_that_is_left_for_it(path: Any) -> None:
    with pytest.raises(ValueError, match=r"taken|malformed|unpack"):
        Properties.parse(properties(document(), Tokens={"String": {path: "injected"}}))


@given(_TEXT)
@settings(max_examples=15)
def test_text_of_users_arrives_unchanged_in_the_config(text: Any) -> None:
    stack = cdk.Stack(cdk.App(), "Loans", env=cdk.Environment(account="111111111111", region="eu-central-1"))
    data = data_config(headers=["approved", text, "income"]) if text not in ("approved", "income") else data_config()
    bias_monitor(stack, data_config=data, bias_config=_facet("income"))
    (resource,) = cdk.assertions.Template.from_stack(stack).find_resources("Custom::ClarifyBaseline").values()
    given_properties = Template({"Resources": {}}).resolve(resource["Properties"]["Baseline"])
    assert json.loads(given_properties)["Baselining"]["AnalysisConfig"]["headers"] == list(data.headers or ())


def _facet(name: str) -> Any:
    return BiasConfig(label_values_or_threshold=[1], facet_name=name, facet_values_or_threshold=[40])


# ---------------------------------------------------------------- tags
@given(st.dictionaries(_TEXT, _TEXT, max_size=4))
def test_tags_reach_the_job_as_pairs(tags: Any) -> None:
    pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
    assert list(Properties.parse(properties(document(), StackTags=pairs)).tags) == pairs


# ---------------------------------------------------------------- the log
@given(_TEXT, _TEXT)
def test_no_value_forges_a_line_of_the_log(name: Any, value: Any) -> None:
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        Log(baseline=name).write("failed", reason=f"{value}\n" + '{"event": "complete"}')
    (line,) = printed.getvalue().splitlines()
    assert json.loads(line) == {"event": "failed", "baseline": name, "reason": f"{value}\n" + '{"event": "complete"}'}


def test_the_presigned_url_is_never_logged(capsys: pytest.CaptureFixture[str]) -> None:
    aws = SimulatedAws()
    stack = Stack(aws)
    assert stack.create(properties())
    assert stack.delete()
    printed = capsys.readouterr().out
    assert '"event": "complete"' in printed
    assert "X-Amz-Signature" not in printed
    assert "ResponseURL" not in printed


def test_a_failure_is_one_short_line() -> None:
    text = str(BaselineError("first\nsecond\r\n" + "x" * 5000, "Logs: here."))
    assert "\n" not in text
    assert "\r" not in text
    assert len(text) <= 1000
    assert text.endswith("Logs: here.")
