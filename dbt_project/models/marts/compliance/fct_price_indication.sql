{#- Every reduction that a shop of ours announces today, and the lowest price of the 30 days before it began. A price is
    known from the versions of the product and from what customers were charged, day by day; amounts of codes and of
    orders without tax are no prices of the shelf. The reduction began with the first version that announces it, where an
    earlier one does not; else on the first day after the last on which a higher price was seen. -#}
with

build as (
    {{ alert_build() }}
),

tolerances as (
    select
        tolerance,
        least_days,
        cast(checked_days as integer) as checked_days
    from {{ ref('compliance_checks') }}
    where check_id = 'price_indication'
),

announced as (
    select
        listed.product_id,
        listed.source,
        any_value(listed.currency_code order by listed.record_ref) as currency_code,
        min(listed.price_amount) as price_amount,
        max(listed.compare_at_amount) as reference_amount
    from {{ ref('stg_products') }} as listed
    where
        listed.compare_at_amount > listed.price_amount
        and listed.price_amount > 0
        and not listed.is_deleted
        and listed.product_id is not null
        and listed.currency_code is not null
    group by listed.product_id, listed.source
),

versions as (
    select
        announced.product_id,
        announced.source,
        versions.price_amount,
        coalesce(versions.compare_at_amount > versions.price_amount, false) as is_announced,
        {{ local_date('coalesce(versions.version_at, versions.known_at)') }} as seen_date
    from {{ source('raw', 'products') }} as versions
    cross join build
    inner join announced
        on
            upper(trim(versions.product_ref)) = announced.product_id
            and versions.source = announced.source
            and versions.currency_code = announced.currency_code
    where versions.price_amount > 0
),

announcements as (
    select
        product_id,
        source,
        max(seen_date) filter (where not is_announced) as last_plain_date
    from versions
    group by product_id, source
),

announced_since as (
    select
        versions.product_id,
        versions.source,
        min(versions.seen_date) as announced_date
    from versions
    inner join announcements
        on versions.product_id = announcements.product_id and versions.source = announcements.source
    where versions.is_announced and versions.seen_date > announcements.last_plain_date
    group by versions.product_id, versions.source
),

without_tax as (
    select order_id
    from {{ ref('stg_orders') }}
    where not is_tax_included
),

sold as (
    select
        lines.product_id,
        lines.source,
        lines.order_id,
        lines.occurred_date as seen_date,
        -- the price of the shelf has its tax in it
        round(
            lines.unit_price * (1 + lines.tax_amount / nullif(lines.line_amount - lines.discount_amount, 0)), 2
        ) as price_amount
    from {{ ref('int_order_lines__classified') }} as lines
    cross join build
    inner join announced
        on
            lines.product_id = announced.product_id
            and lines.source = announced.source
            and lines.currency_code = announced.currency_code
    left join without_tax on lines.order_id = without_tax.order_id
    where
        lines.occurred_date > build.last_date - 400
        and not lines.is_credit
        and lines.unit_price > 0
        and lines.line_amount > lines.discount_amount
        and without_tax.order_id is null
        -- what is part of a bundle may have been charged its share of the bundle's price
        and lines.product_id not in (
            select components.component_product_id from {{ ref('dim_product_component') }} as components
        )
),

-- some orders have prices of their own, made by hand: one of the shelf was charged more than once
shelf as (
    select
        product_id,
        source,
        price_amount
    from sold
    group by product_id, source, price_amount
    having count(distinct order_id) > 1
),

charged as (
    select
        sold.product_id,
        sold.source,
        sold.seen_date,
        mode(sold.price_amount order by sold.price_amount desc) as price_amount
    from sold
    inner join shelf
        on
            sold.product_id = shelf.product_id
            and sold.source = shelf.source
            and sold.price_amount = shelf.price_amount
    group by sold.product_id, sold.source, sold.seen_date
),

seen as (
    select
        product_id,
        source,
        seen_date,
        price_amount
    from versions
    union all
    select
        product_id,
        source,
        seen_date,
        cast(price_amount as decimal(18, 4)) as price_amount
    from charged
),

higher as (
    select
        seen.product_id,
        seen.source,
        max(seen.seen_date) as last_higher_date
    from seen
    inner join announced on seen.product_id = announced.product_id and seen.source = announced.source
    where seen.price_amount > announced.price_amount
    group by seen.product_id, seen.source
),

began as (
    select
        announced.product_id,
        announced.source,
        min(seen.seen_date) filter (where seen.seen_date > higher.last_higher_date) as first_lower_date,
        any_value(announced_since.announced_date) as announced_date,
        coalesce(any_value(announced_since.announced_date), first_lower_date) as began_date,
        case
            when any_value(announced_since.announced_date) is not null then 'version'
            when first_lower_date is not null then 'charged_prices'
            else 'unknown'
        end as began_from,
        count(*) as observation_count
    from announced
    inner join seen on announced.product_id = seen.product_id and announced.source = seen.source
    left join higher on announced.product_id = higher.product_id and announced.source = higher.source
    left join announced_since
        on announced.product_id = announced_since.product_id and announced.source = announced_since.source
    group by announced.product_id, announced.source
),

before as (
    select
        began.product_id,
        began.source,
        min(seen.price_amount) as lowest_amount,
        arg_min(seen.seen_date, (seen.price_amount, seen.seen_date)) as lowest_date,
        count(distinct seen.seen_date) as days_observed
    from began
    inner join seen on began.product_id = seen.product_id and began.source = seen.source
    cross join tolerances
    where seen.seen_date >= began.began_date - tolerances.checked_days and seen.seen_date < began.began_date
    group by began.product_id, began.source
),

sold_to_eu as (
    select distinct channels.source
    from {{ ref('dim_channel') }} as channels
    inner join {{ ref('fct_tax_charged') }} as charged_tax on channels.channel_id = charged_tax.channel_id
    where {{ is_in_eu('charged_tax.country_id') }}
),

final as (
    select
        announced.product_id,
        announced.source,
        announced.currency_code,
        case
            when before.lowest_amount is null then 'unknown'
            -- taking the tax out of a price and putting it in again may cost a cent
            when announced.reference_amount > before.lowest_amount + tolerances.tolerance then 'broken'
            -- one lower price is proof; that there was none takes knowing the price of enough days
            when before.days_observed < tolerances.least_days then 'unknown'
            else 'holds'
        end as verdict,
        began.began_from,
        announced.source in (select sold_to_eu.source from sold_to_eu) as is_sold_to_eu,
        began.observation_count,
        coalesce(before.days_observed, 0) as days_observed,
        announced.price_amount as price_order,
        announced.reference_amount as reference_price_order,
        before.lowest_amount as lowest_price_order,
        round(
            100.0 * (1 - cast(announced.price_amount as double) / cast(announced.reference_amount as double)), 2
        ) as announced_pct,
        round(
            100.0 * (1 - cast(announced.price_amount as double) / cast(before.lowest_amount as double)), 2
        ) as true_reduction_pct,
        began.began_date,
        before.lowest_date as lowest_price_date
    from announced
    inner join began on announced.product_id = began.product_id and announced.source = began.source
    cross join tolerances
    left join before on announced.product_id = before.product_id and announced.source = before.source
)

select * from final
