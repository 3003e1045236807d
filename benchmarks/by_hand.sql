-- The same marts, written by hand: one script, one pass, nothing but the result. No layers, no contracts, no
-- increments, no as-of, no classification rules in data: what someone would write who needs these tables once.
-- Reads the parsed files given as the prepared list `files`; ids and names as in the dbt project.

create temp table lines as
select
    'online_retail/' || order_ref as order_id,
    order_ref as order_number,
    upper(trim(product_ref)) as product_id,
    nullif(trim(product_title), '') as product_title,
    left(sha256('key' || customer_ref), 20) as customer_id,
    'online_retail' as channel_id,
    coalesce(nullif(trim(country), ''), 'Unspecified') as country_source_name,
    currency_code,
    quantity,
    unit_price,
    cast(quantity * unit_price as decimal(18, 4)) as line_amount,
    occurred_at,
    cast(timezone('Europe/London', timezone('UTC', occurred_at)) as date) as occurred_date,
    source_file,
    source_row,
    'online_retail/' || order_ref || '-' || source_row as order_line_id,
    case
        when order_ref like 'A%' or upper(trim(product_ref)) = 'B' then 'bad_debt'
        when upper(trim(product_ref)) in ('POST', 'DOT', 'C2') then 'shipping'
        when upper(trim(product_ref)) = 'D' then 'discount'
        when upper(trim(product_ref)) = 'M' then 'manual'
        when upper(trim(product_ref)) = 'S' then 'sample'
        when upper(trim(product_ref)) in ('BANK CHARGES', 'AMAZONFEE', 'CRUK') then 'fee'
        when upper(trim(product_ref)) like 'GIFT_0001_%' then 'gift_voucher'
        else 'product'
    end as line_kind,
    quantity < 0 and (order_ref like 'C%' or unit_price <> 0) as is_credit
from read_parquet(getvariable('files'));

create table countries as
select distinct
    country_source_name,
    coalesce(country_id, upper(country_source_name)) as country_id,
    coalesce(country_name, country_source_name) as country_name
from (select distinct country_source_name from lines)
left join country_names using (country_source_name);

create temp table events as
select
    customer_id, product_id, order_line_id, is_credit, occurred_at, abs(quantity) as units,
    quantity as signed_units
from lines
where
    line_kind = 'product' and customer_id is not null and (is_credit or (quantity > 0 and unit_price > 0))
    and (customer_id, product_id) in (
        select (customer_id, product_id) from lines where is_credit and line_kind = 'product'
    );

create temp table allocated as
with stack as (
    select
        *,
        sum(signed_units) over w as level_after,
        row_number() over w as step
    from events
    window w as (partition by customer_id, product_id order by occurred_at, signed_units desc, order_line_id)
),
floored as (
    select
        *,
        least(0, min(level_after) over w) as floor_after,
        least(0, coalesce(min(level_after) over before_it, 0)) as floor_before
    from stack
    window
        w as (partition by customer_id, product_id order by step),
        before_it as (
            partition by customer_id, product_id order by step rows between unbounded preceding and 1 preceding
        )
),
stretches as (
    select
        *,
        least(level_after - floor_after, level_after - signed_units - floor_before) as low,
        greatest(level_after - floor_after, level_after - signed_units - floor_before) as high
    from floored
),
cuts as (
    select customer_id, product_id, low as depth from stretches
    union
    select customer_id, product_id, high from stretches
),
slices as (
    select
        customer_id, product_id, depth as slice_low,
        lead(depth) over (partition by customer_id, product_id order by depth) as slice_high
    from cuts
),
visits as (
    select stretches.*, slice_low, slice_high - slice_low as slice_units
    from stretches
    join slices
        on slices.customer_id = stretches.customer_id and slices.product_id = stretches.product_id
        and low <= slice_low and high >= slice_high
),
matched as (
    select
        *,
        lag(order_line_id) over s as sold_line,
        lag(occurred_at) over s as sold_at
    from visits
    window s as (partition by customer_id, product_id, slice_low order by step)
)
select
    order_line_id as credit_line_id, sold_line as order_line_id, cast(sum(slice_units) as bigint) as units,
    occurred_at <= sold_at + interval 24 hours as is_undone
from matched
where is_credit
group by all;

create table fct_order_line as
with undone as (
    select
        order_line_id,
        coalesce(sum(units) filter (where is_undone), 0) as cancelled,
        coalesce(sum(units) filter (where not is_undone), 0) as returned
    from allocated
    group by 1
)
select
    lines.order_line_id, order_id, product_id, customer_id, channel_id, country_id, currency_code, quantity,
    cast(coalesce(cancelled, 0) as bigint) as cancelled_quantity,
    cast(coalesce(returned, 0) as bigint) as returned_quantity,
    cast(if(unit_price > 0, quantity - coalesce(cancelled, 0), 0) as bigint) as demand_quantity,
    unit_price as unit_price_shop, line_amount as gross_sales_shop, cast(0 as decimal(18, 4)) as discount_shop,
    unit_price = 0 as is_free_of_charge, occurred_at as ordered_at, occurred_date as order_date, source_file, source_row
from lines
join countries using (country_source_name)
left join undone using (order_line_id)
where line_kind = 'product' and not is_credit and quantity > 0 and (unit_price > 0 or customer_id is not null);

create table fct_return as
with credits as (
    select * from lines where line_kind = 'product' and is_credit
),
pieces as (
    select credit_line_id, order_line_id, units, if(is_undone, 'cancellation', 'return') as return_kind from allocated
    union all
    select
        credits.order_line_id, null, abs(any_value(quantity)) - coalesce(sum(units), 0), 'unmatched'
    from credits
    left join allocated on allocated.credit_line_id = credits.order_line_id
    group by credits.order_line_id
    having abs(any_value(quantity)) > coalesce(sum(units), 0)
)
select
    credits.order_line_id || '/' || row_number() over (
        partition by credits.order_line_id order by pieces.order_line_id nulls last
    ) as return_line_id,
    credits.order_line_id as credit_line_id, order_id as return_id, pieces.order_line_id, product_id, customer_id,
    channel_id, country_id, currency_code, return_kind, cast(units as bigint) as quantity,
    unit_price as unit_price_shop, cast(units * unit_price as decimal(18, 4)) as amount_shop,
    occurred_at as returned_at, occurred_date as return_date, source_file, source_row
from pieces
join credits on credits.order_line_id = pieces.credit_line_id
join countries using (country_source_name);

create table fct_charge as
select
    order_line_id as charge_id, order_id, product_id as charge_code, customer_id, channel_id, country_id, currency_code,
    line_kind as charge_kind, product_title as charge_title, quantity, unit_price as unit_price_shop,
    line_amount as amount_shop, is_credit, occurred_at as charged_at, occurred_date as charge_date, source_file,
    source_row
from lines
join countries using (country_source_name)
where line_kind <> 'product';

create table fct_stock_adjustment as
select
    order_line_id as adjustment_id, order_id as adjustment_number, product_id, channel_id,
    if(quantity < 0, 'write_off', 'stock_found') as adjustment_kind, product_title as note, quantity,
    occurred_at as adjusted_at, occurred_date as adjustment_date, source_file, source_row
from lines
where line_kind = 'product' and not is_credit and (quantity < 0 or (unit_price = 0 and customer_id is null));

create table fct_order as
with charges as (
    select
        order_id,
        sum(amount_shop) filter (where charge_kind = 'shipping') as shipping_shop,
        sum(amount_shop) filter (where charge_kind <> 'shipping') as other_charges_shop
    from fct_charge
    group by order_id
),
orders as (
    select
        order_id, min(customer_id) as customer_id, min(channel_id) as channel_id, min(country_id) as country_id,
        min(currency_code) as currency_code, count(*) as line_count, count(distinct product_id) as product_count,
        sum(quantity) as unit_count, sum(demand_quantity) as demand_unit_count,
        sum(gross_sales_shop) as gross_sales_shop, sum(discount_shop) as discounts_shop,
        sum(cancelled_quantity * unit_price_shop) as cancelled_sales_shop,
        sum(returned_quantity * unit_price_shop) as returned_sales_shop,
        bool_and(is_free_of_charge or cancelled_quantity = quantity) as is_fully_cancelled,
        min(ordered_at) as ordered_at, min(order_date) as order_date
    from fct_order_line
    group by order_id
)
select
    orders.*, coalesce(shipping_shop, 0) as shipping_shop, coalesce(other_charges_shop, 0) as other_charges_shop
from orders
left join charges using (order_id);

create table fct_daily_product_sales as
with movements as (
    select
        order_date as sales_date, product_id, sum(quantity) as ordered_units, sum(cancelled_quantity) as cancelled_units,
        sum(demand_quantity) as demand_units, 0 as returned_units, count(distinct order_id) as order_count,
        sum(gross_sales_shop) as gross_sales_shop, 0 as returns_shop
    from fct_order_line
    group by all
    union all
    select return_date, product_id, 0, 0, 0, sum(quantity), 0, 0, sum(amount_shop) from fct_return group by all
)
select
    sales_date, product_id, sum(ordered_units) as ordered_units, sum(cancelled_units) as cancelled_units,
    sum(demand_units) as demand_units, sum(returned_units) as returned_units, sum(order_count) as order_count,
    sum(gross_sales_shop) as gross_sales_shop, sum(returns_shop) as returns_shop,
    sum(gross_sales_shop - returns_shop) as net_sales_shop
from movements
group by all;

create table fct_daily_country_sales as
with movements as (
    select
        order_date as sales_date, country_id, sum(demand_quantity) as demand_units,
        count(distinct order_id) as order_count, count(distinct customer_id) as customer_count,
        sum(gross_sales_shop) as gross_sales_shop, 0 as discounts_shop, 0 as returns_shop
    from fct_order_line
    group by all
    union all
    select return_date, country_id, 0, 0, 0, 0, 0, sum(amount_shop) from fct_return group by all
    union all
    select charge_date, country_id, 0, 0, 0, 0, -sum(amount_shop), 0
    from fct_charge
    where charge_kind = 'discount'
    group by all
)
select
    sales_date, country_id, sum(demand_units) as demand_units, sum(order_count) as order_count,
    sum(customer_count) as customer_count, sum(gross_sales_shop) as gross_sales_shop,
    sum(discounts_shop) as discounts_shop, sum(returns_shop) as returns_shop,
    sum(gross_sales_shop - discounts_shop - returns_shop) as net_sales_shop
from movements
group by all;

create table dim_country as
select country_id, min(country_name) as country_name from countries group by country_id;

create table dim_channel as
select distinct channel_id from lines;

create table dim_product as
with titles as (
    select product_id, product_title, count(*) as uses, max(occurred_at) as last_used
    from lines
    where line_kind = 'product' and product_title is not null and (is_credit or (quantity > 0 and (unit_price > 0 or customer_id is not null)))
    group by all
),
named as (
    select product_id, arg_max(product_title, (uses, last_used, product_title)) as product_title from titles group by 1
),
sold as (
    select
        product_id, min(order_date) as first_sold_date, max(order_date) as last_sold_date,
        sum(demand_quantity) as demand_units
    from fct_order_line
    where not is_free_of_charge
    group by 1
),
priced as (
    select product_id, median(unit_price_shop) as current_price_shop
    from fct_order_line
    join sold using (product_id)
    where not is_free_of_charge and order_date > last_sold_date - 90
    group by 1
),
revenue as (
    select product_id, sum(net_sales_shop) as net_sales_shop
    from fct_daily_product_sales
    where sales_date > (select max(occurred_date) from lines where line_kind = 'product') - 365
    group by 1
),
ranked as (
    select
        *,
        sum(greatest(net_sales_shop, 0)) over (
            order by net_sales_shop desc, product_id rows between unbounded preceding and 1 preceding
        ) / nullif(sum(greatest(net_sales_shop, 0)) over (), 0) as share_before
    from revenue
)
select
    product_id, coalesce(product_title, product_id) as product_title,
    case
        when net_sales_shop is null or net_sales_shop <= 0 then 'C'
        when coalesce(share_before, 0) < 0.80 then 'A'
        when share_before < 0.95 then 'B'
        else 'C'
    end as abc_class,
    coalesce(demand_units, 0) as demand_units, current_price_shop, first_sold_date, last_sold_date
from (select distinct product_id from lines where line_kind = 'product')
left join named using (product_id)
left join sold using (product_id)
left join priced using (product_id)
left join ranked using (product_id);

create table dim_customer as
with seen as (
    select customer_id, arg_max(country_id, (happened_at, document_id)) as country_id
    from (
        select customer_id, country_id, ordered_at as happened_at, order_id as document_id from fct_order
        union all
        select customer_id, country_id, returned_at, return_line_id from fct_return
        union all
        select customer_id, country_id, charged_at, charge_id from fct_charge
    )
    where customer_id is not null
    group by 1
),
bought as (
    select
        customer_id, count(*) as order_count, sum(gross_sales_shop - discounts_shop - cancelled_sales_shop) as sales_shop,
        min(order_date) as first_order_date, max(order_date) as last_order_date
    from fct_order
    where customer_id is not null and not is_fully_cancelled
    group by 1
),
returned as (
    select customer_id, sum(amount_shop) as returns_shop
    from fct_return
    where customer_id is not null and return_kind <> 'cancellation'
    group by 1
)
select
    customer_id, country_id, coalesce(order_count, 0) as order_count, coalesce(sales_shop, 0) as sales_shop,
    coalesce(returns_shop, 0) as returns_shop, first_order_date, last_order_date
from seen
left join bought using (customer_id)
left join returned using (customer_id);

create table dim_date as
select
    cast(day as date) as date_day, cast(date_trunc('week', day) as date) as week_start_date,
    cast(day as date) in (select order_date from fct_order) as is_trading_day
from generate_series(
    (select min(occurred_date) from lines)::timestamp, (select max(occurred_date) from lines)::timestamp, interval 1 day
) as days(day);
