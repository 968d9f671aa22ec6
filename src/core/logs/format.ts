import { maskSecrets } from '../secrets/mask.ts';
import { visible } from '../../util/visible.ts';
import type { LogLevel, LogLine } from './log.ts';

export interface LogFormat {
  /** The name to show for a line: a function's slug, a service. Outside text is welcome. */
  readonly nameOf: (line: LogLine) => string;
  /** Show credentials as they came; asked for by the user, never the default (SAFETY 20). */
  readonly unmasked?: boolean;
}

/** All of one width, so that messages stand below each other. */
const levelWords: Readonly<Record<LogLevel, string>> = { debug: 'debug', info: 'info ', warn: 'warn ', error: 'error' };

const indent = '    ';

/**
 * A line as text for an output channel, without a line break at its end: the event's own time in UTC, level, name, what is known
 * of the request, message. Only the first row of a line begins at the margin, so no message can pass for a line (SAFETY 16).
 */
export function formatLogLine(line: LogLine, { nameOf, unmasked = false }: LogFormat): string {
  const clean = (text: string) => (unmasked ? text : maskSecrets(text));
  const head = [new Date(line.time).toISOString(), levelWords[line.level], oneRow(nameOf(line)), oneRow(clean(describeRequest(line)))];
  return [...head, asRows(clean(line.message))].filter((part) => part !== '').join(' ');
}

/** `POST /functions/v1/mint-token 500 640 ms`, as far as it is known and the message does not say it already. */
function describeRequest({ method, path, status, durationMs, message }: LogLine): string {
  const said = path !== undefined && message.includes(path);
  return [...(said ? [] : [method, path, status]), durationMs === undefined ? undefined : `${Math.round(durationMs)} ms`]
    .filter((part) => part !== undefined)
    .join(' ');
}

/** Everything that some editor shows as the end of a row. */
const rowEnds = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/;

function asRows(text: string): string {
  return text
    .split(rowEnds)
    .map((row) => visible(row).trimEnd())
    .filter((row, index) => index === 0 || row !== '')
    .join(`\n${indent}`);
}

function oneRow(text: string): string {
  return visible(text).replaceAll('\n', '\u240a');
}
