-- Documents that could not be used: how many for each reason, with examples
SELECT
    stage,
    reason,
    count(*) AS documents,
    max(first_seen) AS last,
    list_slice(list_sort(list(DISTINCT coalesce(url, origin))), 1, 3) AS examples,
    left(min(detail), 200) AS detail
FROM rejects
GROUP BY stage, reason
ORDER BY documents DESC, stage, reason
