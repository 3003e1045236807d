with

order_lines as (
    select * from {{ source('raw', 'order_lines') }}
),

build as (
    select * from {{ source('raw', 'build') }}
),

renamed as (
    select
        order_lines.source || '/' || order_lines.order_ref as order_id,
        order_lines.order_ref as order_number,
        order_lines.order_line_ref,
        -- the same article is written with an upper- or a lower-case suffix
        upper(trim(order_lines.product_ref)) as product_id,
        nullif(trim(order_lines.product_title), '') as product_title,
        order_lines.customer_pseudonym as customer_id,
        coalesce(order_lines.channel, order_lines.source) as channel_id,
        coalesce(nullif(trim(order_lines.country), ''), 'Unspecified') as country_source_name,
        order_lines.source,
        order_lines.source_file,
        order_lines.source_row,
        order_lines.load_id,
        order_lines.currency_code,
        order_lines.quantity,
        order_lines.unit_price,
        cast(order_lines.quantity * order_lines.unit_price as decimal(18, 4)) as line_amount,
        coalesce(order_lines.discount_amount, 0) as discount_amount,
        coalesce(order_lines.tax_amount, 0) as tax_amount,
        order_lines.occurred_at,
        cast(
            timezone(build.shop_time_zone, timezone('UTC', order_lines.occurred_at)) as date
        ) as occurred_date,
        order_lines.known_at
    from order_lines
    cross join build
)

select * from renamed
