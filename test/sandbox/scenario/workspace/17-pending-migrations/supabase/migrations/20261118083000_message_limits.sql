-- Messages are cut at 8000 characters by the front end; say so here as well.
alter table public.conversation_messages alter column content type varchar(8000);

alter table public.conversation_messages alter column role set default 'user';
