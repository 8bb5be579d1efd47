-- The views of `alliance-watch query` for plain DuckDB, over the Parquet files of a data folder that is called `data`.
-- duckdb -init views.sql, in the folder above `data`; exact while no run is writing. A table without rows has no files,
-- which DuckDB calls an error: leave its view out.

SET TimeZone = 'UTC';

CREATE OR REPLACE VIEW articles_all AS
SELECT * REPLACE (coalesce(revision, 1) AS revision)
FROM read_parquet(
    'data/articles/published_month=*/*.parquet',
    union_by_name = true, hive_partitioning = true, hive_types = {'published_month': VARCHAR}
);

CREATE OR REPLACE VIEW events_all AS
SELECT * REPLACE (coalesce(revision, 1) AS revision)
FROM read_parquet(
    'data/events/event_month=*/*.parquet',
    union_by_name = true, hive_partitioning = true, hive_types = {'event_month': VARCHAR}
);

CREATE OR REPLACE VIEW resolved_events AS
FROM read_parquet(
    'data/resolved_events/event_month=*/*.parquet',
    union_by_name = true, hive_partitioning = true, hive_types = {'event_month': VARCHAR}
);

-- What follows holds wherever the rows come from: `alliance-watch query` runs the same text.

-- The newest revision of each article, and its events.
CREATE OR REPLACE VIEW articles AS
SELECT one.*
FROM articles_all AS one
LEFT JOIN (
    SELECT article_id, max(revision) AS newest FROM articles_all WHERE revision > 1 GROUP BY article_id
) AS later USING (article_id)
WHERE one.revision >= coalesce(later.newest, 1);

CREATE OR REPLACE VIEW events AS
SELECT one.*
FROM events_all AS one
LEFT JOIN (
    SELECT article_id, max(revision) AS newest FROM articles_all WHERE revision > 1 GROUP BY article_id
) AS later USING (article_id)
WHERE one.revision >= coalesce(later.newest, 1);

-- Whether a code is a country's: an alliance of three letters is none.
CREATE OR REPLACE MACRO is_country(code) AS
    regexp_full_match(code, '[A-Z]{3}')
    AND code NOT IN (
        'AES', 'CIS', 'COE', 'EAC', 'EPC', 'GCC', 'ICC', 'IMF', 'JEF', 'OAS', 'OIC', 'OTS', 'SCO', 'WEU', 'WTO'
    );

-- Who stood where, and from when to when: one row for each spell. An applicant is no supporter of itself. What is
-- denied, only possible or without a stance begins no spell. Of several claims of one day the one that most sources
-- report counts. Whoever has ratified stays `ratified` until it is reported to oppose or to set a condition. An act
-- of which only the month or the year is known holds from the end of that, or from its first report if that is earlier.
CREATE OR REPLACE VIEW positions AS
WITH claims AS (
    SELECT
        * EXCLUDE (stance),
        CASE WHEN kind = 'ratify' AND stance = 'support' THEN 'ratified' ELSE stance END AS stance,
        CASE event_date_precision
            WHEN 'year' THEN least(CAST(event_date + INTERVAL 1 YEAR - INTERVAL 1 DAY AS DATE), CAST(first_reported AS DATE))
            WHEN 'month' THEN least(last_day(event_date), CAST(first_reported AS DATE))
            ELSE coalesce(event_date, CAST(first_reported AS DATE))
        END AS day
    FROM resolved_events
    WHERE factuality IN ('asserted', 'planned') AND stance <> 'neutral' AND actor <> beneficiary
),
days AS (
    SELECT
        *,
        last_value(CASE WHEN stance <> 'support' THEN stance END IGNORE NULLS) OVER before AS rung
    FROM (
        FROM claims
        QUALIFY row_number() OVER (
            PARTITION BY actor, beneficiary, alliance, object, day
            ORDER BY n_sources DESC, factuality, stance = 'ratified' DESC, confidence DESC, resolved_id
        ) = 1
    )
    WINDOW before AS (
        PARTITION BY actor, beneficiary, alliance, object ORDER BY day
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    )
),
steps AS (
    SELECT
        *,
        lag(held) OVER (PARTITION BY actor, beneficiary, alliance, object ORDER BY day) AS held_before
    FROM (
        SELECT *, CASE WHEN stance = 'support' AND rung = 'ratified' THEN 'ratified' ELSE stance END AS held
        FROM days
    )
),
numbered AS (
    SELECT
        *,
        count(*) FILTER (WHERE held IS DISTINCT FROM held_before) OVER (
            PARTITION BY actor, beneficiary, alliance, object ORDER BY day
        ) AS spell
    FROM steps
),
spells AS (
    SELECT
        n.actor, n.beneficiary, n.alliance, n.object,
        n.held AS stance,
        n.spell,
        arg_min(n.kind, n.day) AS kind,
        min(n.day) AS since,
        arg_max(c.condition, c.day) FILTER (WHERE c.condition IS NOT NULL) AS condition,
        count(*) AS n_events,
        greatest(
            max(c.n_sources), least(sum(c.n_sources), len(list_distinct(flatten(list(c.sources)))))
        ) AS n_sources,
        max(c.confidence) AS confidence,
        arg_min(n.resolved_id, n.day) AS resolved_id,
        min(c.first_reported) AS first_reported,
        max(c.last_reported) AS last_reported
    FROM numbered AS n
    JOIN claims AS c
        ON c.actor = n.actor
        AND c.beneficiary = n.beneficiary
        AND c.alliance IS NOT DISTINCT FROM n.alliance
        AND c.object = n.object
        AND c.day = n.day
        AND (c.stance = n.held OR (n.held = 'ratified' AND c.stance = 'support'))
    GROUP BY ALL
)
SELECT
    actor, beneficiary, alliance, object, stance, kind, since,
    lead(since) OVER key AS until,
    lag(stance) OVER key AS previous_stance,
    condition,
    CAST(n_events AS INTEGER) AS n_events,
    CAST(n_sources AS INTEGER) AS n_sources,
    confidence, resolved_id, first_reported, last_reported
FROM spells
WINDOW key AS (PARTITION BY actor, beneficiary, alliance, object ORDER BY spell);
