"""An embedded AWS."""
