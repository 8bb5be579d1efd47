"""Detection: an article's clean text → its alliance-support events. spaCy is known to `parsing` only."""
