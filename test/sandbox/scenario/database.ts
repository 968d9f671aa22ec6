/**
 * The scenario's database as SQL, in the order in which it runs as `supabase_admin`: the applied migrations of the
 * workspace (as `postgres`, who owns what is in `public`), rows, and the traffic that statistics are made of.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Migration } from './scenario.ts';

const folder = path.join(import.meta.dirname, 'sql');

/** Scripts that each may hold several statements. Rows are dated relative to the server's clock. */
export function databaseScripts(applied: readonly Migration[]): string[] {
  const rows = readdirSync(folder).sort().map((file) => readFileSync(path.join(folder, file), 'utf8'));
  // Flushed first: what `analyze` counts and what is still to be counted would add up to twice the rows.
  const settled = ['select pg_stat_force_next_flush()', 'analyze', 'select extensions.pg_stat_statements_reset()'];
  return [...applied.map(asMigration), ...rows, ...settled, ...traffic()];
}

function asMigration({ version, name, sql }: Migration): string {
  const record = `insert into supabase_migrations.schema_migrations (version, name, statements)
values (${quoted(version)}, ${quoted(name)}, array[${quoted(sql)}])`;
  return `set role postgres;\n${sql}\n;\n${record}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/**
 * Statements that the products send, each so often that `pg_stat_statements` and the scan counters show its weight:
 * two over half a second, look-ups that lack an index, and many quick ones. Each script is one role's.
 */
function traffic(): string[] {
  const often = (times: number, statement: (turn: number) => string): string[] => Array.from({ length: times }, (_, turn) => statement(turn));
  const session = (turn: number): string => `md5('chat session ${1 + ((turn * 37) % 1600)}')::uuid`;
  const api = [
    ...often(60, (turn) => `select id, name, symbol, created_at from public.tokens order by created_at desc limit ${20 + (turn % 3)}`),
    ...often(40, (turn) => `select role, content from public.conversation_messages where session_id = ${session(turn)} order by "timestamp"`),
    ...often(40, (turn) => `select * from public.tokens where creator_wallet = 'wallet ${turn}'`),
    ...often(120, (turn) => `select id, display_name from public.profiles where id = md5('user ${turn + 1}')::uuid`),
    ...often(80, (turn) => `update public.conversation_sessions set updated_at = updated_at where id = ${session(turn)}`),
    ...often(80, (turn) => `select valuation_id from public.public_tokens where token = 'link ${turn}'`),
  ];
  const jobs = [
    ...often(30, () => `select count(*) from public.webhook_logs where created_at > now() - interval '1 hour'`),
    'select public.refresh_creator_rankings()',
    `select count(*) from public.search_tokens('comet')`,
    'select * from public.system_health_summary',
    `delete from public.rate_limits where window_start < now() - interval '18 hours'`,
  ];
  return [
    `set role service_role;\n${api.join(';\n')}`,
    `set role postgres;\n${jobs.join(';\n')}`,
    'select pg_stat_force_next_flush()',
  ];
}
