-- Up Migration

-- How many likes that stand a post was given since a time: what the posts that may be popular in a window are counted by.
create index like_state_of_post on like_state (post_id, occurred_at) where liked;
