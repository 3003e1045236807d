{#- A fingerprint of what each day's margins are made of, and whether it is another one than in the build before. What a
    unit cost follows from all that was bought and sold until then: which days it changes is best seen in what came of
    it. An order-independent sum of hashes; a day that nothing is told of any more has no fingerprint. -#}
with

parts as (
    select
        sales_date as day,
        hash(
            'sales', product_id, channel_id, sold_units, returned_units, gross_sales_shop, discounts_shop, returns_shop
        ) as mark
    from {{ ref('int_sales__daily') }}
    union all
    select
        cost_date as day,
        hash(
            'goods', product_id, channel_id, uncosted_units, cost_fifo_shop, cost_moving_average_shop
        ) as mark
    from {{ ref('fct_cost_of_goods') }}
    where issue_kind = 'sale'
    union all
    select
        sales_date as day,
        hash('order', order_id, product_id, channel_id, measure, amount) as mark
    from {{ ref('int_order_costs__daily') }}
    union all
    select
        spend_date as day,
        hash('advertising', product_id, platform, currency_code, campaign_ref, cost_shop) as mark
    from {{ ref('int_ad_spend__converted') }}
),

days as (
    select
        day,
        cast(sum(cast(mark as hugeint)) as hugeint) as mark
    from parts
    group by day
),

-- as the build before left them, where there was one
days_before as (
    {% if was_built('int_changes__margin_marks') -%}
    select
        day,
        mark
    from intermediate.int_changes__margin_marks
    where mark is not null
    {%- else -%}
    select
        day,
        mark
    from days
    where false
    {%- endif %}
),

final as (
    select
        coalesce(days.day, days_before.day) as day,
        days.mark,
        coalesce(days.mark <> days_before.mark, true) as is_changed
    from days
    full join days_before on days.day = days_before.day
)

select * from final
