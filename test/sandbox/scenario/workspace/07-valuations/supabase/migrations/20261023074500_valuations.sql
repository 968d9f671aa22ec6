create table public.valuations (
  id uuid primary key default gen_random_uuid(),
  owner_id uuid not null references auth.users (id),
  vin text not null,
  mileage integer,
  amount numeric(12, 2),
  created_at timestamptz not null default now()
);

create table public.public_tokens (
  id uuid primary key default gen_random_uuid(),
  token text not null unique,
  valuation_id uuid not null references public.valuations (id) on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null default now() + interval '30 days'
);

alter table public.valuations enable row level security;
alter table public.public_tokens enable row level security;

create policy "Own valuations" on public.valuations for all to authenticated using (auth.uid() = owner_id);
create policy "Whoever has a link may read" on public.public_tokens for select using (true);
create policy "Links are made by anybody" on public.public_tokens for insert to authenticated with check (true);
