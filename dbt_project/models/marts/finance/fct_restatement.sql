{#- What each closed month was known to be when it closed, and each day later on which that changed. Every version of a
    record is still in the raw zone with when it was learned: a version counts from then until a later one is learned.
    So the table says the same whenever it is built, up to the moment that it is built as of. Of a report that is
    landed by window, a window landed again has taken the place of the one before: only the last is known. -#}
{%- set measures = [
    ('orders', 'orders', 'total_amount', 'occurred_at', 'not coalesce(told.is_test, false)'),
    ('refunds', 'refunds', 'amount', 'occurred_at', 'true'),
    ('payouts', 'payouts', 'amount', 'occurred_at', 'true'),
    ('shipping_paid', 'shipping_costs', 'amount', 'occurred_at', 'true'),
    ('advertising', 'ad_spend', 'cost_amount', 'occurred_at', 'true')
] %}
with

build as (
    select
        *,
        {{ local_date('build.as_of') }} as as_of_date
    from {{ source('raw', 'build') }} as build
),

told as (
    {% for measure, stream, amount, moment, condition in measures -%}
    select
        '{{ measure }}' as measure,
        told.source,
        coalesce(told.record_ref, '') as record_ref,
        {{ version_of('told') }} as version,
        told.known_at,
        told.record_ref is null as is_fact,
        told.currency_code,
        {{ local_date('told.' ~ moment) }} as occurred_date,
        cast(told.{{ amount }} as decimal(18, 4)) as amount
    from {{ source('raw', stream) }} as told
    cross join build
    where told.{{ amount }} is not null and {{ condition }}
    {% if not loop.last %}union all
    {% endif -%}
    {% endfor %}
),

-- a load of the same version tells nothing new: it counts from when it was known first
versions as (
    select
        measure,
        source,
        record_ref,
        version,
        is_fact,
        min(known_at) as known_at
    from told
    group by all
),

spans as (
    select
        *,
        if(
            is_fact,
            null,
            min(known_at) over (
                partition by measure, source, record_ref, is_fact order by version
                rows between 1 following and unbounded following
            )
        ) as known_until
    from versions
),

converted as (
    select
        told.measure,
        told.source,
        told.record_ref,
        told.version,
        told.is_fact,
        cast(date_trunc('month', told.occurred_date) as date) as month_start_date,
        {{ money('sum(told.amount * if(told.currency_code = build.shop_currency, 1, rates.rate_to_shop))') }} as amount
    from told
    cross join build
    left join {{ ref('dim_currency_rate') }} as rates
        on told.currency_code = rates.currency_code and told.occurred_date = rates.rate_date
    group by all
),

changes as (
    select
        converted.measure,
        converted.month_start_date,
        spans.known_at as changed_at,
        converted.amount
    from converted
    inner join spans
        on
            converted.measure = spans.measure
            and converted.source = spans.source
            and converted.record_ref = spans.record_ref
            and converted.version = spans.version
            and converted.is_fact = spans.is_fact
    where converted.amount is not null and (spans.known_until is null or spans.known_until > spans.known_at)
    union all
    select
        converted.measure,
        converted.month_start_date,
        spans.known_until as changed_at,
        -converted.amount as amount
    from converted
    inner join spans
        on
            converted.measure = spans.measure
            and converted.source = spans.source
            and converted.record_ref = spans.record_ref
            and converted.version = spans.version
            and converted.is_fact = spans.is_fact
    where converted.amount is not null and spans.known_until > spans.known_at
),

-- what is learned up to the end of the month's last local day belongs to the close; later, to the day it was learned
dated as (
    select
        changes.measure,
        changes.month_start_date,
        greatest(
            cast(changes.month_start_date + interval 1 month as date) - 1,
            cast(timezone(
                build.shop_time_zone, timezone('UTC', changes.changed_at - interval 1 microsecond)
            ) as date)
        ) as known_date,
        changes.amount
    from changes
    cross join build
    where cast(changes.month_start_date + interval 1 month as date) <= build.as_of_date
),

-- a month that nobody knew of at its end was known as nothing
closes as (
    select distinct
        measure,
        month_start_date,
        cast(month_start_date + interval 1 month as date) - 1 as known_date,
        {{ money('0') }} as amount
    from dated
),

daily as (
    select
        measure,
        month_start_date,
        known_date,
        {{ money('sum(amount)') }} as amount
    from (
        select
            measure,
            month_start_date,
            known_date,
            amount
        from dated
        union all
        select
            measure,
            month_start_date,
            known_date,
            amount
        from closes
    ) as learned
    group by all
    having sum(amount) <> 0 or known_date = cast(month_start_date + interval 1 month as date) - 1
),

final as (
    select
        month_start_date,
        measure,
        cast(row_number() over in_time as bigint) as version_number,
        {{ money('sum(amount) over in_time') }} as amount_shop,
        if(row_number() over in_time = 1, {{ money('0') }}, amount) as change_shop,
        {{ money('sum(amount) over in_time - first_value(amount) over in_time') }} as change_since_close_shop,
        row_number() over (partition by measure, month_start_date order by known_date desc) = 1 as is_newest,
        known_date
    from daily
    window in_time as (partition by measure, month_start_date order by known_date)
)

select * from final
