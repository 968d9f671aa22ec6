import { explainStatus } from '../functions/statusWords.ts';
import { maskSecrets } from '../secrets/mask.ts';
import { visible } from '../../util/visible.ts';
import type { LogLevel, LogLine } from './log.ts';

export interface LogFormat {
  /** Slugs by function id; a line of a function that is not among them shows its id. */
  readonly names: ReadonlyMap<string, string>;
  /** Cut credentials down to their kind: off only when the user asked for it (SAFETY 20). */
  readonly mask: boolean;
  /** Also version, region and execution. */
  readonly details?: boolean;
}

/** As editors colour them in log files, and all of one width, so that messages stand below each other. */
const levelWords: Readonly<Record<LogLevel, string>> = { debug: '[debug]', info: '[info] ', warn: '[warn] ', error: '[error]' };

const indent = '    ';

/**
 * A line as text for an output channel, without a line break at its end: the event's own time in UTC, level, name, what is known
 * of the request, message. Only the first row of a line begins at the margin, so no message can pass for a line (SAFETY 16).
 */
export function formatLine(line: LogLine, format: LogFormat): string {
  const clean = (text: string) => (format.mask ? maskSecrets(text) : text);
  const details = format.details ? describeOrigin(line) : '';
  const head = [lineHead(line, format), oneRow(clean(details)), oneRow(clean(describeRequest(line)))];
  const words = line.status === undefined || line.service !== 'invocations' ? undefined : explainStatus(line.status, line.errorCode);
  const message = asRows(clean(line.message));
  return [...head, words === undefined ? message : `${message} \u2014 ${oneRow(words)}`].filter((part) => part !== '').join(' ');
}

/** How a line's first row begins: it tells the line's function or service and its time. */
export function lineHead(line: Pick<LogLine, 'time' | 'level' | 'functionId' | 'service'>, { names }: Pick<LogFormat, 'names'>): string {
  const name = line.functionId === undefined ? line.service : (names.get(line.functionId) ?? line.functionId);
  return `${new Date(line.time).toISOString()} ${levelWords[line.level]} ${oneRow(name)}`;
}

/** `v12 eu-central-1 3f2a…`, as far as it is known. */
function describeOrigin({ version, region, executionId }: LogLine): string {
  return [version === undefined ? undefined : `v${version}`, region, executionId].filter((part) => part !== undefined).join(' ');
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
