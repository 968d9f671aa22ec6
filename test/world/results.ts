/** What a suite of `npm test` came to, read from mocha's JSON, and how it is told. */
import { readFile } from 'node:fs/promises';
import { skipReasonOf, skipReasons, type SkipReason } from './skip.ts';

export interface Failure {
  title: string;
  /** Message, difference and stack, as far as there are any. */
  text: string;
}

export interface Outcome {
  suite: string;
  passed: number;
  failures: Failure[];
  /** One reason per skipped test. */
  skipped: SkipReason[];
  /** It failed once and was run again: these are the results of the second time. */
  again?: true;
}

interface MochaTest {
  fullTitle: string;
  file?: string;
  err: { message?: string; stack?: string; actual?: unknown; expected?: unknown };
}

interface MochaResults {
  passes: MochaTest[];
  failures: MochaTest[];
  pending: MochaTest[];
}

/** A test that is skipped for no reason that counts is a failure, and so is a suite without a test. */
export async function readResults(suite: string, file: string): Promise<Outcome> {
  const { passes, failures, pending } = JSON.parse(await readFile(file, 'utf8')) as MochaResults;
  const outcome: Outcome = {
    suite,
    passed: passes.length,
    failures: failures.map(({ fullTitle, err }) => ({ title: fullTitle, text: errorText(err) })),
    skipped: [],
  };
  for (const { fullTitle } of pending) {
    const reason = skipReasonOf(fullTitle);
    if (reason === undefined) {
      outcome.failures.push({ title: fullTitle, text: 'Skipped without a reason that counts, see test/world/skip.ts.' });
    } else {
      outcome.skipped.push(reason);
    }
  }
  if (passes.length + failures.length === 0) {
    outcome.failures.push({ title: suite, text: pending.length === 0 ? 'It holds no test.' : 'All its tests were skipped: nothing was tried.' });
  }
  return outcome;
}

function errorText({ message = '', stack = '', actual, expected }: MochaTest['err']): string {
  const difference =
    actual === undefined && expected === undefined ? [] : [`expected: ${shown(expected)}`, `actual:   ${shown(actual)}`];
  const where = stack.split('\n').filter((line) => /^\s+at /.test(line) && !/node:internal|node_modules/.test(line));
  return [message.trimEnd(), ...difference, ...where.slice(0, 6)].join('\n');
}

const longest = 2000;

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > longest ? `${text.slice(0, longest)} …` : text;
}

/** `unit: 120 passed, 1 failed, 2 skipped (3.2 s)` and the failures under it. */
export function tell({ suite, passed, failures, skipped }: Outcome, seconds: number): string {
  const skips = skipped.length === 0 ? '' : `, ${skipped.length} skipped`;
  const indent = (text: string): string => text.replaceAll(/^/gm, '      ');
  return [
    `${suite}: ${passed} passed, ${failures.length} failed${skips} (${seconds.toFixed(1)} s)`,
    ...failures.map(({ title, text }) => `\n  FAILED ${title}\n${indent(text)}\n`),
  ].join('\n');
}

/** The last lines of `npm test`. */
export function tellAll(outcomes: Outcome[]): string {
  const skipped = outcomes.flatMap((outcome) => outcome.skipped);
  const counts = skipReasons.flatMap((reason) => {
    const count = skipped.filter((each) => each === reason).length;
    return count === 0 ? [] : [`${reason}: ${count}`];
  });
  const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
  const failed = outcomes.reduce((sum, outcome) => sum + outcome.failures.length, 0);
  const again = outcomes.filter((outcome) => outcome.again).map(({ suite }) => suite);
  return [
    ...(again.length === 0 ? [] : [`failed at first, see above, and run again: ${again.join(', ')}`]),
    `skipped: ${skipped.length}${counts.length === 0 ? '' : ` (${counts.join(', ')})`}`,
    `${passed} passed, ${failed} failed`,
  ].join('\n');
}
