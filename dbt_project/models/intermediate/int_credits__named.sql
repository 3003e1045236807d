{#- Which units of which order line a credit undoes, where the source says so: those of the line that it names, or,
    where it names the order and the product only (Amazon's refunds), of the order's first line of that product; as
    long as there are any left. Of two credits of a line the earlier one comes first. -#}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed('int_changes__orders', 'order_id') }}"
) }}

with

order_lines as not materialized (
    select * from {{ ref('int_order_lines__classified') }}
    where {{ only_changed('int_changes__orders', 'order_id') }}
),

-- facts of a file name no order that they undo: those are matched by customer and product
versioned as (
    select distinct source from {{ source('raw', 'sources') }}
    where mode = 'versions'
),

credits as (
    select *
    from order_lines
    where
        row_class = 'credit'
        -- one that names no line is about its order's product, where the source tells of orders
        and (credits_line_ref is not null or source in (select versioned.source from versioned))
),

sales as (
    select
        *,
        row_number() over (partition by order_id, product_id order by order_line_id) as place_of_product
    from order_lines
    where
        row_class in ('sale', 'free_of_charge')
        and order_id in (select credits.order_id from credits)
),

matched as (
    select
        credits.order_id,
        credits.order_line_id as credit_line_id,
        sales.order_line_id,
        abs(credits.quantity) as units,
        sales.quantity as sold_units,
        sales.occurred_at as ordered_at,
        credits.occurred_at as credited_at
    from credits
    inner join sales
        on
            credits.order_id = sales.order_id
            and case
                when credits.credits_line_ref is not null then credits.credits_line_ref = sales.order_line_ref
                else credits.product_id = sales.product_id and sales.place_of_product = 1
            end
),

named as (
    select
        *,
        coalesce(sum(units) over (
            partition by order_line_id
            order by credited_at, credit_line_id
            rows between unbounded preceding and 1 preceding
        ), 0) as units_before
    from matched
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
