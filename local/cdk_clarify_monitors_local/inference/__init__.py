"""The stand-in for a model's inference container: it answers requests with an estimator from a joblib file."""
