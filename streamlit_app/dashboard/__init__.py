"""The dashboards: queries that know no Streamlit, components and views that know no SQL."""
