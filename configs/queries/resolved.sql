-- Events across articles, newest first: how many report them, and what they disagree on
SELECT
    coalesce(event_date, CAST(first_reported AS DATE)) AS date,
    actor,
    kind,
    beneficiary AS toward,
    alliance,
    object,
    stance,
    factuality,
    n_reports AS reports,
    n_sources AS sources,
    round(agreement, 2) AS agreement,
    round(confidence, 2) AS confidence,
    list_transform(conflicts, lambda c: c.field || ': ' || c.value || ' (' || c.n_sources || ')') AS disputed
FROM resolved_events
ORDER BY date DESC, actor, toward, kind, resolved_id
