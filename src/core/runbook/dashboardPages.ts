import type { Argument, Operation, Placeholder } from './operation.ts';
import { argumentOf } from './meaning.ts';

/** A page that a comment names, and what Opsbook shows of the same. */
export interface NamedPage {
  /** Behind `…/dashboard/project/<ref>/`. */
  readonly page: string;
  readonly offers?: Operation;
}

interface PageWords {
  readonly words: RegExp;
  readonly page: string;
  readonly offers?: Operation;
}

const arrow = '\\s*(?:>|→|➜)\\s*';

/** In the order in which they are asked. Addresses as Supabase's documentation links them (`/dashboard/project/_/…`). */
const pages: readonly PageWords[] = [
  { words: path('Database', 'Logs'), page: 'logs/postgres-logs', offers: logs('postgres') },
  { words: path('Auth\\w*', 'Logs'), page: 'logs/auth-logs', offers: logs('auth') },
  { words: path('API', 'Logs'), page: 'logs/edge-logs', offers: logs('api') },
  { words: path('Edge Functions', 'Logs'), page: 'functions', offers: functionLogs('*') },
  { words: /Settings.*\bJWT\b|\bJWT (?:Secret|Keys)\b/i, page: 'settings/jwt' },
  { words: path('Settings', 'API'), page: 'settings/api-keys' },
  { words: path('Database', 'Backups'), page: 'database/backups/scheduled' },
  { words: path('Edge Functions'), page: 'functions', offers: { kind: 'functions.list' } },
  { words: /point-in-time.*dashboard|dashboard.*point-in-time/is, page: 'database/backups/pitr' },
  { words: /backup[\s\S]*dashboard|dashboard[\s\S]*backup/i, page: 'database/backups/scheduled' },
];

/** `Supabase Dashboard > Edge Functions > [function-name] > Logs`, and phrases such as `Point-in-time recovery via Supabase dashboard`. */
export function pageNamedIn(text: string, placeholders: readonly Placeholder[]): NamedPage | undefined {
  if (/\bvercel\b|\bnetlify\b/i.test(text)) {
    return undefined;
  }
  const slug = new RegExp(`Edge Functions${arrow}([^>→➜\\n]+?)${arrow}Logs`, 'i').exec(text)?.[1];
  if (slug !== undefined) {
    return { page: `functions/${slug}/logs`, offers: functionLogs([argumentOf(slug, placeholders)]) };
  }
  const found = pages.find(({ words }) => words.test(text));
  return found && { page: found.page, ...(found.offers === undefined ? {} : { offers: found.offers }) };
}

function path(...names: readonly string[]): RegExp {
  return new RegExp(names.map((name) => `\\b${name}\\b`).join(arrow) + (names.length === 1 ? `(?=${arrow}|\\s*$)` : ''), 'im');
}

function logs(service: 'postgres' | 'auth' | 'api'): Operation {
  return { kind: 'logs', services: [service], follow: false, statistics: false };
}

function functionLogs(functions: readonly Argument[] | '*'): Operation {
  return { kind: 'logs', services: ['functions', 'invocations'], functions, follow: false, statistics: false };
}
