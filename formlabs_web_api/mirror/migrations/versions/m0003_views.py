"""Create the views for common questions.

SQLite has no interval arithmetic and its times are texts, so that both databases calculate in
seconds since 1970. Days and months are those of UTC.
"""

from alembic import op

revision = "0003"
down_revision = "0002"

_DAY = 86_400


def upgrade() -> None:
    """Create the views."""
    sql = _Sqlite() if op.get_context().dialect.name == "sqlite" else _Postgresql()
    op.execute(_printer_days(sql))
    op.execute(_material_months(sql))
    op.execute(_SUCCESS)
    op.execute(_CONSUMABLES)
    op.execute(_queue_waits(sql))


class _Sqlite:
    """Expressions of SQLite, whose stored times always have six digits of a second."""

    def seconds(self, time: str) -> str:
        return f"(strftime('%s', {time}) + substr({time}, 20) * 1.0)"

    def day_number(self, seconds: str) -> str:
        return f"CAST({seconds} / {_DAY} AS INTEGER)"

    def date(self, day: str) -> str:
        return f"date({day} * {_DAY}, 'unixepoch')"

    def month(self, time: str) -> str:
        return f"strftime('%Y-%m', {time})"

    def least(self, one: str, other: str) -> str:
        return f"min({one}, {other})"

    def greatest(self, one: str, other: str) -> str:
        return f"max({one}, {other})"


class _Postgresql(_Sqlite):
    """Expressions of PostgreSQL."""

    def seconds(self, time: str) -> str:
        return f"CAST(extract(epoch FROM {time}) AS double precision)"

    def day_number(self, seconds: str) -> str:
        return f"CAST(floor({seconds} / {_DAY}) AS integer)"

    def date(self, day: str) -> str:
        return f"(DATE '1970-01-01' + {day})"

    def month(self, time: str) -> str:
        return f"to_char({time} AT TIME ZONE 'UTC', 'YYYY-MM')"

    def least(self, one: str, other: str) -> str:
        return f"least({one}, {other})"

    def greatest(self, one: str, other: str) -> str:
        return f"greatest({one}, {other})"


_SYNCED = "(SELECT covered_until FROM mirror_state WHERE stream = '{}')"


def _printer_days(sql: _Sqlite) -> str:
    """Return the view of printing time by printer and day; overlapping prints count once."""
    synced = _SYNCED.format("print_runs")
    end = f"coalesce(ended_at, CASE outcome WHEN 'in_progress' THEN {synced} END)"
    return f"""
CREATE VIEW v_printer_days AS
WITH RECURSIVE spans AS (
    SELECT printer, {sql.seconds("print_started_at")} AS began, {sql.seconds(end)} AS ended
    FROM print_runs
    WHERE deleted_at IS NULL AND printer IS NOT NULL AND {end} > print_started_at
),
marked AS (
    SELECT printer, began, ended,
        CASE WHEN began <= max(ended) OVER (
            PARTITION BY printer ORDER BY began, ended
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) THEN 0 ELSE 1 END AS is_first
    FROM spans
),
numbered AS (
    SELECT printer, began, ended, sum(is_first) OVER (
        PARTITION BY printer ORDER BY began, ended
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS island
    FROM marked
),
merged AS (
    SELECT printer, min(began) AS began, max(ended) AS ended FROM numbered GROUP BY printer, island
),
days AS (
    SELECT printer, began, ended, {sql.day_number("began")} AS day FROM merged
    UNION ALL
    SELECT printer, began, ended, day + 1 FROM days WHERE (day + 1) * {_DAY} < ended
)
SELECT printer, {sql.date("day")} AS day,
    sum({sql.least("ended", f"(day + 1) * {_DAY}.0")} - {sql.greatest("began", f"day * {_DAY}.0")})
        AS printing_s,
    sum({sql.least("ended", f"(day + 1) * {_DAY}.0")} - {sql.greatest("began", f"day * {_DAY}.0")})
        / {_DAY}.0 AS utilisation
FROM days
GROUP BY printer, day
"""


def _material_months(sql: _Sqlite) -> str:
    return f"""
CREATE VIEW v_material_months AS
SELECT {sql.month("ended_at")} AS month, material, max(material_name) AS material_name,
    count(*) AS prints, sum(used_ml) AS used_ml,
    sum(CASE WHEN outcome IN ('failure', 'aborted') THEN used_ml ELSE 0 END) AS wasted_ml
FROM print_runs
WHERE deleted_at IS NULL AND ended_at IS NOT NULL
GROUP BY 1, material
"""


_SUCCESS = """
CREATE VIEW v_material_success AS
SELECT material, max(material_name) AS material_name,
    sum(CASE outcome WHEN 'success' THEN 1 ELSE 0 END) AS success,
    sum(CASE outcome WHEN 'failure' THEN 1 ELSE 0 END) AS failure,
    sum(CASE outcome WHEN 'aborted' THEN 1 ELSE 0 END) AS aborted,
    sum(CASE outcome WHEN 'unrated' THEN 1 ELSE 0 END) AS unrated,
    sum(CASE outcome WHEN 'success' THEN 1 ELSE 0 END) * CAST(1 AS double precision)
        / nullif(sum(CASE WHEN outcome IN ('success', 'failure') THEN 1 ELSE 0 END), 0)
        AS success_rate
FROM print_runs
WHERE deleted_at IS NULL
GROUP BY material
"""

_CONSUMABLES = """
CREATE VIEW v_consumables AS
SELECT 'cartridge' AS kind, serial, material, material_name, inside_printer AS printer,
    remaining_ml, remaining_fraction, NULL AS layers
FROM cartridges WHERE deleted_at IS NULL
UNION ALL
SELECT 'tank', serial, material, material_name, inside_printer, NULL, NULL, layers
FROM tanks WHERE deleted_at IS NULL
"""


def _queue_waits(sql: _Sqlite) -> str:
    until = f"coalesce(deleted_at, {_SYNCED.format('groups')})"
    return f"""
CREATE VIEW v_queue_waits AS
SELECT group_id, id, name, material_name, volume_ml, created_at, deleted_at AS left_at,
    {sql.seconds(until)} - {sql.seconds("created_at")} AS waited_s
FROM queue_items
"""
