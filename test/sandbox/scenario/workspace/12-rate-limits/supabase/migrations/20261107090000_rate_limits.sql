create table public.rate_limits (
  id bigint generated always as identity primary key,
  identifier text not null,
  endpoint text not null,
  request_count integer not null default 1,
  window_start timestamptz not null default now()
);

create index idx_rate_limits_identifier on public.rate_limits (identifier, window_start desc);
