"""The recorded cases: what the SageMaker Python SDK was asked for, and what it sent to AWS.

`cases/` was recorded with sagemaker-core 2.27.0, the real SDK in front of a faked network. Each file holds the
arguments of a monitor and of its calls, and the requests that followed or the error.
"""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

FILES = sorted((Path(__file__).parent / "cases").glob("P*.json"))


@dataclass(frozen=True, eq=False)
class Case:
    """One recorded case."""

    path: Path

    @property
    def id(self) -> str:
        """Its number: P001."""
        return self.path.name.split("-")[0]

    @cached_property
    def _content(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.path.read_text())
        return content

    @property
    def title(self) -> str:
        """What it is about."""
        return str(self._content["title"])

    # ---------------------------------------------------------------- what was asked for
    @property
    def inputs(self) -> dict[str, Any]:
        """Everything that was asked for."""
        return dict(self._content["inputs"])

    @property
    def region(self) -> str:
        """The session's region."""
        return str(self.inputs["region"])

    @property
    def account(self) -> str:
        """The session's account."""
        return str(self.inputs["account_id"])

    @property
    def bucket(self) -> str:
        """The session's default bucket."""
        given = self.inputs.get("session", {}).get("default_bucket")
        return str(given or f"sagemaker-{self.region}-{self.account}")

    @property
    def monitor(self) -> str:
        """The monitor's class."""
        return str(self.inputs["monitor"]["$type"])

    @property
    def settings(self) -> dict[str, Any]:
        """The arguments of the monitor's constructor."""
        return {name: value for name, value in self.inputs["monitor"].items() if name != "$type"}

    @property
    def calls(self) -> list[str]:
        """The monitor's methods that were called."""
        return [step["call"] for step in self.inputs["steps"]]

    def arguments_of(self, call: str) -> dict[str, Any]:
        """The arguments of the last call of a method; none if it was not called."""
        return next((step["kwargs"] for step in reversed(self.inputs["steps"]) if step["call"] == call), {})

    # ---------------------------------------------------------------- what followed
    @property
    def error(self) -> dict[str, Any] | None:
        """What the SDK raised."""
        return self._content["expected"]["error"]  # type: ignore[no-any-return]

    @property
    def baselining(self) -> dict[str, Any] | None:
        """`analysis_config` and `create_processing_job`, or None."""
        return self._content["expected"]["baselining"]  # type: ignore[no-any-return]

    @property
    def monitoring(self) -> dict[str, Any] | None:
        """`analysis_config`, `create_job_definition`, `create_monitoring_schedule`, or None."""
        return self._content["expected"]["monitoring"]  # type: ignore[no-any-return]

    def made_up(self, what: str) -> bool:
        """Whether a name, a place or a role was not given: the SDK made it up or looked it up."""
        return bool(self._content["generated"][what])


CASES = {case.id: case for case in map(Case, FILES)}
