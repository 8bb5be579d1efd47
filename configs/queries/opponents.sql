-- Who opposes, blocks, threatens or withdraws, newest first
WITH positions AS (
    SELECT
        actor,
        beneficiary,
        e.alliance,
        e.object,
        e.kind,
        coalesce(a.duplicate_of, e.article_id) AS article,
        coalesce(e.event_date, CAST(e.published_at AS DATE), CAST(e.first_seen AS DATE)) AS day,
        e.condition
    FROM events AS e
    LEFT JOIN articles AS a USING (article_id),
        unnest(e.actors) AS x (actor),
        unnest(e.beneficiaries) AS y (beneficiary)
    WHERE e.factuality <> 'denied'
        AND (e.stance = 'oppose' OR e.kind IN ('oppose', 'block', 'threaten', 'withdraw'))
)
SELECT
    actor,
    beneficiary AS toward,
    alliance,
    object,
    list_sort(list(DISTINCT kind)) AS acts,
    count(DISTINCT article) AS articles,
    max(day) AS last,
    arg_max(condition, day) FILTER (WHERE condition IS NOT NULL) AS condition
FROM positions
GROUP BY actor, beneficiary, alliance, object
ORDER BY last DESC, actor, beneficiary, alliance, object
