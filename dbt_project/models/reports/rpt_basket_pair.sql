{#- Pairs, each once: of its two rules the one with the greater confidence. -#}
with

rules as (
    select * from {{ source('models', 'basket_rule') }}
    where position('+' in antecedent_product_ids) = 0 and position('+' in consequent_product_ids) = 0
),

directed as (
    select
        *,
        row_number() over (
            partition by
                least(antecedent_product_ids, consequent_product_ids),
                greatest(antecedent_product_ids, consequent_product_ids)
            order by confidence desc, antecedent_product_ids asc
        ) as direction
    from rules
),

final as (
    select
        row_number() over (
            order by
                directed.lift * sqrt(directed.together_count) desc, directed.antecedent_product_ids,
                directed.consequent_product_ids asc
        ) as rank,
        directed.antecedent_product_ids as product_id_a,
        products_a.product_title as product_title_a,
        directed.consequent_product_ids as product_id_b,
        products_b.product_title as product_title_b,
        cast(directed.together_count as bigint) as together_count,
        cast(directed.confidence as double) as confidence,
        cast(directed.lift as double) as lift,
        cast(directed.support as double) as support
    from directed
    left join {{ ref('dim_product') }} as products_a on directed.antecedent_product_ids = products_a.product_id
    left join {{ ref('dim_product') }} as products_b on directed.consequent_product_ids = products_b.product_id
    where directed.direction = 1
)

select * from final
