"""Is this deployment healthy? A check asks one question, changes nothing and says what to do where it fails."""
