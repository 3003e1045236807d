{#- What people did with each product in a week, in the web shops and on marketplaces, and its share of all of it. -#}
with

signals as (
    select
        product_id,
        cast(date_trunc('week', visit_date) as date) as week_start_date,
        view_count,
        favourite_count,
        add_to_cart_count,
        cast(0 as bigint) as demand_units,
        cast(0 as bigint) as marketplace_session_count,
        cast(0 as bigint) as marketplace_page_view_count,
        cast(0 as double) as featured_page_views,
        cast(0 as bigint) as featured_told_count
    from {{ ref('fct_daily_product_funnel') }}
    union all
    select
        product_id,
        cast(date_trunc('week', sales_date) as date) as week_start_date,
        0 as view_count,
        0 as favourite_count,
        0 as add_to_cart_count,
        demand_units,
        0 as marketplace_session_count,
        0 as marketplace_page_view_count,
        0 as featured_page_views,
        0 as featured_told_count
    from {{ ref('fct_daily_product_sales') }}
    where demand_units <> 0
    union all
    select
        product_id,
        cast(date_trunc('week', report_date) as date) as week_start_date,
        0 as view_count,
        0 as favourite_count,
        0 as add_to_cart_count,
        0 as demand_units,
        session_count as marketplace_session_count,
        page_view_count as marketplace_page_view_count,
        -- whole hundredths: a sum of floats would depend on the order
        round(featured_offer_pct * 100) * page_view_count as featured_page_views,
        if(featured_offer_pct is null, 0, page_view_count) as featured_told_count
    from {{ ref('fct_marketplace_traffic') }}
    where product_id is not null
),

weekly as (
    select
        product_id,
        week_start_date,
        {% for signal in [
            'view_count', 'favourite_count', 'add_to_cart_count', 'demand_units', 'marketplace_session_count',
            'marketplace_page_view_count', 'featured_told_count'
        ] -%}
        cast(sum({{ signal }}) as bigint) as {{ signal }},
        {% endfor -%}
        sum(featured_page_views) as featured_page_views
    from signals
    group by product_id, week_start_date
),

final as (
    select
        product_id,
        view_count,
        favourite_count,
        add_to_cart_count,
        demand_units,
        marketplace_session_count,
        marketplace_page_view_count,
        {% for signal, name in [
            ('view_count', 'view'), ('favourite_count', 'favourite'), ('add_to_cart_count', 'add_to_cart'),
            ('demand_units', 'demand'), ('marketplace_session_count', 'marketplace_session')
        ] -%}
        {{ percent_of(signal, 'sum(' ~ signal ~ ') over (partition by week_start_date)') }} as {{ name }}_share_pct,
        {% endfor -%}
        cast(featured_page_views / nullif(featured_told_count, 0) / 100 as double) as featured_offer_pct,
        week_start_date
    from weekly
)

select * from final
