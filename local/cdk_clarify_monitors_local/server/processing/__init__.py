"""Processing jobs: what they are, and how they run."""
