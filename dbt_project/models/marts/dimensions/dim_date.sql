-- One row per calendar day from 2000 to 2049.
with days as (
    {{ day_series('2000-01-01', '2049-12-31') }}
)

select
    date_day,
    {{ first_day_of('week', 'date_day') }} as week_start,
    {{ first_day_of('month', 'date_day') }} as month_start,
    {{ first_day_of('quarter', 'date_day') }} as quarter_start,
    {{ first_day_of('year', 'date_day') }} as year_start,
    {{ iso_part('year', 'date_day') }} as iso_year,
    {{ iso_part('week', 'date_day') }} as iso_week,
    {{ iso_part('weekday', 'date_day') }} as iso_weekday
from days
