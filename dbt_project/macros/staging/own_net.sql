{#- Holds the amounts of a report to the net that it states itself: gives the CTE `parsed` of a CTE `rows_read` (with load_id)
    and all its `columns`. `of` are alternatives, each a product of columns, of which the first that is known counts; `less`
    are the amounts that are taken off it, `net` is the file's own. `within`: columns that hold the rows of one sum together,
    such as an order's lines, where `less` and `net` stand on its first one.
    What sign the amounts of `less` have, the file says by its own arithmetic, as a whole: of all ways to write them the one
    by which most of its rows add up, first the one that the contract says. An amount in a row that does not add up by it is
    not known, nor is one below zero that no net proves. Adds own_whole_amount, what they are taken off, and contradicts_net. -#}
{% macro hold_to_own_net(rows_read, of, less, net, columns, within=none) -%}
{%- set ways = signs_of(less | length) -%}
signed as (
    select
        {{ (columns + (within or [])) | unique | join(',\n        ') }},
        {{ whole_amount(of, within) }} as own_whole_amount
    from {{ rows_read }}
),

proven as (
    select
        load_id,
        {%- for signs in ways %}
        sum(case when {{ adds_up_by(signs, less, net) }} then 1 else 0 end) as way_{{ loop.index0 }}{{ ',' if not loop.last }}
        {%- endfor %}
    from signed
    where {{ net }} is not null
    group by load_id
),

ways as (
    select
        load_id,
        case
            {%- for signs in ways %}
            when way_{{ loop.index0 }} = greatest({% for _ in ways %}way_{{ loop.index0 }}{{ ', ' if not loop.last }}{% endfor %}) then {{ loop.index0 }}
            {%- endfor %}
        end as way
    from proven
),

parsed as (
    select
        {%- for column in columns %}
        {%- if column in less %}
        {%- set place = less.index(column) %}
        case coalesce(ways.way, 0)
            {%- for signs in ways %}
            when {{ loop.index0 }}
                then case
                    when signed.{{ net }} is null and {{ signs[place] }}signed.{{ column }} < 0 then null
                    when signed.{{ net }} is null or {{ adds_up_by(signs, less, net, 'signed.') }} then {{ signs[place] }}signed.{{ column }}
                end
            {%- endfor %}
        end as {{ column }}
        {%- else %}
        signed.{{ column }}
        {%- endif %},
        {%- endfor %}
        signed.own_whole_amount,
        {% for column in less %}signed.{{ column }} is not null and {% endfor %}not coalesce(
            case coalesce(ways.way, 0)
                {%- for signs in ways %}
                when {{ loop.index0 }} then {{ adds_up_by(signs, less, net, 'signed.') }}
                {%- endfor %}
            end, true
        ) as contradicts_net
    from signed
    left join ways on ways.load_id = signed.load_id
)
{%- endmacro %}

{#- All ways to write so many amounts: each as it is ('') or with the other sign ('-'), the first all as they are. -#}
{% macro signs_of(count) %}
    {%- set ways = [[]] -%}
    {%- for _ in range(count) -%}
        {%- set longer = [] -%}
        {%- for sign in ['', '-'] -%}{%- for signs in ways -%}{%- do longer.append(signs + [sign]) -%}{%- endfor -%}{%- endfor -%}
        {%- do ways.clear() -%}
        {%- do ways.extend(longer) -%}
    {%- endfor -%}
    {{ return(ways) }}
{% endmacro %}

{#- Whether a row adds up to its net, its amounts written so; what it lacks is nothing. -#}
{% macro adds_up_by(signs, less, net, alias='') -%}
    {{ alias }}own_whole_amount
    {%- for column in less %} - ({{ signs[loop.index0] }}coalesce({{ alias }}{{ column }}, 0)){% endfor %} = {{ alias }}{{ net }}
{%- endmacro %}

{#- What the amounts are taken off: the first product that a row has, or the sum of those of the rows that belong together. -#}
{% macro whole_amount(of, within) -%}
    {%- set amount -%}
        coalesce({% for product in of %}{{ product | join(' * ') }}{{ ', ' if not loop.last }}{% endfor %}, null)
    {%- endset -%}
    {{ 'sum(' ~ amount ~ ') over (partition by load_id, ' ~ within | join(', ') ~ ')' if within else amount }}
{%- endmacro %}
