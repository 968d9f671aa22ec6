create table public.tokens (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  symbol text not null,
  creator_wallet text not null,
  mint_address text,
  metadata_uri text,
  supply numeric(20, 0) not null default 1000000000,
  status text not null default 'minted',
  created_at timestamptz not null default now()
);

create table public.token_images (
  id bigint generated always as identity primary key,
  token_id uuid not null references public.tokens (id) on delete cascade,
  storage_path text not null,
  bytes integer not null,
  created_at timestamptz not null default now()
);

-- Was meant for the search page, which never came.
create index idx_tokens_symbol on public.tokens (symbol);

alter table public.tokens enable row level security;
alter table public.token_images enable row level security;

create policy "Tokens are public" on public.tokens for select using (true);
create policy "Images are public" on public.token_images for select using (true);
