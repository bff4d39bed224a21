"""Everything on one machine: the embedded PostgreSQL, Airflow and the dashboards."""
