-- Up Migration

-- What could not be committed because of its content, whole and with why. `payload` is JSON text as bytes: jsonb refuses
-- what may have killed it. One row stands for one event, or for all events of a job that could not be read.
create table dead_letter (
  dead_letter_id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  replayed_at timestamptz,
  batch_id uuid not null,
  event_id uuid,
  attempts integer not null,
  event_count integer not null,
  event_type text,
  code text not null,
  reason text not null,
  payload bytea not null
);
