{#- What somebody should look at today: competitors in stock who undercut us, and products of which we are no longer the
    cheapest; with the lowest price that keeps our margin, where the cost is known. -#}
with

build as (
    select
        shop_currency,
        cast(timezone(shop_time_zone, timezone('UTC', as_of - interval 1 second)) as date) as last_date
    from {{ source('raw', 'build') }}
),

competitors as (
    select * from {{ ref('rpt_competitor_product') }}
),

positions as (
    select * from {{ ref('rpt_price_position') }}
),

-- days in a row have the same distance between date and number
undercut_days as (
    select
        product_id,
        source,
        price_date,
        price_date - cast(row_number() over (
            partition by product_id, source order by price_date
        ) as integer) as stretch
    from competitors
    where below_ours_pct >= {{ market_assumption('undercut_pct') }}
),

undercuts as (
    select
        undercut_days.product_id,
        undercut_days.source,
        'undercut' as alert_kind,
        min(undercut_days.price_date) as since_date
    from undercut_days
    cross join build
    group by undercut_days.product_id, undercut_days.source, undercut_days.stretch, build.last_date
    having max(undercut_days.price_date) = build.last_date
),

lost as (
    select
        positions.product_id,
        positions.cheapest_source as source,
        'cheapest_lost' as alert_kind,
        positions.price_date as since_date
    from positions
    cross join build
    inner join positions as before
        on positions.product_id = before.product_id and positions.price_date = before.price_date + 1
    where positions.price_date = build.last_date and not positions.is_cheapest and before.is_cheapest
),

raised as (
    select * from undercuts
    union all
    select * from lost
),

titles as (
    select
        source,
        min(title) as competitor_title
    from {{ source('raw', 'sources') }}
    group by source
),

rates as (
    select
        currency_code,
        arg_max(rate_to_shop, rate_date) as rate_to_shop
    from {{ ref('dim_currency_rate') }}
    group by currency_code
),

told_costs as (
    select
        product_id,
        unit_cost,
        currency_code,
        occurred_at,
        known_at,
        source,
        1 as preference
    from {{ ref('stg_product_costs') }}
    union all
    select
        product_id,
        cost_amount as unit_cost,
        currency_code,
        coalesce(version_at, occurred_at) as occurred_at,
        known_at,
        source,
        2 as preference
    from {{ ref('stg_products') }}
    where cost_amount > 0 and not is_deleted
),

costs as (
    select
        told_costs.product_id,
        {{ money(
            'told_costs.unit_cost'
            ~ ' * if(coalesce(told_costs.currency_code, build.shop_currency) = build.shop_currency, 1, rates.rate_to_shop)'
        ) }} as unit_cost_shop
    from told_costs
    cross join build
    left join rates on told_costs.currency_code = rates.currency_code
    qualify row_number() over (
        partition by told_costs.product_id
        order by
            told_costs.preference asc, told_costs.occurred_at desc, told_costs.known_at desc, told_costs.source asc,
            told_costs.unit_cost asc
    ) = 1
),

-- the terms of supply first: what is bought next is bought at them
floors as (
    select
        products.product_id,
        products.product_title,
        products.net_sales_year_shop,
        coalesce(supply.unit_cost_shop, costs.unit_cost_shop) as unit_cost_shop,
        {{ money(
            'coalesce(supply.unit_cost_shop, costs.unit_cost_shop) / (1 - '
            ~ market_assumption('margin_floor_pct') ~ ' / 100) * (1 + ' ~ market_assumption('tax_pct') ~ ' / 100)'
        ) }} as floor_price_shop
    from {{ ref('dim_product') }} as products
    left join {{ ref('dim_product_supply') }} as supply on products.product_id = supply.product_id
    left join costs on products.product_id = costs.product_id
),

described as (
    select
        raised.alert_kind,
        raised.product_id,
        raised.source,
        raised.since_date,
        coalesce(titles.competitor_title, raised.source) as competitor_title,
        floors.product_title,
        floors.net_sales_year_shop,
        floors.unit_cost_shop,
        floors.floor_price_shop,
        positions.price_basis,
        positions.own_rank,
        positions.own_price_shop,
        competitors.comparable_price_shop,
        competitors.below_ours_pct,
        competitors.price_date,
        competitors.page_url,
        competitors.offer_ref,
        competitors.offer_title,
        competitors.currency_code,
        competitors.price_amount,
        competitors.days_since_seen,
        competitors.match_rule,
        competitors.match_score,
        case
            when competitors.below_ours_pct >= {{ market_assumption('undercut_high_pct') }} then 'high'
            when competitors.below_ours_pct >= {{ market_assumption('undercut_medium_pct') }} then 'medium'
            else 'low'
        end as severity
    from raised
    cross join build
    inner join competitors
        on
            raised.product_id = competitors.product_id
            and raised.source = competitors.source
            and build.last_date = competitors.price_date
    inner join positions
        on raised.product_id = positions.product_id and build.last_date = positions.price_date
    inner join floors on raised.product_id = floors.product_id
    left join titles on raised.source = titles.source
),

final as (
    select
        row_number() over (
            order by
                case severity when 'high' then 1 when 'medium' then 2 else 3 end,
                net_sales_year_shop desc,
                below_ours_pct desc,
                product_id asc,
                source asc,
                alert_kind asc
        ) as alert_rank,
        alert_kind,
        severity,
        product_id,
        product_title,
        source,
        competitor_title,
        page_url,
        price_basis,
        cast(json_object(
            'page_url', page_url,
            'offer_ref', offer_ref,
            'offer_title', offer_title,
            'price_amount', price_amount,
            'currency_code', currency_code,
            'days_since_seen', days_since_seen,
            'match_rule', match_rule,
            'match_score', match_score
        ) as varchar) as evidence,
        since_date = price_date as is_new,
        own_rank,
        cast(price_date - since_date + 1 as bigint) as day_count,
        own_price_shop,
        comparable_price_shop as competitor_price_shop,
        below_ours_pct,
        unit_cost_shop,
        floor_price_shop,
        -- meeting the competitor, as far as the margin allows; nothing where that is no lower than now
        if(
            greatest(comparable_price_shop, floor_price_shop) < own_price_shop and floor_price_shop is not null,
            greatest(comparable_price_shop, floor_price_shop),
            null
        ) as suggested_price_shop,
        net_sales_year_shop,
        since_date,
        price_date
    from described
)

select * from final
