-- Every job of the durable lane that is not completed: `<batch id>.<events>`. $1 the lane's name
select singleton_key as key from pgboss.job where name = $1 and state <> 'completed'
