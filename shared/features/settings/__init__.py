"""/config show, test-mode, streaks, channels, role-bonus and admin-roles: the settings of a server."""
