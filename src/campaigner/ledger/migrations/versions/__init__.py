"""The steps from schema to schema, in files that Alembic finds by the `revision` in them."""
