-- What support is made to depend on
SELECT
    event_date AS date,
    actors,
    beneficiaries AS toward,
    alliance,
    object,
    condition,
    title
FROM events
WHERE condition IS NOT NULL OR stance = 'conditional'
ORDER BY coalesce(event_date, CAST(published_at AS DATE), CAST(first_seen AS DATE)) DESC, actors, event_id
