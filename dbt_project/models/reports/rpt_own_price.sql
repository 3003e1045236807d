{#- What our matched products cost at the end of each day: as the shops listed them then, else as they sold last. -#}
with

build as (
    select * from {{ source('raw', 'build') }}
),

wanted as (
    select distinct
        product_id,
        price_date
    from {{ ref('rpt_competitor_price') }}
),

deleted as (
    select distinct
        source,
        record_ref
    from {{ ref('stg_products') }}
    where is_deleted
),

-- of the versions of a day, whichever shop told them, the last one
listed as (
    select
        upper(trim(products.product_ref)) as product_id,
        products.price_amount,
        products.currency_code,
        {{ local_date('coalesce(products.version_at, products.occurred_at)') }} as listed_date
    from {{ source('raw', 'products') }} as products
    cross join build
    left join deleted on products.source = deleted.source and products.record_ref = deleted.record_ref
    where
        products.price_amount > 0
        and coalesce(products.status, 'active') = 'active'
        and deleted.source is null
        and upper(trim(products.product_ref)) in (select wanted.product_id from wanted)
    qualify row_number() over (
        partition by upper(trim(products.product_ref)), listed_date
        order by
            coalesce(products.version_at, products.occurred_at) desc, products.known_at desc, products.source asc,
            products.record_ref desc, products.source_file desc, products.source_row desc
    ) = 1
),

listings as (
    select
        *,
        lead(listed_date) over (partition by product_id order by listed_date) as next_date
    from listed
),

sold as (
    select
        product_id,
        order_date as sold_date,
        arg_max(unit_price_shop, (ordered_at, order_line_id)) as unit_price_shop
    from {{ ref('fct_order_line') }}
    where
        not is_free_of_charge
        and unit_price_shop > 0
        and product_id in (select wanted.product_id from wanted)
    group by product_id, order_date
),

sales as (
    select
        *,
        lead(sold_date) over (partition by product_id order by sold_date) as next_date
    from sold
),

rates as (
    select * from {{ ref('dim_currency_rate') }}
),

priced as (
    select
        wanted.product_id,
        wanted.price_date,
        {{ money(
            'listings.price_amount'
            ~ ' * if(coalesce(listings.currency_code, build.shop_currency) = build.shop_currency, 1, rates.rate_to_shop)'
        ) }} as listed_shop,
        {{ money('sales.unit_price_shop * (1 + ' ~ market_assumption('tax_pct') ~ ' / 100)') }} as sold_shop
    from wanted
    cross join build
    left join listings
        on
            wanted.product_id = listings.product_id
            and wanted.price_date >= listings.listed_date
            and wanted.price_date < coalesce(listings.next_date, date '9999-12-31')
    left join rates on listings.currency_code = rates.currency_code and wanted.price_date = rates.rate_date
    left join sales
        on
            wanted.product_id = sales.product_id
            and wanted.price_date >= sales.sold_date
            and wanted.price_date < coalesce(sales.next_date, date '9999-12-31')
),

final as (
    select
        product_id,
        case
            when listed_shop is not null then 'listed'
            when sold_shop is not null then 'sold'
        end as price_basis,
        coalesce(listed_shop, sold_shop) as own_price_shop,
        price_date
    from priced
)

select * from final
