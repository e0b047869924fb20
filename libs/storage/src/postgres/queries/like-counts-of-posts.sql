-- How many likes stand. $1 post_id. Posts that were never liked are left out
select post_id, likes from like_count where post_id = any($1::bigint[])
