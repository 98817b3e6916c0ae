-- One row; takes as long as slow_rows says.
select count(*) as row_count from range({{ var('slow_rows') }}) as numbers (n) where n % 7 = 3
