"""Feature attributions: SHAP values and the baselines they start from."""
