{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed('int_changes__visit_days', 'visit_date') }}"
) }}

with

events as (
    select
        session_id,
        channel_id,
        event_kind,
        search_query,
        result_count,
        event_number,
        visit_date
    from {{ ref('fct_event') }}
    where
        event_kind in ('search', 'product_view', 'add_to_cart', 'purchase')
        and {{ only_changed('int_changes__visit_days', 'visit_date') }}
),

followed as (
    select
        *,
        min(if(event_kind = 'search', event_number, null)) over later as next_search_number,
        min(if(event_kind = 'product_view', event_number, null)) over later as next_product_view_number,
        min(if(event_kind = 'add_to_cart', event_number, null)) over later as next_add_to_cart_number,
        min(if(event_kind = 'purchase', event_number, null)) over later as next_purchase_number
    from events
    window
        later as (
            partition by session_id order by event_number rows between 1 following and unbounded following
        )
),

counted as (
    select
        coalesce(nullif(trim(search_query), ''), '(empty)') as search_term,
        channel_id,
        count(*) as search_count,
        count(distinct session_id) as session_count,
        count(*) filter (where result_count > 0) as with_results_count,
        count(*) filter (where result_count = 0) as without_results_count,
        count(*) filter (
            where
            next_product_view_number is not null
            and coalesce(next_product_view_number < next_search_number, true)
        ) as click_count,
        count(distinct session_id) filter (where next_add_to_cart_number is not null) as cart_session_count,
        count(distinct session_id) filter (where next_purchase_number is not null) as purchase_session_count,
        visit_date
    from followed
    where event_kind = 'search'
    group by all
),

final as (
    select
        * exclude (visit_date),
        {{ percent_of('without_results_count', 'with_results_count + without_results_count') }} as without_results_pct,
        {{ percent_of('click_count', 'search_count') }} as click_pct,
        {{ percent_of('purchase_session_count', 'session_count') }} as purchase_pct,
        visit_date
    from counted
)

select * from final
