create table public.conversations (
  id uuid primary key default gen_random_uuid(),
  user_id uuid references auth.users (id) on delete set null,
  title text not null default 'Untitled',
  created_at timestamptz not null default now()
);

create table public.conversation_sessions (
  id uuid primary key default gen_random_uuid(),
  conversation_id uuid references public.conversations (id) on delete cascade,
  user_id uuid,
  session_key text not null unique,
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table public.conversation_messages (
  id bigint generated always as identity primary key,
  session_id uuid not null references public.conversation_sessions (id) on delete cascade,
  role text not null check (role in ('user', 'assistant', 'system')),
  content text not null,
  metadata jsonb not null default '{}',
  "timestamp" timestamptz not null default now()
);

create index idx_messages_timestamp on public.conversation_messages ("timestamp");

create table public.memory_contexts (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null,
  context_type text not null,
  content text not null,
  importance numeric(3, 2) not null default 0.5,
  metadata jsonb not null default '{}',
  created_at timestamptz not null default now()
);

create table public.eliza_activity_log (
  id bigint generated always as identity primary key,
  activity_type text not null,
  title text not null,
  status text not null default 'completed',
  metadata jsonb not null default '{}',
  created_at timestamptz not null default now()
);

create table public.api_call_logs (
  id bigint generated always as identity primary key,
  function_name text not null,
  status text not null,
  error_message text,
  execution_time_ms integer,
  created_at timestamptz not null default now()
);

create index idx_api_call_logs_created_at on public.api_call_logs (created_at);

alter table public.conversations enable row level security;
alter table public.conversation_sessions enable row level security;
alter table public.conversation_messages enable row level security;
alter table public.memory_contexts enable row level security;
alter table public.api_call_logs enable row level security;

create policy "Own conversations" on public.conversations for all to authenticated using (auth.uid() = user_id);
create policy "Own sessions" on public.conversation_sessions for all to authenticated using (auth.uid() = user_id);
create policy "Messages of own sessions" on public.conversation_messages for select to authenticated
  using (exists (select from public.conversation_sessions s where s.id = session_id and s.user_id = auth.uid()));
create policy "Own memory is readable" on public.memory_contexts for select to authenticated using (auth.uid() = user_id);
create policy "Own memory is writable" on public.memory_contexts for insert to authenticated with check (auth.uid() = user_id);
create policy "The service sees all memory" on public.memory_contexts for all to service_role using (true);
