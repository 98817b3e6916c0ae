-- A seed row that cannot mean anything stops the build: all models stand on the seeds.
select * from {{ ref('seed_problems') }}
