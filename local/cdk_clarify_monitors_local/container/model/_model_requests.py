"""Requests as Clarify makes them for a model's container, by the predictor's content type and templates.

The forms are those of `content_template` and `record_template` in AWS's documentation of the analysis configuration.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from cdk_clarify_monitors_local.container._analysis_config import CSV, JSON, JSON_LINES, Predictor
from cdk_clarify_monitors_local.container._errors import CustomerError

#: What is taken where a template is left out: the form of AWS's own examples.
DEFAULT_TEMPLATES = {
    JSON_LINES: {"content_template": '{"features":$features}'},
    JSON: {"content_template": '{"instances":$records}', "record_template": '{"features":$features}'},
}

_PLACEHOLDER = re.compile(r'"\$\{(?P<feature>.+?)\}"|\$(?P<name>features_kvp|feature_names|features)\b')
_RECORDS = re.compile(r"\$records?\b")


def missing_templates(predictor: Predictor) -> dict[str, str]:
    """Return the templates that a predictor needs and does not have, with what is taken in their place."""
    defaults = DEFAULT_TEMPLATES.get(predictor.content_type, {})
    return {name: template for name, template in defaults.items() if getattr(predictor, name) is None}


def request_body(predictor: Predictor, records: pd.DataFrame) -> str:
    """Return the body of the first request for some records: for all of them, or for one if the template takes one.

    Args:
        predictor: The predictor.
        records: Their features.

    Raises:
        CustomerError: A template lacks a placeholder, names no feature, or does not make JSON.
    """
    names = [str(name) for name in records.columns]
    rows = [[_plain(value) for value in row] for row in records.itertuples(index=False)]
    if predictor.content_type == CSV:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        return text.getvalue()
    defaults = missing_templates(predictor)
    content = predictor.content_template or defaults["content_template"]
    if predictor.content_type == JSON_LINES:
        _check_placeholders("content_template", content, {"features"})
        lines = [_filled("content_template", content, names, row) for row in rows]
        return "".join(f"{_json('content_template', line)}\n" for line in lines)
    record = predictor.record_template or defaults["record_template"]
    _check_placeholders("record_template", record, {"features", "features_kvp"})
    filled = [_json("record_template", _filled("record_template", record, names, row)) for row in rows]
    found = _RECORDS.findall(content)
    if len(found) != 1:
        raise CustomerError(
            f"'predictor.content_template' must have either $records or $record once, got {content!r}: "
            "the records go there."
        )
    in_place = filled[0] if found == ["$record"] else f"[{','.join(filled)}]"
    return _json("content_template", _RECORDS.sub(lambda _: in_place, content))


def _check_placeholders(parameter: str, template: str, names: set[str]) -> None:
    found = list(_PLACEHOLDER.finditer(template))
    main = [match for match in found if match["name"] in names]
    has_features = parameter == "record_template" and any(match["feature"] for match in found)
    if len(main) > 1 or not (main or has_features):
        places = " or ".join(f"${name}" for name in sorted(names))
        raise CustomerError(
            f"'predictor.{parameter}' must have {places} once, got {template!r}: the features go there."
        )


def _filled(parameter: str, template: str, names: Sequence[str], row: Sequence[Any]) -> str:
    values = dict(zip(names, row, strict=True))
    placeholders = {"features": list(row), "feature_names": list(names), "features_kvp": values}

    def value(match: re.Match[str]) -> str:
        if match["name"]:
            return _compact(placeholders[match["name"]])
        if match["feature"] not in values:
            raise CustomerError(
                f"'predictor.{parameter}' has the placeholder ${{{match['feature']}}}, but the features are "
                f"{', '.join(names)}."
            )
        return _compact(values[match["feature"]])

    # In one go: a feature's value may look like a placeholder.
    return _PLACEHOLDER.sub(value, template)


def _json(parameter: str, text: str) -> str:
    try:
        return _compact(json.loads(text))
    except ValueError as error:
        raise CustomerError(f"'predictor.{parameter}' makes a request that is not JSON ({error}): {text}") from error


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    if isinstance(value, (list, Mapping)):
        return value
    if pd.isna(value):
        return None
    return value.item() if hasattr(value, "item") else value
