"""Detection: an article's clean text → its alliance-support events. The only place that knows spaCy."""
