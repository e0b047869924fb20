-- What the producers have said that they acknowledged, in events.
select producer_id, acknowledged from producer
