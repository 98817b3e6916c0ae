-- A seed row that cannot mean anything stops the build: every model stands on the seeds.
select * from {{ ref('seed_problems') }}
