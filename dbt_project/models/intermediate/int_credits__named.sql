{#- Which units of which order line a credit undoes, where the source says so: those of the line that it names, as
    long as there are any left. Of two credits of a line the earlier one comes first. -#}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed('int_changes__orders', 'order_id') }}"
) }}

with

order_lines as (
    select * from {{ ref('int_order_lines__classified') }}
    where {{ only_changed('int_changes__orders', 'order_id') }}
),

named as (
    select
        credits.order_id,
        credits.order_line_id as credit_line_id,
        sales.order_line_id,
        abs(credits.quantity) as units,
        sales.quantity as sold_units,
        sales.occurred_at as ordered_at,
        credits.occurred_at as credited_at,
        coalesce(sum(abs(credits.quantity)) over (
            partition by sales.order_line_id
            order by credits.occurred_at, credits.order_line_id
            rows between unbounded preceding and 1 preceding
        ), 0) as units_before
    from order_lines as credits
    inner join order_lines as sales
        on
            credits.order_id = sales.order_id
            and credits.credits_line_ref = sales.order_line_ref
            and sales.row_class in ('sale', 'free_of_charge')
    where credits.row_class = 'credit'
),

final as (
    select
        order_id,
        credit_line_id,
        order_line_id,
        cast(least(units, sold_units - units_before) as bigint) as units,
        ordered_at,
        credited_at,
        credited_at <= ordered_at + to_hours({{ var('undo_within_hours') }}) as is_undone
    from named
    where sold_units > units_before
)

select * from final
