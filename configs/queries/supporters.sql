-- Who stands where toward whom: the latest stance of each actor, and how often it was reported
WITH positions AS (
    SELECT
        actor,
        beneficiary,
        e.alliance,
        e.object,
        e.stance,
        coalesce(a.duplicate_of, e.article_id) AS article,
        coalesce(e.event_date, CAST(e.published_at AS DATE), CAST(e.first_seen AS DATE)) AS day,
        e.confidence,
        e.event_id
    FROM events AS e
    LEFT JOIN articles AS a USING (article_id),
        unnest(e.actors) AS x (actor),
        unnest(e.beneficiaries) AS y (beneficiary)
    WHERE e.factuality <> 'denied' AND e.stance <> 'neutral'
)
SELECT
    beneficiary AS toward,
    alliance,
    object,
    actor,
    arg_max(stance, (day, confidence, event_id)) AS stance,
    count(DISTINCT article) AS articles,
    min(day) AS first,
    max(day) AS last
FROM positions
GROUP BY beneficiary, alliance, object, actor
ORDER BY toward, alliance, object, stance DESC, articles DESC, actor
