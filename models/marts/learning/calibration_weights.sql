-- One row per score_model, level and signal_id: points now, and what the past gives.
with

fitted_weights as (

    select * from {{ ref('int_calibration_weights') }}

),

calibration_weights as (

    select
        level,
        signal_id,
        '{{ var("active_score_model") }}' as score_model,
        status,
        reason,
        leaked_metrics,
        current_points,
        suggested_points,
        {{ var('conversion_days') }} as horizon_days,
        fired_examples,
        fired_accounts,
        train_examples,
        test_examples,
        converted_accounts,
        coefficient,
        coefficient_low,
        coefficient_high,
        {% for measure in ['auc', 'average_precision', 'brier', 'top_decile_lift'] %}
        {% for whose in ['', 'current_'] %}
        {% for bound in ['', '_low', '_high'] %}
        {{ whose ~ measure ~ bound }},
        {% endfor %}
        {% endfor %}
        {% endfor %}
        auc_gain,
        auc_gain_low,
        auc_gain_high,
        split_on
    from fitted_weights

)

select * from calibration_weights
