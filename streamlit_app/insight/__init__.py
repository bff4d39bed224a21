"""What the pages say: numbers, sentences and charts, from what is published. Nothing here knows Streamlit."""
