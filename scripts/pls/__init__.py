"""Product-led sales in the warehouse: the wrapper around dbt."""
