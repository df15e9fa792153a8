"""A stand-in for the Clarify container: real metrics on real data, computed by AWS's smclarify and by shap.

It reads the same `analysis_config.json` and data set and writes the same `analysis.json`. A joblib file takes the place
of the model behind the shadow endpoint. What it cannot do, it refuses by name.

The configuration is AWS's:
https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-configure-analysis.html
and so are the results:
https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-analysis-results.html
"""
