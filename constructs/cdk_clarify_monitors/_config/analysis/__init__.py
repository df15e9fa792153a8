"""The configuration classes that stand for parts of Clarify's analysis_config.json, and its reading and writing."""
