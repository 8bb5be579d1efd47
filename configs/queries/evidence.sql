-- Each event with the sentences it stands on
SELECT
    e.event_date AS date,
    e.actors,
    e.kind,
    e.beneficiaries AS toward,
    e.alliance,
    array_to_string(list_transform(e.evidence, lambda s: s.text), ' […] ') AS sentence,
    coalesce(e.url, a.origin) AS found_in
FROM events AS e
LEFT JOIN articles AS a USING (article_id)
ORDER BY coalesce(e.event_date, CAST(e.published_at AS DATE), CAST(e.first_seen AS DATE)) DESC, e.actors, e.event_id
