-- Scheduled jobs with failed runs, answers of pg_net, Realtime's subscribers, and one entry of the vault.
insert into cron.job (schedule, command, username, active, jobname) values
  ('0 2 * * *', 'delete from public.webhook_logs where created_at < now() - interval ''90 days''', 'postgres', true, 'nightly-cleanup'),
  ('*/15 * * * *', 'select public.refresh_creator_rankings()', 'postgres', true, 'rankings'),
  ('*/5 * * * *', 'select net.http_post(url := ''https://wkdqzvtnhxmrbpclsyfg.supabase.co/functions/v1/monitor-keywords'')', 'postgres', true, 'monitor-keywords'),
  ('0 4 * * 0', 'select public.weekly_report()', 'postgres', false, 'weekly-report');

insert into cron.job_run_details (jobid, job_pid, database, username, command, status, return_message, start_time, end_time)
select
  job.jobid,
  2000 + n,
  'postgres',
  'postgres',
  job.command,
  case when failed then 'failed' else 'succeeded' end,
  case
    when failed and job.jobname = 'nightly-cleanup' then 'ERROR: canceling statement due to statement timeout'
    when failed then 'ERROR: deadlock detected'
    else '1 row'
  end,
  started,
  started + case when failed then interval '120 seconds' else interval '640 milliseconds' end
from cron.job as job
join (values ('nightly-cleanup', interval '1 day', 14), ('rankings', interval '15 minutes', 200), ('monitor-keywords', interval '5 minutes', 300))
  as runs (jobname, every, total) using (jobname),
  lateral generate_series(1, total) as n,
  lateral (select now() - n * every as started, n % 13 = 2 and job.jobname <> 'monitor-keywords' as failed) as times;

insert into net._http_response (id, status_code, content_type, headers, content, timed_out, error_msg, created)
select
  n,
  case when n % 3 = 0 then null else 404 end,
  case when n % 3 = 0 then null else 'application/json' end,
  '{}',
  case when n % 3 = 0 then null else '{"code":"NOT_FOUND","message":"Requested function was not found"}' end,
  n % 3 = 0,
  case when n % 3 = 0 then 'Timeout of 5000 ms reached' end,
  now() - n * interval '5 minutes'
from generate_series(1, 72) as n;

insert into net.http_request_queue (method, url, headers, timeout_milliseconds)
select 'POST', 'https://wkdqzvtnhxmrbpclsyfg.supabase.co/functions/v1/monitor-keywords', '{}', 5000 from generate_series(1, 4);

insert into realtime.subscription (subscription_id, entity, filters, claims)
select md5('subscription ' || n)::uuid, 'public.conversation_messages'::regclass, '{}', '{"role": "authenticated"}' from generate_series(1, 9) as n;

select vault.create_secret('vault entry of the scenario', 'scheduler_key', 'Used by the scheduled jobs');
