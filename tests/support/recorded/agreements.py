"""Where the constructs differ from the SDK on purpose, case by case. What is not listed here has to be the same.

How values are translated for every case (CloudFormation's form, locations, names) is in `expectation.py`; the SDK's
arguments that the constructs do not have are in `arguments.py`.
"""

from typing import Any

# An error of the SDK's that says nothing about a construct.
NOT_CARRIED_OVER = {
    "P138": "an AWS call fails while the SDK runs: CloudFormation deals with that",
    "P200": "an abstract class is instantiated: the constructs have none in public",
    "P207": "a second schedule of the same object: a construct is one schedule",
    "P240": "the argument `logs`: nobody watches during a deployment",
    "P241": "constraints cannot be read while the SDK runs: the construct does not read them",
    "P242": "the method `run_baseline`: a construct has no calls to make",
}

# The SDK raises; the construct raises too and its message says this.
REFUSED = {
    "P202": "ap-southeast-5",
    "P203": "'ground_truth_input'",
    "P204": "ground_truth_input",
    "P205": "'endpoint_input'",
    "P206": "'batch_transform_input'",
    "P208": "'data_analysis_end_time'",
    "P209": "'analysis_config'",
    "P211": "'explainability_config'",
    "P212": "'dataset_type'",
    "P213": "'features'",
    "P214": "'facet_dataset_uri'",
    "P215": "'predicted_label_dataset_uri'",
    "P216": "'excluded_columns'",
    "P217": "'facet_values_or_threshold'",
    "P218": "'facet_name'",
    "P219": "'facet_values_or_threshold'",
    "P220": "'endpoint_name'",
    "P221": "'instance_type'",
    "P222": "'endpoint_name_prefix'",
    "P223": "'accept_type'",
    "P224": "'content_type'",
    "P225": "'content_template'",
    "P226": "'content_template'",
    "P227": "'record_template'",
    "P228": "'probability_threshold'",
    "P229": "'probability_threshold'",
    "P230": "'agg_method'",
    "P231": "'num_clusters'",
    "P232": "'features_to_explain'",
    "P233": "'granularity'",
    "P234": "'segment_compactness'",
    "P235": "'model_config'",
    "P236": "'time_series_data_config'",
    "P237": "'security_group_ids'",
    "P238": "'probability_attribute'",
    "P239": "'enable_cloudwatch_metrics'",
    "P243": "'segments",
}

# The SDK sends it; the construct raises, because it cannot be deployed or would fail.
ONLY_REFUSED_HERE = {
    "P031": ("'exclude_features_attribute'", "CloudFormation's job definitions have no ExcludeFeaturesAttribute"),
    "P036": ("'exclude_features_attribute'", "nor have those for explainability offsets and a threshold"),
    "P038": ("'s3_input_mode'", "FastFile is in the SDK's documentation only, the API takes File and Pipe"),
    "P043": ("'exclude_features_attribute'", "as P031"),
    "P054": ("'facet_name'", "the facet is an excluded column, which captured data do not have"),
    "P055": ("'facet_name'", "the facet is in a data set of its own, which executions do not read"),
    "P059": ("'s3_compression_type'", "SageMaker unpacks Gzip in Pipe mode only; older SDKs raise here, too"),
}

# The SDK raises; the construct does what was asked for.
ONLY_ACCEPTED_HERE = {
    "P201": "no role: the construct makes one",
    "P210": "several explainability configs: the SDK starts the baselining job with all of them and fails afterwards",
}

# Both accept it, and the construct puts something right.
CORRECTED = {
    "P052": "the label's header leaves the executions' headers in JSON, too: it is the last one",
    "P057": "the predicted label's header leaves the executions' headers",
    "P063": "a label given by its index leaves the executions' headers, as one given by its name does in the SDK",
    "P094": "model_scores without a label has no InferenceAttribute, where the SDK sends the text None",
    "P105": "as P052, in JSON Lines",
    "P106": "features given by index are counted without the label's column",
}

# What it puts right in the analysis config of the executions.
CORRECTED_CONFIGS: dict[str, dict[str, Any]] = {
    "P052": {"headers": ["approved", "age", "income"]},
    "P057": {"headers": ["approved", "age", "income", "gender"]},
    "P063": {"headers": ["age", "income", "gender"]},
    "P105": {"headers": ["approved", "age", "income"]},
    "P106": {"methods": {"pdp": {"grid_resolution": 20, "top_k_features": 5, "features": ["age", 1]}}},
}
