-- $1 ids of debts whose minutes are in the views
delete from view_debt where debt_id = any($1::bigint[])
