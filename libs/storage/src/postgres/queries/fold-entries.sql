-- Enters commits in the books that were added up; see the function. $1 versions, $2 rows at most, $3 merged view debts
select fold_entries($1::smallint[], $2::integer, $3::bigint[]) as folded
