"""The command `clarify-monitors`. It needs click and rich, which the client does not."""
