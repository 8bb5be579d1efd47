-- Claims such as 'the 22nd country to back the bid' beside the ledger's own count on that day
SELECT
    coalesce(r.event_date, CAST(r.first_reported AS DATE)) AS date,
    r.actor,
    r.kind,
    r.beneficiary AS toward,
    r.alliance,
    r.object,
    r.ordinal AS claimed,
    (
        SELECT count(DISTINCT p.actor)
        FROM positions AS p
        WHERE p.beneficiary = r.beneficiary
            AND p.alliance IS NOT DISTINCT FROM r.alliance
            AND p.object = r.object
            AND is_country(p.actor)
            AND p.stance <> 'oppose'
            AND p.since <= coalesce(r.event_date, CAST(r.first_reported AS DATE))
            AND coalesce(p.until > coalesce(r.event_date, CAST(r.first_reported AS DATE)), true)
    ) AS counted,
    r.n_sources AS sources,
    r.evidence[1].text AS sentence,
    coalesce(r.url, r.title) AS found_in
FROM resolved_events AS r
WHERE r.ordinal IS NOT NULL
ORDER BY date DESC, r.actor, toward, r.resolved_id
