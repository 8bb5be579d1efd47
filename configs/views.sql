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
-- denied, only possible or without a stance begins no spell. Of the claims of one day the one that most sources report
-- counts. Whoever has ratified stays `ratified` until it is reported to oppose or to set a condition. An act of which
-- only the month or the year is known holds from the end of that, or from its first report if that is earlier.
-- `n_sources` adds up the sources of the events of the spell.
CREATE OR REPLACE VIEW positions AS
WITH claims AS (
    SELECT
        actor, beneficiary, alliance, object, kind, condition, resolved_id, n_sources, confidence,
        first_reported, last_reported,
        factuality = 'asserted' AS asserted,
        CASE WHEN kind = 'ratify' AND stance = 'support' THEN 'ratified' ELSE stance END AS stance,
        CASE event_date_precision
            WHEN 'year' THEN least(
                CAST(event_date + INTERVAL 1 YEAR - INTERVAL 1 DAY AS DATE), CAST(first_reported AS DATE)
            )
            WHEN 'month' THEN least(last_day(event_date), CAST(first_reported AS DATE))
            ELSE coalesce(event_date, CAST(first_reported AS DATE))
        END AS day
    FROM resolved_events
    WHERE factuality IN ('asserted', 'planned') AND stance <> 'neutral' AND actor <> beneficiary
),
-- Those that say what the best of their day says.
foremost AS (
    SELECT *, CASE WHEN stance <> 'support' THEN stance END AS rung
    FROM (
        SELECT
            *,
            first_value(stance) OVER day_of AS of_day,
            row_number() OVER day_of AS place
        FROM claims
        WINDOW day_of AS (
            PARTITION BY actor, beneficiary, alliance, object, day
            ORDER BY n_sources DESC, asserted DESC, stance = 'ratified' DESC, confidence DESC, resolved_id
        )
    )
    WHERE stance = of_day
),
held AS (
    SELECT
        *,
        CASE
            WHEN stance = 'support' AND last_value(rung IGNORE NULLS) OVER until_now = 'ratified' THEN 'ratified'
            ELSE stance
        END AS holds,
        CASE
            WHEN lag(stance) OVER until_now = 'support' AND last_value(rung IGNORE NULLS) OVER until_then = 'ratified'
                THEN 'ratified'
            ELSE lag(stance) OVER until_now
        END AS held_before
    FROM foremost
    WINDOW
        until_now AS (
            PARTITION BY actor, beneficiary, alliance, object ORDER BY day, place
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ),
        until_then AS (
            PARTITION BY actor, beneficiary, alliance, object ORDER BY day, place
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        )
),
numbered AS (
    SELECT
        *,
        holds IS DISTINCT FROM held_before AS begins,
        count(*) FILTER (WHERE holds IS DISTINCT FROM held_before) OVER (
            PARTITION BY actor, beneficiary, alliance, object ORDER BY day, place
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS spell
    FROM held
),
spells AS (
    SELECT
        actor, beneficiary, alliance, object, spell,
        max(holds) AS stance,
        max(kind) FILTER (WHERE begins) AS kind,
        max(resolved_id) FILTER (WHERE begins) AS resolved_id,
        min(day) AS since,
        arg_max(condition, struct_pack(day, resolved_id)) FILTER (WHERE condition IS NOT NULL) AS condition,
        count(*) AS n_events,
        sum(n_sources) AS n_sources,
        max(confidence) AS confidence,
        min(first_reported) AS first_reported,
        max(last_reported) AS last_reported
    FROM numbered
    GROUP BY actor, beneficiary, alliance, object, spell
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
