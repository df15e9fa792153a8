"""S3 keys in policies: what users write stands for itself."""

from __future__ import annotations

import re
from typing import Any

import aws_cdk as cdk
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cdk_clarify_monitors._permissions.statements import without_redundant
from cdk_clarify_monitors._spec.s3_location import S3Location, inside, starting_with
from tests.support.monitors.builders import bias_monitor, data_config
from tests.support.templates.iam import Synthesize, as_list


def matches(pattern: str, text: str) -> bool:
    """How IAM matches a resource: `*` and `?` are wildcards, and `${*}`, `${?}`, `${$}` stand for the characters."""
    parts = re.split(r"(\$\{[*?$]\}|[*?])", pattern)
    wildcards = {"*": ".*", "?": "."}
    regex = "".join(
        re.escape(part[2]) if part.startswith("${") and len(part) == 4 else wildcards.get(part, re.escape(part))
        for part in parts
    )
    return re.fullmatch(regex, text, re.DOTALL) is not None


# What IAM gives a meaning to, among characters that S3 allows in keys.
_keys = st.text(alphabet="ab/*?${}[]:.-", min_size=1, max_size=12).filter(lambda key: "${Token[" not in key)


@given(_keys, _keys)
def test_a_pattern_of_one_place_matches_just_that_place(key: Any, other: Any) -> None:
    place = S3Location("bucket", key)
    assert matches(place.as_pattern().path, place.path)
    assert matches(place.as_pattern().path, f"bucket/{other}") == (key == other)


@given(_keys, _keys)
def test_a_prefix_matches_what_starts_like_it(key: Any, other: Any) -> None:
    pattern = starting_with(f"s3://bucket/{key}")
    stripped = key.rstrip("/") + ("/" if key.endswith("/") and key.rstrip("/") else "")
    assert matches(pattern.path, f"bucket/{other}") == other.startswith(stripped)


@given(_keys, _keys)
def test_a_folder_matches_what_is_in_it(key: Any, other: Any) -> None:
    start = f"{key.rstrip('/')}/" if key.rstrip("/") else ""
    assert matches(inside(f"s3://bucket/{key}").path, f"bucket/{other}") == other.startswith(start)


@given(_keys)
def test_a_bucket_is_no_pattern_either(name: Any) -> None:
    assert matches(S3Location(name, "x").as_pattern().bucket, name)
    assert matches(S3Location(name, "x").as_pattern().bucket, "other") is False


@example(["a*", "a**"], "ab")  # each includes the other
@given(st.lists(st.text(alphabet="ab/*", max_size=5), max_size=6), st.text(alphabet="ab/", max_size=6))
def test_leaving_out_what_is_included_changes_nothing(patterns: Any, text: Any) -> None:
    assert any(matches(p, text) for p in without_redundant(patterns)) == any(matches(p, text) for p in patterns)


@pytest.mark.parametrize("uri", ["s3://data/*", "s3://data/${aws:username}/x", "s3://data/?"])
def test_a_key_that_looks_like_a_pattern_widens_nothing(stack: cdk.Stack, synthesize: Synthesize, uri: Any) -> None:
    bias_monitor(stack, data_config=data_config(s3_data_input_path=f"{uri}/in", s3_output_path=f"{uri}/out"))
    template = synthesize(stack)
    statements = [*template.role("BiasRole"), *template.role("ClarifyBaselineProviderHandlerRole")]
    resources = {arn for s in statements for arn in as_list(s["Resource"]) if arn.startswith("arn:aws:s3:::data/")}
    resources |= {f"arn:aws:s3:::data/{prefix}" for prefix in _listed(statements, "arn:aws:s3:::data")}
    assert not any(matches(arn, "arn:aws:s3:::data/secret/out/loans-x/analysis.json") for arn in resources)
    key = uri.removeprefix("s3://data/")
    assert any(matches(arn, f"arn:aws:s3:::data/{key}/out/loans-bias-x/analysis.json") for arn in resources)


def _listed(statements: list[dict[str, Any]], bucket: str) -> set[str]:
    conditions = [s["Condition"] for s in statements if s["Action"] == "s3:ListBucket" and "Condition" in s]
    assert conditions
    return {
        prefix
        for s in statements
        if s["Action"] == "s3:ListBucket" and s["Resource"] == bucket and "Condition" in s
        for prefix in as_list(s["Condition"]["StringLike"]["s3:prefix"])
    }


def test_a_uri_that_is_a_token_is_taken_apart_at_deployment(stack: cdk.Stack, synthesize: Synthesize) -> None:
    data = cdk.CfnParameter(stack, "Data", default="s3://data/loans/train.csv").value_as_string
    output = cdk.CfnParameter(stack, "Output", default="s3://models/loans").value_as_string
    bias_monitor(stack, data_config=data_config(s3_data_input_path=data, s3_output_path=output))
    template = synthesize(stack)
    by_action: dict[str, list[str]] = {}
    for s in template.role("BiasRole"):
        for action in as_list(s["Action"]):
            by_action.setdefault(action, []).extend(as_list(s["Resource"]))
    assert "arn:aws:s3:::data/loans/train.csv*" in by_action["s3:GetObject"]
    assert any(
        matches(arn, "arn:aws:s3:::models/loans/loans-bias-9bacb633-1/analysis.json")
        for arn in by_action["s3:PutObject"]
    )
    assert {"arn:aws:s3:::data", "arn:aws:s3:::models"} <= set(by_action["s3:ListBucket"])
    handlers = template.role("ClarifyBaselineProviderHandlerRole")
    puts = next(as_list(s["Resource"]) for s in handlers if s["Action"] == "s3:PutObject")
    assert any(matches(arn, "arn:aws:s3:::models/loans/loans-x/analysis_config.json") for arn in puts)
