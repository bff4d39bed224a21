"""What Airflow needs around the pipeline: tags, assets, trigger, tasks. Nothing else imports Airflow."""
