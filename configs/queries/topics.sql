-- Topics of the articles, near-duplicates left out
SELECT
    topic.name AS topic,
    count(*) AS articles,
    round(avg(topic.score), 2) AS "mean score",
    sum(n_events) AS events,
    CAST(min(coalesce(published_at, first_seen)) AS DATE) AS first,
    CAST(max(coalesce(published_at, first_seen)) AS DATE) AS last
FROM articles, unnest(topics) AS t (topic)
WHERE duplicate_of IS NULL
GROUP BY topic.name
ORDER BY articles DESC, topic
