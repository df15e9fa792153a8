"""The MIME types of data sets that Clarify reads."""

from typing import Final

CSV: Final = "text/csv"
JSON_LINES: Final = "application/jsonlines"
JSON: Final = "application/json"
PARQUET: Final = "application/x-parquet"
IMAGE: Final = "application/x-image"
# Formats with columns that have names and indices; values in JSON are found by JMESPath expressions.
WITH_COLUMNS: Final = (CSV, PARQUET)
