"""The dbt package, built in PostgreSQL and DuckDB on an account whose numbers are known: `make dbt`."""
