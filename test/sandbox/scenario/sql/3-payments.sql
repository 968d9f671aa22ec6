-- Two months of webhook deliveries (a third of them older than thirty days), the keys that make them safe to repeat, and
-- what the security log noted. Some failures in the last hour.
select setseed(0.33);

insert into public.webhook_logs (provider, event_type, event_id, status, error_message, duration_ms, created_at)
select
  'circle',
  (array['payments.confirmed', 'payments.confirmed', 'payments.failed', 'wallets.created'])[1 + n % 4],
  'evt_' || md5('event ' || n),
  case when failed then 'error' else 'ok' end,
  case when failed then (array['Invalid signature', 'upstream timed out', 'duplicate key value violates unique constraint "idempotency_keys_pkey"'])[1 + n % 3] end,
  30 + (power(random(), 4) * 2400)::int,
  now() - power(random(), 1.4) * interval '62 days'
from generate_series(1, 9000) as n, lateral (select n % 32 = 5 as failed) as luck;

insert into public.webhook_logs (provider, event_type, event_id, status, error_message, duration_ms, created_at)
select 'circle', 'payments.confirmed', 'evt_' || md5('late event ' || n), case when n % 8 = 0 then 'error' else 'ok' end,
  case when n % 8 = 0 then 'Invalid signature' end, 40 + n, now() - n * interval '70 seconds'
from generate_series(1, 48) as n;

insert into public.idempotency_keys (key, function_name, response, created_at, expires_at)
select event_id, 'payments-circle-webhook', '{"processed": true}', created_at, created_at + interval '7 days'
from public.webhook_logs where status = 'ok' and created_at > now() - interval '40 days';

insert into public.security_events (event_type, severity, source_ip, user_id, detail, created_at)
select
  kind,
  case kind when 'invalid_signature' then 'high' when 'failed_sign_in' then 'medium' else 'low' end,
  ('198.51.100.' || n % 60)::inet,
  case when kind = 'failed_sign_in' then md5('user ' || 1 + n % 240)::uuid end,
  jsonb_build_object('note', kind || ' no. ' || n),
  now() - power(random(), 2) * interval '45 days'
from generate_series(1, 320) as n,
  lateral (select (array['invalid_signature', 'failed_sign_in', 'failed_sign_in', 'rate_limited', 'key_read'])[1 + n % 5] as kind) as kinds;

insert into public.rate_limits (identifier, endpoint, request_count, window_start)
select
  '203.0.113.' || n % 60,
  (array['/functions/v1/auth', '/functions/v1/mint-token', '/rest/v1/tokens'])[1 + n % 3],
  case when n % 11 = 0 then 100 + n else 1 + n % 40 end,
  now() - n * interval '80 seconds'
from generate_series(1, 900) as n;
