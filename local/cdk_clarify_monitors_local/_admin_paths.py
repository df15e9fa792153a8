"""The paths of requests that are for the embedded AWS's own process, not for AWS."""

PREFIX = "/_clarify_local/"
FAULTS = f"{PREFIX}faults"
MODELS = f"{PREFIX}models"
STOP = f"{PREFIX}stop"
