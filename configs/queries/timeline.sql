-- How many events of each kind there were month by month, and who acted
SELECT
    event_month AS month,
    kind,
    count(*) AS events,
    count(DISTINCT article_id) AS articles,
    list_sort(list_distinct(flatten(list(actors)))) AS actors
FROM events
WHERE factuality <> 'denied'
GROUP BY month, kind
ORDER BY month, events DESC, kind
