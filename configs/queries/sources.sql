-- Where the articles come from, and what they yield
SELECT
    coalesce(source, '(unnamed)') AS source,
    count(*) AS articles,
    count(duplicate_of) AS duplicates,
    sum(n_events) AS events,
    CAST(min(published_at) AS DATE) AS first,
    CAST(max(published_at) AS DATE) AS last
FROM articles
GROUP BY ALL
ORDER BY articles DESC, source
