"""What is wrong with an analysis, or not supported, the stand-in for the Clarify container refuses by name."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from sklearn.linear_model import LinearRegression

from cdk_clarify_monitors_local.container._errors import AlgorithmError
from tests.support.container.container_job import Job
from tests.support.container.credit import bias, income_model, post_training, shap_config


def with_method(name: str, value: Any) -> dict[str, Any]:
    return bias(methods={name: value}, predictor={"model_name": "credit"})


def segments(**changes: Any) -> dict[str, Any]:
    return bias(segment_config=[{"name_or_index": "gender", "segments": [["F"]], **changes}])


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ([], "must be a JSON object"),
        (bias(methods={}), "'methods'"),
        (bias(dataset_type="text/plain"), "'dataset_type' must be one of"),
        (bias(dataset_type="application/x-image"), "does not support images"),
        (bias(colour="red"), "unknown parameter 'colour'"),
        (bias(segment_config=[{"segments": [["F"]]}]), "'segment_config' must have objects with 'name_or_index'"),
        (segments(segments=[]), "'segment_config.segments' must be a list of lists"),
        (segments(segments=["F"]), "'segment_config.segments' must be a list of lists"),
        (segments(colour="red"), "unknown parameter 'segment_config.colour'"),
        (segments(name_or_index="sex"), "'segment_config.name_or_index' is column 'sex'"),
        (segments(display_aliases=["a", "b", "c"]), "'segment_config.display_aliases' must have 1 items"),
        (segments(name_or_index="age", segments=[["old"]]), "has 'old' for the numbers of column 'age'"),
        (segments(name_or_index="age", segments=[["(1, old]"]]), "an interval such as '(2, 5]'"),
        (bias(time_series_data_config={}), "does not support 'time_series_data_config'"),
        (bias(label=None), "need 'label'"),
        (bias(label="paid"), "'label' is column 'paid', but the data set has only approved, age, income, gender"),
        (bias(label=7), "'label' is column 7, but the data set has 4 columns"),
        (bias(label_values_or_threshold=[]), "'label_values_or_threshold'"),
        (bias(facet=[]), "at least one 'facet'"),
        (bias(facet=[{"name_or_index": "sex"}]), "'facet' is column 'sex'"),
        (bias(facet=[{"name_or_index": "age"}]), "Threshold values must be provided for continuous features"),
        (bias(group_variable="region"), "'group_variable' is column 'region'"),
        (bias(headers=["a", "b"]), "There are 2 headers, but data.csv has 4 columns"),
        (bias(excluded_columns=["zip"]), "'excluded_columns' is column 'zip'"),
        (bias(methods={"pre_training_bias": {"methods": ["XX"]}}), "metrics should be one of"),
        (bias(methods={"post_training_bias": {"methods": "all"}}), "need predicted labels"),
        (bias(methods={"shap": {}}), "need a 'predictor'"),
        (bias(dataset_type="application/jsonlines"), "needs 'features'"),
        (bias(dataset_type="application/jsonlines", features="x"), "data.csv cannot be read as application/jsonlines"),
        (bias(dataset_type="application/x-parquet"), "data.csv cannot be read as application/x-parquet"),
        (with_method("shap", {"baseline": [[1]], "num_clusters": 3}), "both 'baseline' and 'num_clusters'"),
        (with_method("shap", {"agg_method": "sum"}), "'methods.shap.agg_method' must be one of"),
        (with_method("shap", {"text_config": {}}), "does not support 'methods.shap.text_config'. Keep this monitor in"),
        (with_method("shap", {"features_to_explain": []}), "'methods.shap.features_to_explain' must have at least one"),
        (with_method("shap", {"image_config": {}}), "does not support 'methods.shap.image_config'"),
        (with_method("shap", {"kernel": 1}), "unknown parameter 'methods.shap.kernel'"),
        (with_method("asymmetric_shapley_value", {}), "does not support 'methods.asymmetric_shapley_value'"),
        (with_method("pdp", {"grid_resolution": 5}), "'methods.pdp.features' is needed"),
        (with_method("shap", {}), 'Could not find model "credit"'),
        (bias(predictor={"model_name": "a", "endpoint_name": "b"}), "either 'model_name' or 'endpoint_name'"),
        (bias(predictor={"model_name": "a", "target_model": "b"}), "does not support 'predictor.target_model'. Name a"),
        (bias(predictor={"model_name": "a", "content_type": "text/plain"}), "'predictor.content_type' must be one of"),
        (bias(predictor={"model_name": "a", "content_type": "image/png"}), "does not support 'predictor.content_type'"),
        (bias(predictor={"model_name": "a", "accept_type": "text/html"}), "'predictor.accept_type' must be one of"),
    ],
)  # fmt: skip
def test_an_analysis_that_is_not_offered_is_refused_by_name(credit_job: Job, config: Any, message: str) -> None:
    if isinstance(config, dict):
        config = {key: value for key, value in config.items() if value is not None}

    failure = credit_job.fail(config)

    assert message in failure


def test_parquet_needs_the_library_that_reads_it(credit_job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)  # as where it is not installed

    with pytest.raises(AlgorithmError, match=r"^Parquet needs pyarrow, which is not installed: pip install pyarrow$"):
        credit_job.run(bias(dataset_type="application/x-parquet"))


def test_a_model_of_other_features_is_refused(credit_job: Job) -> None:
    credit_job.add_model("credit", LinearRegression().fit([[1.0], [2.0]], [1.0, 2.0]))

    failure = credit_job.fail(post_training())

    assert "The model 'credit' takes 1 features, but gets 3: age, income, gender." in failure


def test_a_baseline_of_other_features_is_refused(numeric_job: Job) -> None:
    numeric_job.add_model("credit", LinearRegression().fit([[1.0, 2.0], [2.0, 1.0]], [1.0, 2.0]))

    failure = numeric_job.fail(shap_config(baseline=[[1, 2, 3]]))

    assert "The SHAP baseline has 3 values in a row, but there are 2 features: age, income." in failure


def test_a_file_that_is_no_model_is_refused(credit_job: Job) -> None:
    path = credit_job.root / "model.joblib"
    path.write_text("not a model")
    credit_job.models["credit"] = str(path)

    assert "The model 'credit' cannot be loaded" in credit_job.fail(post_training())


def test_no_positive_prediction_is_told_as_clarify_tells_it(credit_job: Job) -> None:
    credit_job.add_model("credit", income_model())
    config = post_training()
    config["probability_threshold"] = 0.9999

    assert "No Label values are present in the predicted Label Column" in credit_job.fail(config)
