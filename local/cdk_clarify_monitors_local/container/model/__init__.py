"""The model that is asked, what it is sent and what it answers."""
