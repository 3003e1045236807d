{#- The days whose facts of orders this build changes, returns and charges among them. -#}
select distinct day from {{ ref('int_changes__product_days') }}
