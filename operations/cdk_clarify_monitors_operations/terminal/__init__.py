"""What a terminal needs: whole words at any width, and characters that its encoding has."""
