"""Files of constraints and violations: stored only if they are right, saved with the session that read them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cdk_clarify_monitors_operations import (
    Constraints,
    ConstraintViolations,
    InvalidArgument,
    InvalidFile,
    NotSupported,
    ServiceError,
    Statistics,
)
from tests.operations.account import KEY, Account

ANALYSIS: dict[str, Any] = {
    "version": "1.0",
    "post_training_bias_metrics": {
        "label": "y",
        "facets": {
            "sex": [
                {
                    "value_or_threshold": value,
                    "metrics": [
                        {"name": "DI", "description": "DI", "value": 0.9},
                        {"name": "TE", "description": "TE", "value": "Infinity"},
                        {"name": "CDDPL", "description": "CDDPL", "value": None, "error": "no group"},
                    ],
                }
                for value in ("1", "2")
            ]
        },
    },
    "explanations": {"kernel_shap": {"label0": {"global_shap_values": {"age": 0.2, "sex": -1}, "expected_value": 1}}},
}


@pytest.fixture
def constraints(account: Account) -> Constraints:
    account.put_json("s3://monitor/c.json", ANALYSIS)
    return Constraints.from_s3_uri("s3://monitor/c.json", session=account.session)


def test_metrics_and_attributions_are_read(constraints: Constraints) -> None:
    di, te, cddpl, *others = constraints.bias_metrics()
    assert (di.stage, di.facet, di.facet_value, di.name, di.value) == ("post-training", "sex", "1", "DI", 0.9)
    assert te.value == float("inf")
    assert (cddpl.value, cddpl.error) == (None, "no group")
    assert {other.facet_value for other in others} == {"2"}
    assert [(each.label, each.feature, each.value) for each in constraints.feature_attributions()] == [
        ("label0", "age", 0.2),
        ("label0", "sex", -1.0),
    ]
    assert di.to_dict()["name"] == "DI"


@pytest.mark.parametrize(
    "document",
    [
        {"post_training_bias_metrics": {"facets": []}},
        {"post_training_bias_metrics": {"facets": {"sex": [{}]}}},
        {"pre_training_bias_metrics": {"facets": {"sex": [{"value_or_threshold": "1", "metrics": [{}]}]}}},
        {"explanations": {"kernel_shap": {"label0": {}}}},
        {"explanations": []},
    ],
)
def test_what_is_no_analysis_is_said(document: dict[str, Any]) -> None:
    constraints = Constraints(document, "s3://monitor/c.json")
    with pytest.raises(InvalidFile, match=r"s3://monitor/c\.json is not as Clarify writes an analysis\.json"):
        [*constraints.bias_metrics(), *constraints.feature_attributions()]


@pytest.mark.parametrize(("group", "changed"), [(None, ["1", "2"]), ("2", ["2"])])
def test_a_limit_can_be_changed(constraints: Constraints, group: str | None, changed: list[str]) -> None:
    constraints.set_bias_limit("CDDPL", 1, facet="sex", facet_value=group)

    found = [each for each in constraints.bias_metrics() if each.value == 1.0 and each.error is None]

    assert [(each.name, each.facet_value) for each in found] == [("CDDPL", value) for value in changed]


@pytest.mark.parametrize(
    "arguments",
    [
        {"metric": "None", "facet": "sex"},
        {"metric": "DI", "facet": "age"},
        {"metric": "DI", "facet": "sex", "facet_value": "3"},
    ],
)
def test_a_limit_that_is_not_there_cannot_be_changed(constraints: Constraints, arguments: dict[str, str]) -> None:
    with pytest.raises(InvalidArgument, match="there are: CDDPL of sex 1, DI of sex 1"):
        constraints.set_bias_limit(value=0.5, **arguments)


@pytest.mark.parametrize("value", ["0.5", None, True, float("nan")])
def test_a_limit_is_a_number(constraints: Constraints, value: Any) -> None:
    with pytest.raises(InvalidArgument, match="'value' must be a number"):
        constraints.set_bias_limit("DI", value, facet="sex")


@pytest.mark.parametrize(("value", "written"), [(float("inf"), "Infinity"), (-float("inf"), "-Infinity"), (1, 1.0)])
def test_a_limit_is_written_as_clarify_writes_it(constraints: Constraints, value: float, written: Any) -> None:
    constraints.set_bias_limit("DI", value, facet="sex")
    assert {each.value for each in constraints.bias_metrics() if each.name == "DI"} == {float(value)}
    assert f'"value": {json.dumps(written)}' in json.dumps(constraints.body_dict, allow_nan=False)


@pytest.mark.parametrize(
    "document",
    [{}, {"post_training_bias_metrics": None}, {"post_training_bias_metrics": {"facets": None}, "explanations": None}],
)
def test_a_file_without_metrics_has_none(document: dict[str, Any]) -> None:
    constraints = Constraints(document)
    assert (constraints.bias_metrics(), constraints.feature_attributions()) == ([], [])
    with pytest.raises(InvalidArgument, match="there are: none"):
        constraints.set_bias_limit("DI", 1.0, facet="sex")


@pytest.mark.parametrize("group", [{}, {"value_or_threshold": "1"}, None, {"value_or_threshold": "1", "metrics": [{}]}])
def test_a_limit_of_what_is_no_analysis_is_refused(group: Any) -> None:
    constraints = Constraints({"post_training_bias_metrics": {"facets": {"sex": [group]}}}, "s3://b/k")
    with pytest.raises(InvalidFile, match="s3://b/k is not as Clarify writes"):
        constraints.set_bias_limit("DI", 1.0, facet="sex", facet_value="1")


@pytest.mark.parametrize("text", [None, b"{}", {}, 3])
def test_what_is_no_text_is_not_stored(account: Account, text: Any) -> None:
    with pytest.raises(InvalidArgument, match="'text' must be a JSON text"):
        Constraints.from_string(text, session=account.session)
    assert account.changes() == []


@pytest.mark.parametrize("kind", [Constraints, ConstraintViolations, Statistics])
@pytest.mark.parametrize("text", ["", "{", "[1]", "3", '"text"', "null"])
def test_what_is_no_json_object_is_not_stored(account: Account, tmp_path: Path, kind: Any, text: str) -> None:
    path = tmp_path / "file.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidFile):
        kind.from_string(text, session=account.session)
    with pytest.raises(InvalidFile):
        kind.from_file_path(path)
    assert account.changes() == []


def test_a_local_file_that_is_not_there_or_binary_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match=r"none\.json cannot be read"):
        Constraints.from_file_path(tmp_path / "none.json")
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidFile, match=r"binary\.json cannot be read"):
        Constraints.from_file_path(tmp_path / "binary.json")


def test_a_file_goes_where_it_should_with_its_key(account: Account, tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text('{"a": 1}', encoding="utf-8")

    default = Constraints.from_file_path(path, KEY, session=account.session)
    chosen = ConstraintViolations.from_string("{}", session=account.session, s3_uri="s3://monitor/v.json")

    assert default.file_s3_uri is not None
    assert default.file_s3_uri.startswith("s3://sagemaker-us-west-2-123456789012/monitoring/")
    assert default.file_s3_uri.endswith("/mine.json")
    assert chosen.file_s3_uri == "s3://monitor/v.json"
    first, second = account.sent("PutObject")
    assert (first["ServerSideEncryption"], first["SSEKMSKeyId"]) == ("aws:kms", KEY)
    assert "ServerSideEncryption" not in second


def test_a_file_is_saved_where_it_lies_or_elsewhere(constraints: Constraints, account: Account) -> None:
    constraints.body_dict["version"] = "2.0"
    assert constraints.save() == "s3://monitor/c.json"
    assert constraints.save("s3://monitor/d.json") == constraints.file_s3_uri == "s3://monitor/d.json"
    assert json.loads(account.objects["s3://monitor/d.json"]["text"])["version"] == "2.0"
    with pytest.raises(InvalidArgument, match="must be given: the file is not in S3 yet"):
        Constraints({}).save()


def test_a_place_that_was_refused_is_not_remembered(constraints: Constraints, account: Account) -> None:
    account.refuse("PutObject", {"Code": "NoSuchBucket", "Message": "no such bucket", "Status": 404})
    with pytest.raises(ServiceError, match="NoSuchBucket"):
        constraints.save("s3://none/d.json")
    assert constraints.file_s3_uri == "s3://monitor/c.json"


@pytest.mark.parametrize("uri", ["", "c.json", "s3://", "s3:///key", "https://bucket/key", None, 3])
def test_what_is_no_uri_is_refused(account: Account, uri: Any) -> None:
    with pytest.raises(InvalidArgument, match="must be an S3 URI such as"):
        Constraints.from_s3_uri(uri, session=account.session)


def test_a_byte_order_mark_does_not_matter(account: Account, tmp_path: Path) -> None:
    account.put("s3://monitor/bom.json", "\ufeff{}")
    assert Constraints.from_s3_uri("s3://monitor/bom.json", session=account.session).body_dict == {}

    path = tmp_path / "bom.json"
    path.write_text("{}", encoding="utf-8-sig")
    assert Constraints.from_file_path(path, session=account.session).body_dict == {}


def test_the_switches_of_data_quality_constraints_are_set() -> None:
    features = [{"name": "a", "string_constraints": {}}, {"name": "b", "num_constraints": {}}, {"name": "c"}]
    document = {"monitoring_config": {"evaluate_constraints": "Enabled"}, "features": features}
    constraints = Constraints(document)

    constraints.set_monitoring(False)
    for name in "abc":
        constraints.set_monitoring(True, name)

    assert document["monitoring_config"] == {"evaluate_constraints": "Disabled"}
    overrides = {"monitoring_config_overrides": {"evaluate_constraints": "Enabled"}}
    assert features == [
        {"name": "a", "string_constraints": overrides},
        {"name": "b", "num_constraints": overrides},
        {"name": "c", "string_constraints": overrides},
    ]
    with pytest.raises(InvalidArgument, match="'feature_name' must be one of: a, b, c, got 'd'"):
        constraints.set_monitoring(True, "d")


def test_clarifys_constraints_have_no_switches(constraints: Constraints) -> None:
    with pytest.raises(NotSupported, match="set_bias_limit"):
        constraints.set_monitoring(False)


@pytest.mark.parametrize("body", [[], None, "{}"])
def test_a_body_is_a_dict(body: Any) -> None:
    with pytest.raises(InvalidFile, match="'body_dict' must be a dict"):
        Constraints(body)
