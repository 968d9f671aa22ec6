create table public.uptime_checks (
  id bigint generated always as identity primary key,
  target text not null,
  ok boolean not null,
  response_ms integer,
  created_at timestamptz not null default now()
);

alter table public.uptime_checks enable row level security;

create view public.system_health_summary as
select
  (select count(*) from public.uptime_checks where created_at > now() - interval '1 hour') as frontend_uptime_checks,
  (select count(*) from public.api_call_logs where status = 'error' and created_at > now() - interval '1 hour') as recent_function_errors,
  (select count(*) from public.conversation_messages where "timestamp" > now() - interval '1 hour') as messages_last_hour,
  (select count(*) from public.conversation_sessions where is_active) as active_sessions,
  now() as checked_at;
