{#- Which units of which order line a credit undoes: the last ones sold, of the same product to the same customer.

    Read a pair's lines in time as a stack of units: a sale pushes, a credit pops. A sale then covers a stretch of
    depths, and so does a credit. Cut the depths wherever a stretch begins or ends: within one such slice pushes and
    pops alternate, so the line before a pop is the push that it undoes. What is popped from an empty stack has no
    order, and stays unmatched. Set work throughout; only pairs with a credit are looked at. Credits that name their
    line are no part of this, nor are the units that they took.
-#}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ delete_changed('int_changes__pairs', '(customer_id, product_id)') }}"
) }}

with

named as (
    select
        order_line_id,
        sum(units) as units
    from {{ ref('int_credits__named') }}
    group by order_line_id
),

named_credits as (
    select distinct credit_line_id from {{ ref('int_credits__named') }}
),

lines as (
    select
        order_lines.order_line_id,
        order_lines.customer_id,
        order_lines.product_id,
        order_lines.row_class,
        order_lines.occurred_at,
        if(
            order_lines.row_class = 'sale',
            order_lines.quantity - coalesce(named.units, 0),
            order_lines.quantity
        ) as signed_units
    from {{ ref('int_order_lines__classified') }} as order_lines
    left join named on order_lines.order_line_id = named.order_line_id
    where
        order_lines.row_class in ('sale', 'credit')
        and order_lines.customer_id is not null
        and order_lines.credits_line_ref is null
        and order_lines.order_line_id not in (select named_credits.credit_line_id from named_credits)
        and {{ only_changed('int_changes__pairs', '(customer_id, product_id)') }}
),

credited_pairs as (
    select distinct
        customer_id,
        product_id
    from lines
    where row_class = 'credit'
),

levels as (
    select
        lines.*,
        sum(lines.signed_units) over in_time as level_after
    from lines
    inner join credited_pairs using (customer_id, product_id)
    window in_time as (
        partition by lines.customer_id, lines.product_id
        -- at the same second the sale comes first: one can't give back what one does not have
        order by lines.occurred_at asc, lines.signed_units desc, lines.order_line_id asc
        rows between unbounded preceding and current row
    )
),

floors as (
    select
        *,
        -- the floor sinks with every credit that finds the stack empty
        least(0, min(level_after) over in_time) as floor_after,
        least(0, coalesce(min(level_after) over before_it, 0)) as floor_before,
        row_number() over in_time as step
    from levels
    window
        in_time as (
            partition by customer_id, product_id
            order by occurred_at asc, signed_units desc, order_line_id asc
            rows between unbounded preceding and current row
        ),
        before_it as (
            partition by customer_id, product_id
            order by occurred_at asc, signed_units desc, order_line_id asc
            rows between unbounded preceding and 1 preceding
        )
),

stretches as (
    select
        customer_id,
        product_id,
        order_line_id,
        row_class,
        occurred_at,
        step,
        least(level_after - floor_after, level_after - signed_units - floor_before) as depth_low,
        greatest(level_after - floor_after, level_after - signed_units - floor_before) as depth_high
    from floors
),

cuts as (
    select
        customer_id,
        product_id,
        depth_low as depth
    from stretches
    union
    select
        customer_id,
        product_id,
        depth_high
    from stretches
),

slices as (
    select
        customer_id,
        product_id,
        depth as slice_low,
        lead(depth) over (partition by customer_id, product_id order by depth) as slice_high
    from cuts
),

visits as (
    select
        stretches.*,
        slices.slice_low,
        slices.slice_high - slices.slice_low as units
    from stretches
    inner join slices
        on
            stretches.customer_id = slices.customer_id
            and stretches.product_id = slices.product_id
            and stretches.depth_low <= slices.slice_low
            and stretches.depth_high >= slices.slice_high
),

matched as (
    select
        *,
        lag(order_line_id) over in_slice as order_line_before,
        lag(occurred_at) over in_slice as occurred_before
    from visits
    window in_slice as (partition by customer_id, product_id, slice_low order by step)
),

final as (
    select
        customer_id,
        product_id,
        order_line_id as credit_line_id,
        order_line_before as order_line_id,
        cast(sum(units) as bigint) as units,
        occurred_before as ordered_at,
        occurred_at as credited_at,
        occurred_at <= occurred_before + to_hours({{ var('undo_within_hours') }}) as is_undone
    from matched
    where row_class = 'credit'
    group by all
)

select * from final
