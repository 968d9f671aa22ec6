import { maskSecrets } from '../secrets/mask.ts';
import { visible } from '../../util/visible.ts';
import type { LogLevel, LogLine } from './log.ts';

export interface LogFormat {
  /** Slugs by function id; a line of a function that is not among them shows its id. */
  readonly names: ReadonlyMap<string, string>;
  /** Cut credentials down to their kind: off only when the user asked for it (SAFETY 20). */
  readonly mask: boolean;
}

/** As editors colour them in log files, and all of one width, so that messages stand below each other. */
const levelWords: Readonly<Record<LogLevel, string>> = { debug: '[debug]', info: '[info] ', warn: '[warn] ', error: '[error]' };

const indent = '    ';

/**
 * A line as text for an output channel, without a line break at its end: the event's own time in UTC, level, name, what is known
 * of the request, message. Only the first row of a line begins at the margin, so no message can pass for a line (SAFETY 16).
 */
export function formatLine(line: LogLine, { names, mask }: LogFormat): string {
  const clean = (text: string) => (mask ? maskSecrets(text) : text);
  const name = line.functionId === undefined ? line.service : (names.get(line.functionId) ?? line.functionId);
  const head = [new Date(line.time).toISOString(), levelWords[line.level], oneRow(name), oneRow(clean(describeRequest(line)))];
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
