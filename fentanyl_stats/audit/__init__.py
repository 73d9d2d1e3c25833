"""What was said, what it would have to mean, and what it is worth."""
