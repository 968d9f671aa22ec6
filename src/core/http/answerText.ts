import { explainStatus } from '../functions/statusWords.ts';
import type { HttpAnswer, Timings } from '../ports.ts';
import { l10n } from '../../util/l10n.ts';
import { formatBytes } from '../../util/quantity.ts';
import { visible } from '../../util/visible.ts';
import { adviceOn } from './advice.ts';
import { headerOf, shownBody } from './answer.ts';

export interface ShownAnswer {
  readonly method: string;
  readonly url: string;
  /** `service · acme · production` */
  readonly target?: string;
  readonly answer: HttpAnswer;
  /** Epoch milliseconds. */
  readonly answeredAt?: number;
  /** Lines of ours above the answer; outside text in them has been made visible. */
  readonly remarks?: readonly string[];
  /** Every part of the time in a table, as `curl -w` prints it. */
  readonly timings?: boolean;
}

/** The answer as it would stand in an `.http` document. All of it but the comments is outside text (SAFETY 16). */
export function answerText(shown: ShownAnswer): string {
  const { method, url, target, answer, remarks = [] } = shown;
  const { status, statusText, headers } = answer;
  return [
    `# ${method} ${visible(url)}`,
    ...(target === undefined ? [] : [`# ${visible(target)}`]),
    `# ${summary(shown)}`,
    ...[...explanation(answer), ...remarks, ...(shown.timings === true ? timeTable(answer.timings) : [])].map((line) => `# ${line}`),
    '',
    `HTTP/1.1 ${status} ${visible(statusText)}`,
    ...headers.map(([name, value]) => `${visible(name)}: ${visible(value).replaceAll('\n', '␊')}`),
    '',
    bodyText(answer),
    ...(answer.truncated ? ['', `# ${l10n.t('The rest of the body was left out.')}`] : []),
    '',
  ].join('\n');
}

/** `200 OK · 33 ms, first byte after 12 ms · 11 bytes · 2026-11-20T09:00:00.033Z` */
function summary({ answer, answeredAt }: ShownAnswer): string {
  const { status, statusText, timings } = answer;
  const times = l10n.t('{0} ms, first byte after {1} ms', Math.round(timings.total), Math.round(timings.firstByte));
  return [`${status} ${visible(statusText)}`.trim(), times, sizeOf(answer), ...(answeredAt === undefined ? [] : [new Date(answeredAt).toISOString()])].join(' · ');
}

/** Each part until it ended, in milliseconds from the start; a connection without a name or without TLS has fewer. */
function timeTable({ lookup, connect, tls, firstByte, total }: Timings): string[] {
  const parts: [string, number | undefined][] = [
    [l10n.t('name lookup'), lookup],
    [l10n.t('connection'), connect],
    [l10n.t('TLS'), tls],
    [l10n.t('first byte'), firstByte],
    [l10n.t('total'), total],
  ];
  const width = Math.max(...parts.map(([name]) => name.length));
  return parts.flatMap(([name, time]) => (time === undefined ? [] : [`${name.padEnd(width)}  ${time.toFixed(1).padStart(8)} ms`]));
}

/** What the platform's own failure means, and what to do next. */
function explanation(answer: Pick<HttpAnswer, 'status' | 'headers'>): string[] {
  if (answer.status < 400) {
    return [];
  }
  const code = headerOf(answer, 'sb-error-code');
  return [explainStatus(answer.status, code), adviceOn(answer.status, code)].filter((line) => line !== undefined).map(visible);
}

function sizeOf(answer: HttpAnswer): string {
  const bytes = Number(headerOf(answer, 'content-length') ?? NaN);
  return formatBytes(Number.isFinite(bytes) ? bytes : new TextEncoder().encode(answer.body).length);
}

/** A line of a body cannot pass for the heading of the log. */
function bodyText(answer: HttpAnswer): string {
  const body = shownBody(answer);
  switch (body.kind) {
    case 'empty':
      return `# ${l10n.t('The body is empty.')}`;
    case 'binary':
      return `# ${l10n.t('The body is no text ({0}) and is not shown.', visible(headerOf(answer, 'content-type') ?? ''))}`;
    case 'json':
    case 'text':
      return visible(body.text).replace(/^(?=###)/gm, ' ');
    default:
      return body.kind satisfies never;
  }
}
