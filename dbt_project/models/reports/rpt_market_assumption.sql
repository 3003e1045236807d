select
    assumption_id,
    name,
    value,
    unit,
    explanation
from {{ ref('market_assumptions') }}
