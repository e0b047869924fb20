-- Whether the batch has a row. $1 id
select exists (select from batch where batch_id = $1) as committed
