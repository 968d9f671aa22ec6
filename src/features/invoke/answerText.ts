import { headerOf, shownBody } from '../../core/http/answer.ts';
import { adviceOn } from '../../core/http/advice.ts';
import type { CallLog } from '../../core/http/executionLogs.ts';
import { explainStatus } from '../../core/functions/statusWords.ts';
import { formatLine } from '../../core/logs/format.ts';
import type { HttpAnswer } from '../../core/ports.ts';
import { errorMessage } from '../../host/errorMessage.ts';
import { l10n } from '../../util/l10n.ts';
import { formatBytes } from '../../util/quantity.ts';
import { visible } from '../../util/visible.ts';

export interface ShownAnswer {
  readonly method: string;
  readonly url: string;
  /** `service · acme · production` */
  readonly target: string;
  readonly answer: HttpAnswer;
  readonly answeredAt: number;
}

/** The answer as it would stand in an `.http` document. All of it but the comments is outside text (SAFETY 16). */
export function answerText({ method, url, target, answer, answeredAt }: ShownAnswer): string {
  const { status, statusText, headers, timings } = answer;
  const times = l10n.t('{0} ms, first byte after {1} ms', Math.round(timings.total), Math.round(timings.firstByte));
  return [
    `# ${method} ${visible(url)}`,
    `# ${visible(target)}`,
    `# ${[`${status} ${visible(statusText)}`.trim(), times, sizeOf(answer), new Date(answeredAt).toISOString()].join(' · ')}`,
    ...explanation(answer).map((line) => `# ${line}`),
    '',
    `HTTP/1.1 ${status} ${visible(statusText)}`,
    ...headers.map(([name, value]) => `${visible(name)}: ${visible(value).replaceAll('\n', '␊')}`),
    '',
    bodyText(answer),
    ...(answer.truncated ? ['', `# ${l10n.t('The rest of the body was left out.')}`] : []),
    '',
  ].join('\n');
}

/** What the platform's own failure means, and what to do next. */
export function explanation(answer: Pick<HttpAnswer, 'status' | 'headers'>): string[] {
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

export interface LogFormatting {
  readonly slug: string;
  readonly executionId: string | undefined;
  /** Cut credentials down to their kind. */
  readonly mask: boolean;
}

/** The part beneath the answer: the lines of that call, how they were found, and whether more are waited for. */
export function logText(log: CallLog | 'waiting', { slug, executionId, mask }: LogFormatting): string {
  const heading = executionId === undefined ? l10n.t('Log of {0} at that time', visible(slug)) : l10n.t('Log of execution {0}', visible(executionId));
  if (log === 'waiting') {
    return `### ${heading}\n# ${l10n.t('Lines arrive some seconds late…')}\n`;
  }
  const lines = log.lines.map((line) => formatLine(line, { names: new Map(line.functionId === undefined ? [] : [[line.functionId, slug]]), mask }));
  return [`### ${heading}`, ...lines, ...remarks(log, executionId).map((remark) => `# ${remark}`), ''].join('\n');
}

function remarks({ lines, by, requests, state, error }: CallLog, executionId: string | undefined): string[] {
  const found: string[] = [];
  if (error) {
    found.push(visible(errorMessage(error).message));
  }
  if (by === 'time' && lines.length > 0) {
    found.push(
      executionId === undefined
        ? l10n.t('The answer names no execution: these are all lines of the function while it ran.')
        : l10n.t('No line names this execution yet: these are all lines of the function while it ran.'),
    );
  }
  if (by === 'execution' && requests > 1) {
    found.push(l10n.t('The execution answered {0} requests since then; their lines cannot be told apart.', requests));
  }
  if (state === 'waiting') {
    found.push(l10n.t('Lines arrive some seconds late…'));
  } else if (lines.length === 0 && !error) {
    found.push(l10n.t('No line has arrived. Logs can be late: read them again above.'));
  }
  return found;
}
