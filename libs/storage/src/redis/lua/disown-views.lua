-- What says that the views of a kind are whole goes, unless a worker keeps them: nobody else does, so they would go wrong.
--
-- KEYS 1: lease; 2: complete; 3: token
-- out: 1 a worker keeps them, 0 nobody does

if redis.call('EXISTS', KEYS[1]) == 1 then return 1 end
redis.call('DEL', KEYS[2], KEYS[3])
return 0
