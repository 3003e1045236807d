with

newest as (
    {{ newest_versions('order_lines') }}
),

build as (
    select * from {{ source('raw', 'build') }}
),

gone as (
    select order_id from {{ ref('stg_orders') }}
    where is_deleted
),

final as (
    select
        newest.source || '/' || newest.order_ref as order_id,
        newest.order_ref as order_number,
        newest.order_line_ref,
        newest.credits_line_ref,
        newest.line_kind as source_line_kind,
        -- the same article is written with an upper- or a lower-case suffix
        upper(trim(newest.product_ref)) as product_id,
        nullif(trim(newest.product_title), '') as product_title,
        newest.customer_pseudonym as customer_id,
        coalesce(newest.channel, newest.source) as channel_id,
        coalesce(nullif(trim(newest.country), ''), 'Unspecified') as country_source_name,
        newest.source,
        newest.source_file,
        newest.source_row,
        newest.load_id,
        newest.record_ref,
        newest.currency_code,
        newest.quantity,
        newest.unit_price,
        cast(newest.quantity * newest.unit_price as decimal(18, 4)) as line_amount,
        coalesce(newest.discount_amount, 0) as discount_amount,
        coalesce(newest.tax_amount, 0) as tax_amount,
        newest.occurred_at,
        {{ local_date('newest.occurred_at') }} as occurred_date,
        newest.version_at,
        newest.known_at,
        newest.source || '/' || newest.order_ref in (select gone.order_id from gone) as is_deleted
    from newest
    cross join build
)

select * from final
