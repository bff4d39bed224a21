"""What Airflow needs around the pipeline: tags, assets, the landing trigger, tasks. Nothing else imports Airflow."""
