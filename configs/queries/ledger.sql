-- Who stands where now, since when and on what condition; how many countries back the same
SELECT
    p.beneficiary AS toward,
    p.alliance,
    p.object,
    p.actor,
    p.stance,
    p.since,
    p.condition,
    p.n_events AS events,
    p.n_sources AS sources,
    round(p.confidence, 2) AS confidence,
    CAST(p.last_reported AS DATE) AS last,
    count(*) FILTER (WHERE is_country(p.actor) AND p.stance <> 'oppose') OVER same AS backing,
    count(*) FILTER (WHERE is_country(p.actor) AND p.stance = 'oppose') OVER same AS opposing
FROM positions AS p
WHERE p.until IS NULL
WINDOW same AS (PARTITION BY p.beneficiary, p.alliance, p.object)
ORDER BY backing + opposing DESC, toward, p.alliance, p.object, p.stance DESC, p.since, p.actor
