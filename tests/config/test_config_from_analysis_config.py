"""Reading an existing analysis_config.json: what AWS's documentation and the SDK write, and what cannot be read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cdk_clarify_monitors import (
    AsymmetricShapleyValueConfig,
    BiasAnalysisConfig,
    BiasConfig,
    BiasConstraint,
    DataConfig,
    ExplainabilityAnalysisConfig,
    ImageConfig,
    ModelConfig,
    ModelPredictedLabelConfig,
    PDPConfig,
    SegmentationConfig,
    SHAPConfig,
    TextConfig,
)
from cdk_clarify_monitors._spec.analysis.bias import bias_analysis
from cdk_clarify_monitors._spec.analysis.explainability import explainability_analysis
from tests.support.recorded.record import FILES

# In the form of the examples at
# https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-configure-analysis.html
TABULAR: dict[str, Any] = {
    "version": "1.0",
    "dataset_type": "text/csv",
    "dataset_uri": "s3://bucket/data.csv",
    "headers": ["feature_0", "feature_1", "feature_2", "target"],
    "label": "target",
    "label_values_or_threshold": [1],
    "probability_threshold": 0.7,
    "facet": [{"name_or_index": "feature_1", "value_or_threshold": [1]}, {"name_or_index": "feature_2"}],
    "group_variable": "feature_0",
    "methods": {
        "shap": {"baseline": [["yes", 3, 0.9]], "num_samples": 1000, "agg_method": "mean_sq", "use_logit": True},
        "pdp": {"grid_resolution": 20},
        "pre_training_bias": {"methods": "all"},
        "post_training_bias": {"methods": "all"},
        "report": {"name": "report", "title": "Analysis Report"},
    },
    "predictor": {
        "model_name": "my-model",
        "instance_type": "ml.m5.xlarge",
        "initial_instance_count": 1,
        "content_type": "text/csv",
        "accept_type": "text/csv",
        "label": 0,
        "probability": 1,
        "target_model": "",
    },
}
_PRE_TRAINING = "methods.pre_training_bias.methods"
BASELINING_CASES = {
    path.stem: case
    for path in FILES
    if (case := json.loads(path.read_text()))["expected"]["outcome"] == "ok" and case["expected"]["baselining"]
}


def changed(*path: str | int, to: Any) -> dict[str, Any]:
    """The document with one more, or one other, value."""
    document: dict[str, Any] = json.loads(json.dumps(TABULAR))
    place: Any = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = to
    return document


def without(*path: str) -> dict[str, Any]:
    return changed(*path, to=None)


def test_every_class_reads_its_part() -> None:
    assert DataConfig.from_analysis_config(TABULAR) == DataConfig(
        "s3://bucket/data.csv", headers=["feature_0", "feature_1", "feature_2", "target"], label="target"
    )
    bias = BiasConfig([1], ["feature_1", "feature_2"], [[1], None], "feature_0")
    assert BiasConfig.from_analysis_config(TABULAR) == bias
    model = ModelConfig("my-model", 1, "ml.m5.xlarge", accept_type="text/csv", content_type="text/csv")
    assert ModelConfig.from_analysis_config(TABULAR) == model
    assert ModelPredictedLabelConfig.from_analysis_config(TABULAR) == ModelPredictedLabelConfig(0, 1, 0.7)
    # Clarify does not save local SHAP values unless it is told to; the SDK, and so the class, tells it.
    shap = SHAPConfig([["yes", 3, 0.9]], 1000, "mean_sq", use_logit=True, save_local_shap_values=False)
    assert SHAPConfig.from_analysis_config(TABULAR) == shap
    assert PDPConfig.from_analysis_config(TABULAR) == PDPConfig(grid_resolution=20)
    assert BiasAnalysisConfig.from_analysis_config(TABULAR) == BiasAnalysisConfig(bias, TABULAR["headers"], "target")
    assert ExplainabilityAnalysisConfig.from_analysis_config(TABULAR) == ExplainabilityAnalysisConfig(
        [shap, PDPConfig(grid_resolution=20)], model, TABULAR["headers"]
    )


def test_a_file_is_read_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "analysis_config.json"
    path.write_text(json.dumps({**TABULAR, "label": "größe", "headers": ["größe", "feature_1"]}, ensure_ascii=False))

    assert DataConfig.from_analysis_config(path).label == "größe"
    assert DataConfig.from_analysis_config(str(path)) == DataConfig.from_analysis_config(path)


def test_the_places_of_a_data_set_are_arguments() -> None:
    document = {"dataset_type": "text/csv", "segment_config": [{"name_or_index": 0, "segments": [["[1, 2]"]]}]}

    config = DataConfig.from_analysis_config(document, "s3://bucket/in", "s3://bucket/out", "s3://bucket/config")

    segments = [SegmentationConfig(0, [["[1, 2]"]])]
    assert config == DataConfig("s3://bucket/in", "s3://bucket/out", "s3://bucket/config", segmentation_config=segments)


@pytest.mark.parametrize("case", BASELINING_CASES.values(), ids=list(BASELINING_CASES))
def test_what_the_sdk_wrote_is_read_and_written_again(case: dict[str, Any]) -> None:
    body = case["expected"]["baselining"]["analysis_config"]["body"]
    data = DataConfig.from_analysis_config(body, s3_data_input_path="s3://bucket/data.csv")
    model = ModelConfig.from_analysis_config(body) if "predictor" in body else None
    predicted = ModelPredictedLabelConfig.from_analysis_config(body)
    given = "s3://bucket/analysis_config.json"  # some facets are in no captured data
    common: dict[str, Any] = {"data_config": data, "model_config": model, "analysis_config": given}
    if "facet" in body:
        bias = BiasConfig.from_analysis_config(body)
        analysis = bias_analysis(**common, bias_config=bias, model_predicted_label_config=predicted)
    else:
        methods = ExplainabilityAnalysisConfig.from_analysis_config(body).explainability_config
        analysis = explainability_analysis(**common, explainability_config=methods, model_scores=predicted)

    assert analysis.baselining == body


READERS: dict[str, Callable[[Any], object]] = {
    "DataConfig": DataConfig.from_analysis_config,
    "BiasConfig": BiasConfig.from_analysis_config,
    "ModelConfig": ModelConfig.from_analysis_config,
    "ModelPredictedLabelConfig": ModelPredictedLabelConfig.from_analysis_config,
    "SHAPConfig": SHAPConfig.from_analysis_config,
    "PDPConfig": PDPConfig.from_analysis_config,
    "BiasAnalysisConfig": BiasAnalysisConfig.from_analysis_config,
    "ExplainabilityAnalysisConfig": ExplainabilityAnalysisConfig.from_analysis_config,
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("dataset_typ", "text/csv"),
        ("methods.lime", {}),
        ("methods.shap.num_sample", 5),
        ("predictor.endpoint_name-prefix", "p"),
        ("methods.pdp.resolution", 5),
        ("facet.0.value", 1),
        ("methods.post_training_bias.metrics", ["DI"]),
        ("version", "2.0"),
    ],
)
def test_unknown_key_is_refused_by_every_class(reader: str, path: str, value: object) -> None:
    with pytest.raises(ValueError, match="must") as refused:
        READERS[reader](changed(*(int(key) if key == "0" else key for key in path.split(".")), to=value))

    argument = path.replace(".0", "[0]")
    must = "be '1.0'" if path == "version" else "not be in the document: it is not a known key"
    assert str(refused.value).startswith(f"'{argument}' must {must}, got ")
    assert repr(value).strip("'{}") in str(refused.value)


@pytest.mark.parametrize(
    ("reader", "document", "named", "shown"),
    [
        ("DataConfig", changed("label", to="z"), "label", "'z'"),
        ("DataConfig", changed("headers", to=["a", 5]), "headers[1]", "5"),
        ("DataConfig", changed("dataset_type", to="text/tsv"), "dataset_type", "'text/tsv'"),
        ("DataConfig", without("dataset_type"), "dataset_type", "None"),
        ("DataConfig", without("dataset_uri"), "s3_data_input_path", "None"),
        ("DataConfig", changed("joinsource_name_or_index", to="z"), "joinsource_name_or_index", "'z'"),
        ("DataConfig", changed("segment_config", to=[{"name_or_index": 0}]), "segment_config[0].segments", "None"),
        (
            "DataConfig",
            changed("segment_config", to=[{"name_or_index": 0, "segments": [["a"], [0.5]]}]),
            "segment_config[0].segments[1][0]",
            "0.5",
        ),
        ("DataConfig", changed("segment_config", to=[{"name": 0}]), "segment_config[0].name", "0"),
        (
            "DataConfig",
            changed(
                "time_series_data_config",
                to={"target_time_series": "t", "item_id": "i", "timestamp": "s", "dataset_format": "rows"},
            ),
            "time_series_data_config.dataset_format",
            "'rows'",
        ),
        ("BiasConfig", without("facet"), "facet", "None"),
        ("BiasConfig", changed("facet", to=[]), "facet", "[]"),
        ("BiasConfig", changed("facet", 0, to="feature_1"), "facet[0]", "'feature_1'"),
        ("BiasConfig", changed("facet", 1, to={}), "facet[1].name_or_index", "None"),
        ("BiasConfig", changed("facet", 1, "name_or_index", to=-1), "facet[1].name_or_index", "-1"),
        ("BiasConfig", changed("facet", 0, "value_or_threshold", to=1), "facet[0].value_or_threshold", "1"),
        ("BiasConfig", changed("facet", 0, "value_or_threshold", to=[None]), "facet[0].value_or_threshold[0]", "None"),
        ("BiasConfig", changed("facet", to=[{"name_or_index": 1.5}]), "facet[0].name_or_index", "1.5"),
        ("BiasConfig", changed("label_values_or_threshold", to=[]), "label_values_or_threshold", "[]"),
        ("BiasConfig", without("label_values_or_threshold"), "label_values_or_threshold", "None"),
        ("BiasConfig", changed("group_variable", to=[]), "group_variable", "[]"),
        ("BiasAnalysisConfig", changed("headers", to=["target"]), "facet[0].name_or_index", "'feature_1'"),
        (
            "BiasAnalysisConfig",
            changed("headers", to=["target", "feature_1", "feature_2"]),
            "group_variable",
            "'feature_0'",
        ),
        ("BiasConfig", changed("methods", "pre_training_bias", "methods", to=["DI"]), _PRE_TRAINING + "[0]", "'DI'"),
        ("BiasConfig", changed("methods", "pre_training_bias", "methods", to="CI"), _PRE_TRAINING, "'CI'"),
        (
            "BiasConfig",
            {**without("group_variable"), "methods": {"pre_training_bias": {"methods": ["CDDL"]}}},
            "group_variable",
            "None",
        ),
        (
            "ExplainabilityAnalysisConfig",
            changed("methods", "shap", "features_to_explain", to=["zip"]),
            "methods.shap.features_to_explain[0]",
            "'zip'",
        ),
        ("ModelConfig", changed("predictor", "endpoint_name", to="loans"), "predictor.endpoint_name", "'loans'"),
        ("ModelConfig", without("predictor", "initial_instance_count"), "predictor.initial_instance_count", "None"),
        ("ModelPredictedLabelConfig", changed("probability_threshold", to=1.5), "probability_threshold", "1.5"),
        ("ModelConfig", without("predictor"), "predictor", "None"),
        ("ModelConfig", changed("predictor", to="m"), "predictor", "'m'"),
        ("ModelConfig", changed("predictor", to=[]), "predictor", "[]"),
        ("ModelConfig", changed("predictor", "initial_instance_count", to=0), "predictor.initial_instance_count", "0"),
        ("ModelConfig", changed("predictor", "accept_type", to="x"), "predictor.accept_type", "'x'"),
        ("ModelPredictedLabelConfig", changed("predictor", "label", to=1.5), "predictor.label", "1.5"),
        ("ModelPredictedLabelConfig", changed("probability_threshold", to=1), "probability_threshold", "1"),
        ("SHAPConfig", changed("methods", "shap", "baseline", 0, to=[[]]), "methods.shap.baseline[0][0]", "[]"),
        ("SHAPConfig", changed("methods", "shap", "agg_method", to="mean"), "methods.shap.agg_method", "'mean'"),
        (
            "SHAPConfig",
            changed("methods", "shap", "text_config", to={"granularity": "word", "language": "en"}),
            "methods.shap.text_config.granularity",
            "'word'",
        ),
        ("SHAPConfig", without("methods", "shap"), "methods.shap", "None"),
        ("SHAPConfig", without("methods"), "methods.shap", "None"),
        ("PDPConfig", changed("methods", "pdp", "features", to=[None]), "methods.pdp.features[0]", "None"),
        ("ExplainabilityAnalysisConfig", changed("methods", to={}), "methods", "{}"),
        ("ExplainabilityAnalysisConfig", without("methods", "shap"), "methods", "PDPConfig("),
        (
            "ExplainabilityAnalysisConfig",
            changed("predictor", "label_headers", to="yes"),
            "predictor.label_headers",
            "'yes'",
        ),
        ("DataConfig", [], "config", "[]"),
    ],
)
def test_a_wrong_value_is_named_by_its_path(reader: str, document: Any, named: str, shown: str) -> None:
    with pytest.raises((ValueError, TypeError)) as refused:
        READERS[reader](document)

    assert str(refused.value).startswith(f"'{named}' must ")
    assert f", got {shown}" in str(refused.value)


def test_one_message_names_all_keys_that_would_be_lost() -> None:
    document = changed("dataset_typ", to="text/csv")
    document["methods"]["shap"]["nsamples"] = 5
    document["facet"][1]["value"] = 7
    document["predictor"]["wait"] = True
    document["version"] = "3"

    for read in READERS.values():
        with pytest.raises(ValueError, match="'config' must have no keys that would be lost: ") as refused:
            read(document)
        for named in ("dataset_typ", "methods.shap.nsamples", "facet[1].value", "predictor.wait", "version"):
            assert f"{named}: " in str(refused.value)
        assert "did you mean 'dataset_type'?" in str(refused.value)


@pytest.mark.parametrize("report", [{"name": "report", "title": "Loan fairness"}, {"name": "loans"}, {}])
def test_the_title_of_the_report_is_nobodys(report: dict[str, Any]) -> None:
    document = changed("methods", "report", to=report)

    for name, read in READERS.items():
        assert read(document) == READERS[name](TABULAR)


@pytest.mark.parametrize(
    ("methods", "chosen"),
    [
        ({"pre_training_bias": ["CI", "DPL"], "post_training_bias": ["DPPL", "DI"]}, (("CI", "DPL"), ("DPPL", "DI"))),
        ({"pre_training_bias": "all", "post_training_bias": ["DPPL"]}, ("all", ("DPPL",))),
        ({"post_training_bias": "all"}, (None, "all")),
        ({"pre_training_bias": ["CDDL"]}, (("CDDL",), None)),
        ({}, ("all", "all")),
    ],
)
def test_chosen_metrics_are_kept(methods: dict[str, Any], chosen: tuple[Any, Any]) -> None:
    document = changed("methods", to={"shap": {}, **{key: {"methods": value} for key, value in methods.items()}})

    config = BiasConfig.from_analysis_config(document)

    assert (config.pre_training_methods, config.post_training_methods) == chosen
    data = DataConfig.from_analysis_config(document)
    model = ModelConfig.from_analysis_config(document)
    analysis = bias_analysis(
        data_config=data,
        bias_config=config,
        model_config=model,
        model_predicted_label_config=None,
        analysis_config=None,
    )
    assert analysis.baselining is not None
    found = {key: value["methods"] for key, value in analysis.baselining["methods"].items() if key != "report"}
    assert found == (methods or {"pre_training_bias": "all", "post_training_bias": "all"})
    # Executions compute all metrics, and their document has no methods.
    assert analysis.monitoring is not None
    assert "methods" not in analysis.monitoring
    assert "methods" not in BiasAnalysisConfig.from_analysis_config(document).to_analysis_config()


def test_a_limit_is_for_a_metric_of_the_baseline() -> None:
    def analyse(metric: str) -> object:
        return bias_analysis(
            data_config=DataConfig.from_analysis_config(TABULAR),
            bias_config=BiasConfig([1], "feature_1", [1], post_training_methods=["DPPL"]),
            model_config=ModelConfig.from_analysis_config(TABULAR),
            model_predicted_label_config=None,
            analysis_config=None,
            constraints_overrides=[BiasConstraint(metric, at_most=0.5)],
        )

    analyse("DPPL")
    analyse("DPL")
    with pytest.raises(
        ValueError, match=r"'constraints_overrides\[0\]' must be about a metric of 'post_training_methods'"
    ):
        analyse("AD")


def test_what_the_schema_of_the_sdk_takes_is_read() -> None:
    shap = {
        "agg_method": "MEAN_ABS",
        "text_config": {"granularity": "Token", "language": "English", "max_top_tokens": 10},
        "image_config": {"num_segments": 20, "debug": {"class_ids": [1], "image_names": ["a"], "sample_to": 5}},
    }
    config = SHAPConfig.from_analysis_config({"methods": {"shap": shap}})
    assert config == SHAPConfig(
        agg_method="mean_abs",
        save_local_shap_values=False,
        text_config=TextConfig("token", "english", max_top_tokens=10),
        image_config=ImageConfig(num_segments=20, debug=shap["image_config"]["debug"]),  # type: ignore[index]
    )
    document = {"predictor": {"endpoint_name": "e", "content_type": "Application/JSON", "accept_type": "TEXT/CSV"}}
    document["predictor"] |= {"content_template": {"instances": "$records"}, "record_template": "$features"}  # type: ignore[dict-item]
    model = ModelConfig.from_analysis_config(document)
    assert (model.content_type, model.accept_type) == ("application/json", "text/csv")
    assert model.to_analysis_config()["predictor"]["content_template"] == {"instances": "$records"}
    parquet = {"predictor": {"endpoint_name": "e", "content_type": "application/x-parquet"}}
    assert ModelConfig.from_analysis_config(parquet).content_type == "application/x-parquet"
    assert DataConfig.from_analysis_config(changed("dataset_type", to="Text/CSV")).dataset_type == "text/csv"
    series = {"direction": "CHRONOLOGICAL", "granularity": "Timewise", "baseline": {"target_time_series": "MEAN"}}
    asymmetric = {"methods": {"asymmetric_shapley_value": series}}
    assert AsymmetricShapleyValueConfig.from_analysis_config(asymmetric) == AsymmetricShapleyValueConfig(
        baseline={"target_time_series": "mean"}
    )


def test_an_endpoints_execution_needs_no_predictor() -> None:
    for predictor in (None, {}, {"label_headers": ["yes", "no"]}, {"label": 0, "probability": 1}):
        config = ExplainabilityAnalysisConfig.from_analysis_config({**TABULAR, "predictor": predictor})

        assert config.model_config is None
        labels = (predictor or {}).get("label_headers")
        assert config.to_analysis_config().get("predictor", {}).get("label_headers") == labels


def test_messages_speak_of_the_document_only() -> None:
    series = {**TABULAR["predictor"], "time_series_predictor_config": {"forecast": "f"}}
    with pytest.raises(ValueError, match=r"'predictor.accept_type' must be .* with 'time_series_predictor_config'"):
        ModelConfig.from_analysis_config(changed("predictor", to=series))
    with pytest.raises(ValueError, match="initial_instance_count and instance_type"):
        ModelConfig.from_analysis_config(without("predictor", "initial_instance_count"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"label": "a", "label": "b"}', "'config' must have each key once in an object, got ['label']"),
        ("[" * 100_000 + "]" * 100_000, "'config' must be nested less deeply"),
        ('{"methods": ' + '{"shap": ' * 200 + "{}" + "}" * 201, "'config' must be nested at most 64 levels deep"),
        ("\ufeff{}", "'methods.shap' must be given"),
    ],
)
def test_a_document_that_cannot_be_taken_says_why(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "analysis_config.json"
    path.write_text(text, "utf-8")

    with pytest.raises((ValueError, TypeError)) as refused:
        SHAPConfig.from_analysis_config(path)

    assert str(refused.value).startswith(why)


def test_two_different_data_sets_are_refused() -> None:
    with pytest.raises(
        ValueError, match="'dataset_uri' must be 's3://other/x' as 's3_data_input_path', got 's3://bucket"
    ):
        DataConfig.from_analysis_config(TABULAR, s3_data_input_path="s3://other/x")


@pytest.mark.parametrize("content", ["{", '{"probability_threshold": NaN}', '"text"', "\xff"])
def test_a_file_that_is_no_json_document_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "analysis_config.json"
    path.write_bytes(content.encode("latin-1"))

    with pytest.raises((ValueError, TypeError), match="'config' must be"):
        ModelPredictedLabelConfig.from_analysis_config(path)


def test_time_series_are_read() -> None:
    document = {"methods": {"asymmetric_shapley_value": {"direction": "bidirectional", "granularity": "timewise"}}}

    assert AsymmetricShapleyValueConfig.from_analysis_config(document) == AsymmetricShapleyValueConfig("bidirectional")
