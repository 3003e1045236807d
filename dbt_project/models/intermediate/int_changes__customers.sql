{#- The persons whose orders must be counted anew: those of the orders that this build makes again, and those whom these
    orders were counted for until now. -#}
with

changed as (
    select order_id from {{ ref('int_changes__orders') }}
),

final as (
    select orders.customer_id
    from {{ ref('fct_order') }} as orders
    inner join changed on orders.order_id = changed.order_id
    where orders.customer_id is not null
    {% if was_built('fct_customer_order', 'marts') -%}
    union
    select counted.customer_id
    from marts.fct_customer_order as counted
    inner join changed on counted.order_id = changed.order_id
    {%- else -%}
    group by orders.customer_id
    {%- endif %}
)

select * from final
