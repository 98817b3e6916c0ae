-- One row per user_id and day its metrics change on, with the change of each.
{{ config(materialized='view') }}

{{ metric_changes('user') }}
