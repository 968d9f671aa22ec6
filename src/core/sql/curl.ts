/** A statement as a call of the Management API, for a POSIX shell. */
import type { SqlGrammar } from '../ports.ts';
import { classify } from './classify.ts';
import { prepareStatement, type Candidate } from './placeholders.ts';

export interface CurlTarget {
  /** The API's: `https://api.supabase.com`. */
  readonly origin: string;
  readonly ref: string;
}

/**
 * The token is the environment variable that Supabase's own CLI reads, never a value. Values that are open stand among the parameters as
 * `<name>`, names in the statement as they are written. What only reads, as far as the grammar tells, is held to it.
 */
export async function toSqlCurl(statement: string, openings: readonly Candidate[], { origin, ref }: CurlTarget, grammar: SqlGrammar, signal: AbortSignal): Promise<string> {
  const prepared = await prepareStatement(statement, grammar, signal, openings);
  const placeholders = prepared.kind === 'parsed' ? prepared.placeholders.filter(({ parameter }) => parameter !== undefined) : [];
  const last = Math.max(0, ...placeholders.map(({ parameter = 0 }) => parameter));
  const parameters = Array.from({ length: last }, (_, index) => {
    const placeholder = placeholders.find(({ parameter }) => parameter === index + 1);
    return placeholder === undefined ? null : `<${placeholder.name.replace(/^\$/, 'parameter ')}>`;
  });
  const edits = placeholders.flatMap(({ parameter, ranges }) => ranges.map((range) => ({ range, put: `$${parameter}` }))).sort((one, other) => other.range.start - one.range.start);
  const query = edits.reduce((rest, { range, put }) => rest.slice(0, range.start) + put + rest.slice(range.end), statement);
  const reads = prepared.kind === 'parsed' && classify(prepared.tree, () => 'stable').kind === 'read';
  const body = JSON.stringify({ query, ...(last > 0 ? { parameters } : {}), ...(reads ? { read_only: true } : {}) });
  return [
    `curl --fail-with-body -sS -X POST ${quote(`${origin}/v1/projects/${ref}/database/query`)}`,
    '-H "Authorization: Bearer $SUPABASE_ACCESS_TOKEN"',
    "-H 'Content-Type: application/json'",
    `--data-binary ${quote(body)}`,
  ].join(' \\\n  ');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
