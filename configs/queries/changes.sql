-- Who changed its position, from what to what, newest first, with the sentence
SELECT
    p.since AS date,
    p.actor,
    p.beneficiary AS toward,
    p.alliance,
    p.object,
    p.previous_stance AS before,
    p.stance AS after,
    p.condition,
    r.evidence[1].text AS sentence,
    coalesce(r.url, r.title) AS found_in
FROM positions AS p
JOIN resolved_events AS r USING (resolved_id)
WHERE p.previous_stance IS NOT NULL
ORDER BY date DESC, p.actor, toward, p.alliance, p.object
