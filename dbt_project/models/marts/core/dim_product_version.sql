{#- What each source said of a product, and from when to when. All versions of a record count, whatever order they were
    landed in: the next one ends the one before, the record's deletion the last. Of several on one day the last holds;
    what says the same as the version before is no version of its own. -#}
{%- set told = [
    'product_group_ref', 'variant_ref', 'product_title', 'variant_title', 'category', 'brand', 'gtin', 'mpn', 'asin',
    'status', 'is_gift_card', 'is_bundle', 'price_amount', 'compare_at_amount', 'cost_amount', 'currency_code',
    'weight_grams'
] %}
with

build as (
    select * from {{ source('raw', 'build') }}
),

versions as (
    select
        products.*,
        upper(trim(products.product_ref)) as product_id,
        coalesce(products.version_at, products.occurred_at, products.known_at) as changed_at,
        {{ local_date('coalesce(products.version_at, products.occurred_at, products.known_at)') }} as changed_date
    from {{ source('raw', 'products') }} as products
    cross join build
),

-- of one moment the version that was learned of last, with all of the record's rows
moments as (
    select
        source,
        coalesce(record_ref, product_id) as record_key,
        changed_date,
        max({ 'changed_at': changed_at, 'known_at': known_at, 'load_id': load_id, 'source_file': source_file })
            as version
    from versions
    group by all
),

deletions as (
    select
        deletions.source,
        deletions.record_ref as record_key,
        {{ local_date('deletions.occurred_at') }} as changed_date
    from {{ source('raw', 'deletions') }} as deletions
    cross join build
    where deletions.entity = 'products'
),

-- a day's version ends when the record changes next, or is deleted
steps as (
    select
        source,
        record_key,
        changed_date,
        version
    from moments
    union all
    select
        deletions.source,
        deletions.record_key,
        deletions.changed_date,
        null as version
    from deletions
    anti join moments
        on
            deletions.source = moments.source
            and deletions.record_key = moments.record_key
            and deletions.changed_date = moments.changed_date
),

stretches as (
    select
        *,
        lead(changed_date) over (partition by source, record_key order by changed_date) as next_date
    from steps
    qualify version is not null
),

held as (
    select
        versions.source,
        coalesce(versions.record_ref, versions.product_id) as record_key,
        versions.product_id,
        {{ told | join(', ') }},
        versions.changed_at,
        stretches.changed_date as valid_from,
        stretches.next_date as valid_to
    from versions
    inner join stretches
        on
            versions.source = stretches.source
            and coalesce(versions.record_ref, versions.product_id) = stretches.record_key
            and versions.changed_date = stretches.changed_date
            and versions.changed_at = stretches.version.changed_at
            and versions.known_at = stretches.version.known_at
            and versions.load_id = stretches.version.load_id
            and versions.source_file = stretches.version.source_file
    qualify row_number() over (
        partition by
            versions.source, coalesce(versions.record_ref, versions.product_id), versions.product_id,
            stretches.changed_date
        order by versions.source_row desc
    ) = 1
),

compared as (
    select
        *,
        -- what a version says, as one value: two unknown things are the same there
        row(
            {{ told | join(', ') }}
        ) as said,
        lag(valid_to) over in_time as ended_before
    from held
    window in_time as (partition by source, record_key, product_id order by valid_from)
),

changes as (
    select
        *,
        coalesce(
            ended_before <> valid_from
            or said <> lag(said) over (partition by source, record_key, product_id order by valid_from),
            true
        ) as is_change
    from compared
),

numbered as (
    select
        *,
        count(*) filter (where is_change) over (
            partition by source, record_key, product_id
            order by valid_from
            rows between unbounded preceding and current row
        ) as version_number
    from changes
),

final as (
    select
        source || '/' || record_key || '/' || product_id || '@' || strftime(min(valid_from), '%Y-%m-%d')
            as product_version_id,
        product_id,
        source,
        record_key,
        cast(version_number as integer) as version_number,
        {% for name in told -%}
        arg_min({{ name }}, valid_from) as {{ name }},
        {% endfor -%}
        max(valid_to is null) as is_current,
        min(valid_from) as valid_from,
        if(max(valid_to is null), null, max(valid_to)) as valid_to,
        min(changed_at) as changed_at
    from numbered
    group by product_id, source, record_key, version_number
)

select * from final
