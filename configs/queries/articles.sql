-- Accepted articles, newest first
SELECT
    CAST(published_at AS DATE) AS published,
    coalesce(source, origin) AS source,
    title,
    list_transform(topics, lambda t: t.name) AS topics,
    stance,
    stance_target AS target,
    n_events AS events
FROM articles
ORDER BY coalesce(published_at, first_seen) DESC, article_id
