"""/streak, and how streaks are written."""
