with

build as (
    {{ alert_build() }}
),

-- few goods are restricted, and few sales are of them
restricted as (
    select distinct products.product_id
    from {{ ref('dim_product') }} as products
    inner join {{ ref('restricted_goods') }} as rules on products.category ilike rules.category_pattern
),

sold as (
    select
        lines.product_id,
        lines.country_id,
        count(distinct lines.order_id) as order_count,
        cast(sum(lines.demand_quantity) as bigint) as unit_count,
        {{ money('sum(lines.gross_sales_shop - lines.discount_shop)') }} as sales_shop,
        min(lines.order_date) as first_order_date,
        max(lines.order_date) as last_order_date
    from {{ ref('fct_order_line') }} as lines
    cross join build
    where
        lines.order_date > {{ checked_since('restricted_goods') }}
        and lines.product_id in (select restricted.product_id from restricted)
    group by lines.product_id, lines.country_id
),

final as (
    select
        rules.rule_number,
        sold.product_id,
        sold.country_id,
        products.product_title,
        products.category,
        rules.restriction_kind,
        rules.restriction,
        rules.legal_basis,
        sold.order_count,
        sold.unit_count,
        sold.sales_shop,
        sold.first_order_date,
        sold.last_order_date
    from sold
    inner join {{ ref('dim_product') }} as products on sold.product_id = products.product_id
    inner join {{ ref('restricted_goods') }} as rules
        on
            products.category ilike rules.category_pattern
            and {{ is_in_countries('sold.country_id', 'rules.country_ids') }}
    where sold.unit_count > 0
)

select * from final
