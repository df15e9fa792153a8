"""How often a schedule runs, and how long an execution may take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cdk_clarify_monitors_operations._errors import InvalidArgument
from cdk_clarify_monitors_operations.definitions._time_offsets import NOW, due_hours

#: What a month is here.
DAYS_A_MONTH: Final = 30

_DAY: Final = 86_400
_HOUR: Final = 3_600
_HALF_AN_HOUR: Final = 1_800


@dataclass(frozen=True)
class Frequency:
    """How often a schedule runs.

    Attributes:
        expression: The schedule expression; None for SageMaker's daily default.
        per_day: Executions a day.
        per_month: Executions a month of 30 days.
    """

    expression: str | None
    per_day: int
    per_month: int

    @classmethod
    def of(cls, expression: str | None) -> Frequency:
        """Return the frequency of an expression.

        Raises:
            InvalidArgument: SageMaker does not take the expression.
        """
        if expression is None:
            return cls(None, 1, DAYS_A_MONTH)
        if expression == NOW:
            return cls(expression, 1, 1)
        hours = due_hours(expression) if expression and isinstance(expression, str) else ()
        if not hours:
            forms = "cron(0 * ? * * *), cron(0 H ? * * *), cron(0 H/N ? * * *) or NOW"
            raise InvalidArgument(f"A schedule must be {forms}, got {expression!r}")
        return cls(expression, len(hours), len(hours) * DAYS_A_MONTH)

    def longest_job(self, jobs: int) -> int:
        """Return the most seconds that SageMaker lets each job of an execution run.

        It is the time to the next execution, and half an hour for an hourly schedule of two jobs. Source:
        [MonitoringStoppingCondition](https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MonitoringStoppingCondition.html).

        Args:
            jobs: The jobs of an execution, which run one after the other.
        """
        hours = () if self.expression in (None, NOW) else due_hours(self.expression)
        if len(hours) < 2:
            return _DAY
        step = hours[1] - hours[0]
        return _HALF_AN_HOUR if step == 1 and jobs > 1 else step * _HOUR
