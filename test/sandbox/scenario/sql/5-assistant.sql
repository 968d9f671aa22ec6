-- The assistant: conversations, sessions (some unused for ninety days), 16,000 messages, memory, its activity, calls of
-- functions with their errors, and the front end's uptime checks every five minutes.
select setseed(0.55);

insert into public.conversations (id, user_id, title, created_at)
select md5('conversation ' || n)::uuid, md5('user ' || 1 + n % 240)::uuid, 'Conversation ' || n, now() - power(random(), 1.8) * interval '200 days'
from generate_series(1, 600) as n;

insert into public.conversation_sessions (id, conversation_id, user_id, session_key, is_active, created_at, updated_at)
select
  md5('chat session ' || n)::uuid,
  md5('conversation ' || 1 + n % 600)::uuid,
  md5('user ' || 1 + n % 240)::uuid,
  'sess_' || substr(md5('key ' || n), 1, 20),
  n % 14 = 0,
  used - random() * interval '3 hours',
  used
from generate_series(1, 1600) as n,
  lateral (select now() - case when n % 14 = 0 then random() * interval '26 hours' else power(random(), 1.5) * interval '190 days' end as used) as dates;

insert into public.conversation_messages (session_id, role, content, metadata, "timestamp")
select
  md5('chat session ' || 1 + n % 1600)::uuid,
  case n % 2 when 0 then 'user' else 'assistant' end,
  repeat('words of a message that somebody wrote, number ' || n || '. ', 1 + n % 6),
  jsonb_build_object('tokens', 20 + n % 300),
  now() - power(random(), 2.5) * interval '120 days'
from generate_series(1, 16000) as n;

insert into public.memory_contexts (user_id, context_type, content, importance, created_at)
select md5('user ' || 1 + n % 240)::uuid, (array['fact', 'preference', 'summary'])[1 + n % 3], 'Remembered no. ' || n, round(random()::numeric, 2), now() - random() * interval '150 days'
from generate_series(1, 1200) as n;

-- Vacuum is off here, as somebody left it: the updates below leave dead rows.
alter table public.eliza_activity_log set (autovacuum_enabled = false);

insert into public.eliza_activity_log (activity_type, title, status, created_at)
select (array['answer', 'tool_call', 'summary', 'sync'])[1 + n % 4], 'Activity ' || n, 'running', now() - power(random(), 3) * interval '60 days'
from generate_series(1, 12000) as n;

update public.eliza_activity_log set status = case when id % 23 = 0 then 'failed' else 'completed' end where id % 2 = 0;

insert into public.api_call_logs (function_name, status, error_message, execution_time_ms, created_at)
select
  function_name,
  case when error is null then 'ok' else 'error' end,
  error,
  35 + (power(random(), 5) * 4000)::int,
  made
from generate_series(1, 7000) as n,
  lateral (select
    (array['health', 'mint-token', 'generate-image', 'auth', 'payments-circle-webhook', 'upload-metadata', 'generate-valuation-pdf'])[1 + n % 7] as function_name,
    now() - interval '40 minutes' - power(random(), 2) * interval '30 days' as made) as calls,
  lateral (select case
    when n % 31 = 0 then (array['upstream timed out', 'JSON object requested, multiple (or no) rows returned', 'Invalid signature'])[1 + n % 3]
  end as error) as errors;

insert into public.api_call_logs (function_name, status, error_message, execution_time_ms, created_at)
select 'mint-token', 'error', 'TypeError: Cannot read properties of undefined (reading ''lamports'')', 6 + n % 9, now() - n * interval '45 seconds'
from generate_series(1, 50) as n;

insert into public.uptime_checks (target, ok, response_ms, created_at)
select 'https://app.acme.test/api/health', n not in (61, 62, 63), 80 + (random() * 120)::int, now() - n * interval '5 minutes'
from generate_series(0, 700) as n;

insert into public.keywords (phrase, active)
values ('refund', true), ('too slow', true), ('love it', true), ('does not load', true), ('cancel', true), ('old app', false);

insert into public.keyword_mentions (keyword_id, hits, created_at)
select 1 + n % 6, 1 + n % 9, now() - n * interval '31 minutes' from generate_series(1, 400) as n;
