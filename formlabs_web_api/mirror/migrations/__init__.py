"""Versions of the tables of a mirror, applied by Alembic."""
