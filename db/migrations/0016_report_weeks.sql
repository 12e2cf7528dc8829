-- The weeks of the report are found without reading every day that there ever was: the expression is that of report_rates and report_funnel.
CREATE INDEX report_day_week ON report_day ((day - (extract(isodow FROM day)::int - 1)));
