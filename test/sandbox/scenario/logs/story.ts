/** What the makers of log rows know: the project, its functions, and the minute that they write about. */
import type { LogRow } from '../../types.ts';
import type { Random } from './random.ts';

export interface LoggedFunction {
  id: string;
  slug: string;
  version: number;
}

export interface Story {
  ref: string;
  functions: readonly LoggedFunction[];
  /** Hours since the deploy that broke `mint-token`; its version before that is one less. */
  breakingDeployHours: number;
  /** What Deno prints for the fault, with places in the deployed files. */
  breakingError: string;
}

/** One minute of the history. */
export interface Minute {
  /** Epoch ms of its first moment. */
  start: number;
  /** Hours between this minute's start and the end of the history. */
  hoursAgo: number;
  /** Share of the traffic of a full minute, 0 to about 1.4. */
  load: number;
  random: Random;
}

export type RowMaker = (minute: Minute, story: Story) => LogRow[];

/** A moment within the minute. */
export function moment(minute: Minute): number {
  return minute.start + minute.random.whole(0, 60_000);
}

export function row(
  minute: Minute,
  source: string,
  timestamp: number,
  severity: 'INFO' | 'WARN' | 'ERROR',
  message: string,
  attributes: Record<string, string>,
): LogRow {
  return {
    id: minute.random.uuid(),
    timestamp,
    event_message: message,
    severity_text: severity,
    source,
    log_attributes: attributes,
  };
}

export function severityOfStatus(status: number): 'INFO' | 'WARN' | 'ERROR' {
  if (status >= 500) {
    return 'ERROR';
  }
  return status >= 400 ? 'WARN' : 'INFO';
}

/** Addresses of documentation networks; the last one is somebody who guesses passwords. */
export const guesser = '198.51.100.77';

export function address(random: Random): string {
  return `203.0.113.${random.whole(1, 250)}`;
}
