create table public.webhook_logs (
  id bigint generated always as identity primary key,
  provider text not null,
  event_type text,
  event_id text,
  status text not null,
  error_message text,
  duration_ms integer,
  created_at timestamptz not null default now()
);

create index idx_webhook_logs_created_at on public.webhook_logs (created_at);
create index idx_webhook_logs_created on public.webhook_logs (created_at);

-- One row per event that was handled, so that a repeated delivery changes nothing.
create table public.idempotency_keys (
  key text primary key,
  function_name text not null,
  response jsonb,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null default now() + interval '7 days'
);

create table public.security_events (
  id bigint generated always as identity primary key,
  event_type text not null,
  severity text not null check (severity in ('low', 'medium', 'high')),
  source_ip inet,
  user_id uuid,
  detail jsonb not null default '{}',
  created_at timestamptz not null default now()
);

alter table public.idempotency_keys enable row level security;
alter table public.security_events enable row level security;
