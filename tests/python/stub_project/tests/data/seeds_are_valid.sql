select * from {{ ref('seed_problems') }}
