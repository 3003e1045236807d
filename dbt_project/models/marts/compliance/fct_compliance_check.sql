{#- One row for each check and what it is about: a class of data, a country, a shop. The row names
    the query that shows its evidence. -#}
with

build as (
    {{ alert_build() }}
),

{% set classes = [
    ('customer_accounts', 'customers', 'customer_pseudonym is not null'),
    ('carts', 'carts', 'customer_pseudonym is not null or email_pseudonym is not null'),
    ('visitor_events', 'events', 'true'),
    ('support_tickets', 'tickets', 'customer_pseudonym is not null'),
    ('reviews_with_customer', 'reviews', 'customer_pseudonym is not null'),
    ('orders_with_customer', 'orders', 'customer_pseudonym is not null or email_pseudonym is not null'),
] -%}
old as (
    {% for data_class, stream, personal in classes -%}
    select
        '{{ data_class }}' as data_class,
        count(*) as checked_count,
        count(*) filter (
            where coalesce(held.version_at, held.occurred_at)
            < build.as_of - to_days(cast(periods.retention_days as integer))
        ) as violation_count,
        min({{ local_date('coalesce(held.version_at, held.occurred_at)') }})
        + cast(any_value(periods.retention_days) as integer)
            as due_date
    from {{ source('raw', stream) }} as held
    cross join build
    inner join {{ ref('retention_periods') }} as periods on periods.data_class = '{{ data_class }}'
    where {{ personal }}
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
),

found as (
    select
        'retention_exceeded' as check_id,
        periods.data_class as subject_id,
        coalesce(old.checked_count, 0) as checked_count,
        coalesce(old.violation_count, 0) as violation_count,
        0 as unknown_count,
        if(old.violation_count > 0, old.due_date, null) as first_violation_date,
        'select * from raw.'
        || periods.stream
        || ' where coalesce(version_at, occurred_at) < (select as_of from raw.build) - to_days('
        || periods.retention_days || ')' as evidence_query,
        periods.legal_basis as further_basis
    from {{ ref('retention_periods') }} as periods
    left join old on periods.data_class = old.data_class
    union all
    -- the warehouse sends nothing to anybody: there is nothing yet in which an opt-out could be missed
    select
        'opt_outs_honoured' as check_id,
        'all' as subject_id,
        0 as checked_count,
        0 as violation_count,
        0 as unknown_count,
        cast(null as date) as first_violation_date,
        'select accepts_marketing, count(*) as accounts from staging.stg_customers group by all' as evidence_query,
        cast(null as varchar) as further_basis
    union all
    select
        'tax_rate' as check_id,
        country_id as subject_id,
        sum(order_count) as checked_count,
        coalesce(sum(order_count) filter (where verdict = 'no_such_rate'), 0) as violation_count,
        coalesce(sum(order_count) filter (where verdict = 'unknown'), 0) as unknown_count,
        min(first_order_date) filter (where verdict = 'no_such_rate') as first_violation_date,
        'select * from fct_tax_charged where country_id = '''
        || country_id
        || ''' and verdict <> ''fits''' as evidence_query,
        cast(null as varchar) as further_basis
    from {{ ref('fct_tax_charged') }}
    group by country_id
    union all
    select
        'price_indication' as check_id,
        source as subject_id,
        count(*) as checked_count,
        count(*) filter (where verdict = 'broken') as violation_count,
        count(*) filter (where verdict = 'unknown') as unknown_count,
        min(began_date) filter (where verdict = 'broken') as first_violation_date,
        'select * from fct_price_indication where source = '''
        || source
        || ''' and verdict = ''broken''' as evidence_query,
        if(
            bool_or(is_sold_to_eu),
            null,
            'Nothing is sold to the Union from here; advice against misleading prices applies'
        )
            as further_basis
    from {{ ref('fct_price_indication') }}
    group by source
    union all
    select
        'restricted_goods' as check_id,
        'rule ' || rules.rule_number as subject_id,
        coalesce(sum(sales.order_count), 0) as checked_count,
        coalesce(sum(sales.order_count) filter (where sales.restriction_kind = 'forbidden'), 0) as violation_count,
        -- what is allowed under conditions is for a person to show
        coalesce(sum(sales.order_count) filter (where sales.restriction_kind = 'conditional'), 0) as unknown_count,
        min(sales.first_order_date) filter (where sales.restriction_kind = 'forbidden') as first_violation_date,
        'select * from fct_restricted_sale where rule_number = ' || rules.rule_number as evidence_query,
        rules.restriction || ': ' || rules.legal_basis as further_basis
    from {{ ref('restricted_goods') }} as rules
    left join {{ ref('fct_restricted_sale') }} as sales on rules.rule_number = sales.rule_number
    group by rules.rule_number, rules.restriction, rules.legal_basis
    union all
    {% for check_id, document_kind, table in [
        ('missing_invoice_data', 'order', 'stg_orders'), ('receipt_without_price', 'receipt', 'stg_receipts')
    ] -%}
    select
        '{{ check_id }}' as check_id,
        held.source as subject_id,
        held.document_count as checked_count,
        count(missing.document_id) as violation_count,
        0 as unknown_count,
        min(missing.document_date) as first_violation_date,
        'select * from fct_missing_document where document_kind = ''{{ document_kind }}'' and source = '''
        || held.source
        || ''''
            as evidence_query,
        cast(null as varchar) as further_basis
    from (
        select
            told.source,
            count(*) as document_count
        from {{ ref(table) }} as told
        cross join build
        where {{ local_date('told.occurred_at') }} > {{ checked_since(check_id) }}
        group by told.source
    ) as held
    left join {{ ref('fct_missing_document') }} as missing
        on held.source = missing.source and missing.document_kind = '{{ document_kind }}'
    group by held.source, held.document_count
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
),

final as (
    select
        found.check_id,
        found.subject_id,
        checks.title,
        checks.label_en,
        checks.label_zh,
        case
            when found.violation_count > 0 then 'fail'
            when found.unknown_count > 0 then 'warn'
            when found.checked_count = 0 then 'not_applicable'
            else 'pass'
        end as status,
        if(
            found.check_id = 'price_indication' and found.further_basis is not null, 'low', checks.severity
        ) as severity,
        cast(found.checked_count as bigint) as checked_count,
        cast(found.violation_count as bigint) as violation_count,
        cast(found.unknown_count as bigint) as unknown_count,
        found.evidence_query,
        concat_ws('. ', checks.legal_basis, found.further_basis) as legal_basis,
        found.first_violation_date,
        build.as_of as checked_at
    from found
    cross join build
    inner join {{ ref('compliance_checks') }} as checks on found.check_id = checks.check_id
)

select * from final
