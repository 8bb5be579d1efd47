-- Every event, newest first
SELECT
    event_date AS date,
    actors,
    kind,
    beneficiaries AS toward,
    alliance,
    object,
    stance,
    factuality
FROM events
ORDER BY coalesce(event_date, CAST(published_at AS DATE), CAST(first_seen AS DATE)) DESC, actors, event_id
