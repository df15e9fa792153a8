"""Requests that are for the embedded AWS's own process, not for AWS: their paths, and the header that opens them."""

PREFIX = "/_clarify_local/"
CLOCK = f"{PREFIX}clock"
EXECUTIONS = f"{PREFIX}executions"
FAULTS = f"{PREFIX}faults"
ACCOUNT = f"{PREFIX}account"
MODELS = f"{PREFIX}models"
STOP = f"{PREFIX}stop"
HEALTH = "/_ministack/health"
RESET = "/_ministack/reset"

TOKEN_HEADER = "X-Clarify-Local-Token"  # noqa: S105 (a name)
#: The variable that the process gets its token by: other users see a command line, but no environment.
TOKEN_VARIABLE = "CLARIFY_LOCAL_TOKEN"  # noqa: S105 (a name)
