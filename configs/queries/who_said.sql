-- Each claim with who reports it and the sentence it stands on, newest first
SELECT
    coalesce(event_date, CAST(first_reported AS DATE)) AS date,
    actor,
    kind,
    beneficiary AS toward,
    alliance,
    object,
    stance,
    factuality,
    attributed_to AS according_to,
    sources,
    n_reports AS reports,
    round(confidence, 2) AS confidence,
    evidence[1].text AS sentence,
    coalesce(url, title) AS found_in
FROM resolved_events
ORDER BY date DESC, actor, toward, kind, resolved_id
