"""Is this deployment healthy? A check looks at one thing, changes nothing and says what to do if it fails."""
