"""Local data files: read at synthesis to check that headers, label and values of a configuration occur in them.

Files are streamed, and memory is bounded. What cannot be told for certain is not checked.
"""
