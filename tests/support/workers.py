"""Which tests one worker of pytest-xdist gets together."""

from __future__ import annotations

from xdist.scheduler import LoadFileScheduling

# Files that share an account of the session, as their folder and what their names have after `test_`: each other worker
# would start the account again. Another file that belongs there is as right without it, and takes longer.
_TOGETHER = {
    "deploy": "deploy_create deploy_removal deploy_rollback deploy_update deploy_variants",
    "local_": (
        "any_app expected_bucket_owner faults generated_names iam_enforcement joined_data_sets ministack_gaps"
        " node_modules other_accounts processing_jobs resource_types sagemaker_answers serving transform_jobs web_page"
        " who_may_call"
    ),
    "operations": "command command_page estimate",
}
_UNITS = {f"tests/{folder}/test_{name}.py": folder for folder, names in _TOGETHER.items() for name in names.split()}


def has_company(nodeid: str) -> bool:
    """Whether other files go with a test's own."""
    return _file_of(nodeid) in _UNITS


class UnitScheduling(LoadFileScheduling):
    """`--dist loadfile` of units."""

    def _split_scope(self, nodeid: str) -> str:
        file = _file_of(nodeid)
        return _UNITS.get(file, file)


def _file_of(nodeid: str) -> str:
    return nodeid.partition("::")[0]
