create table public.keywords (
  id bigint generated always as identity primary key,
  phrase text not null unique,
  active boolean not null default true,
  created_at timestamptz not null default now()
);

create table public.keyword_mentions (
  id bigint generated always as identity primary key,
  keyword_id bigint not null references public.keywords (id),
  hits integer not null,
  created_at timestamptz not null default now()
);

alter table public.keywords enable row level security;
alter table public.keyword_mentions enable row level security;
