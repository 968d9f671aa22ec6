import { formatLine } from '../../core/logs/format.ts';
import { readHistory } from '../../core/logs/history.ts';
import type { LogFilter, LogLine, LogWindow } from '../../core/logs/log.ts';
import type { CallOptions, LogStore } from '../../core/ports.ts';
import { maskSecrets } from '../../core/secrets/mask.ts';
import type { FunctionNames } from './functionNames.ts';

/** What lines are read of, and how they are written. */
export interface LineSource {
  readonly store: LogStore;
  readonly filter: LogFilter;
  readonly names: FunctionNames;
  readonly mask: boolean;
}

/** `log`: as in the channel, with version, region and execution. `jsonl`: one JSON text per line, all fields. */
export type LineFormat = 'log' | 'jsonl';

export interface ReadLines {
  readonly text: string;
  readonly count: number;
  /** False: older ones were left out. */
  readonly complete: boolean;
}

/** The newest lines of a window of any length as the text of a file. Credentials are masked as in the channel. */
export async function readLines({ store, filter, names, mask }: LineSource, window: LogWindow, limit: number, format: LineFormat, options: CallOptions): Promise<ReadLines> {
  const lines = await readHistory(store, filter, window, limit, options);
  const slugs = await names.of(lines);
  const write = format === 'log' ? (line: LogLine) => formatLine(line, { names: slugs, mask, details: true }) : (line: LogLine) => asJson(line, slugs, mask);
  return { text: lines.map((line) => `${write(line)}\n`).join(''), count: lines.length, complete: lines.length < limit };
}

function asJson({ time, functionId, ...line }: LogLine, names: ReadonlyMap<string, string>, mask: boolean): string {
  const slug = functionId === undefined ? undefined : names.get(functionId);
  const fields = { time: new Date(time).toISOString(), ...(slug === undefined ? {} : { function: slug }), ...(functionId === undefined ? {} : { functionId }), ...line };
  return JSON.stringify(fields, (_, value: unknown) => (mask && typeof value === 'string' ? maskSecrets(value) : value));
}
