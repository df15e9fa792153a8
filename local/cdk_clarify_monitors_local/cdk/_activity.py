"""What the cdk command is doing right now, told from what it prints."""

from __future__ import annotations

import re
from dataclasses import dataclass

# A line of the command's table of events: stack, how many resources are done, time, status, type, resource, reason.
_EVENT = re.compile(
    r"^(?P<stack>[\w-]+) \|[^|]*\|[^|]*\| *(?P<verb>[A-Z_]+?)_(?P<phase>IN_PROGRESS|COMPLETE|FAILED) *"
    r"\| *(?P<type>\S+) *\| (?P<resource>.*)"
)
# A resource: its path in the app and, where that is another one, its id in the template.
_RESOURCE = re.compile(r"(?P<path>.+?) \((?P<id>\w+)\)|(?P<only>\S+)")
_STEPS = (
    (re.compile(r"^✨ +Synthesis time"), "preparing the deployment"),
    (re.compile(r"^.+?: start: Publishing (.+?) \([^()]*\)$"), "uploading {}"),
    (re.compile(r"^(.+?): creating CloudFormation changeset"), "creating the change set of {}"),
    (re.compile(r"^(.+?): deploying\.\.\."), "deploying {}"),
    (re.compile(r"^(.+?): destroying\.\.\."), "destroying {}"),
)
_VERBS = {"CREATE": "creating", "UPDATE": "updating", "DELETE": "deleting", "IMPORT": "importing"}
_COMMANDS = {
    "bootstrap": "bootstrapping the account, so that the cdk command can deploy into it",
    "synth": "synthesizing the app",
    "deploy": "synthesizing the app",
    "destroy": "synthesizing the app",
}
_STACK, _BASELINE = "AWS::CloudFormation::Stack", "Custom::ClarifyBaseline"


@dataclass(frozen=True)
class _Resource:
    stack: str
    id: str
    path: str
    type: str
    verb: str


class Activity:
    """What runs now, as the output of cdk commands tells it."""

    def __init__(self) -> None:
        self._step = ""
        self._running: dict[_Resource, None] = {}
        self._ended: set[_Resource] = set()

    def begin(self, command: str, *, is_synthesized: bool) -> None:
        """A cdk command begins.

        Args:
            command: Its name, e.g. `deploy`.
            is_synthesized: Whether it gets the folder of a synthesized app.
        """
        step = _COMMANDS.get(command, f"cdk {command}")
        self._step = "reading the synthesized app" if is_synthesized and command != "bootstrap" else step
        self._running.clear()
        self._ended.clear()

    def hear(self, line: str) -> bool:
        """Take note of a line that a cdk command has printed; return whether a baselining job has begun."""
        event = _EVENT.match(line)
        if event is None:
            for pattern, step in _STEPS:
                if match := pattern.match(line):
                    self._step = step.format(*match.groups())
            return False
        named = _RESOURCE.match(event["resource"])
        if named is None:
            return False
        name = named["only"] or named["id"]
        resource = _Resource(event["stack"], name, named["only"] or named["path"], event["type"], event["verb"])
        if event["phase"] != "IN_PROGRESS":  # of one moment, the end may be told before the beginning
            self._running.pop(resource, None)
            self._ended.add(resource)
        elif resource.type == _STACK and resource.path == resource.stack:
            if "ROLLBACK" in resource.verb:
                self._step = f"rolling back {resource.stack}"
        elif resource not in self._ended:
            self._running[resource] = None
            return resource.type == _BASELINE
        return False

    @property
    def now(self) -> str:
        """What runs now. Baselining jobs go before the resources that CloudFormation makes beside them."""
        running = list(self._running)
        baselines = [each for each in running if each.type == _BASELINE and each.verb in ("CREATE", "UPDATE")]
        if baselines:
            return _baselines(baselines)
        if not running:
            return self._step
        newest = running[-1]
        more = f" and {len(running) - 1} more" if len(running) > 1 else ""
        verb = _VERBS.get(newest.verb, newest.verb.replace("_", " ").lower())
        return f"{verb} {newest.path}{more} in {newest.stack} ({newest.type})"


def _baselines(resources: list[_Resource]) -> str:
    names = ", ".join(each.path.removesuffix("/Baseline") for each in resources)
    stack = resources[-1].stack
    if any(each.verb == "UPDATE" for each in resources):  # whether a job runs depends on what has changed
        return f"updating the baseline of {names} in {stack}"
    return f"baselining {'job' if len(resources) == 1 else 'jobs'} of {names} in {stack}"


def stack_of_event(line: str) -> str | None:
    """Return the stack that a line of the table of events is about; None if it is no such line."""
    event = _EVENT.match(line)
    return event["stack"] if event else None


def has_failed(line: str) -> bool:
    """Whether a line of the table of events says that a resource has failed."""
    event = _EVENT.match(line)
    return event is not None and event["phase"] == "FAILED"
