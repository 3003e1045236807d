with

classes as (
    select * from {{ ref('row_classes') }}
),

reconciled as (
    select * from {{ ref('fct_source_reconciliation') }}
),

final as (
    select
        reconciled.row_class,
        cast(coalesce(classes.class_order, 99) as bigint) as class_order,
        coalesce(classes.explanation, '') as explanation,
        reconciled.is_in_marts,
        reconciled.row_count,
        reconciled.unit_count,
        reconciled.amount_shop
    from reconciled
    left join classes using (row_class)
)

select * from final
