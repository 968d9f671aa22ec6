/**
 * What `npm run bench` prints, and how two sides are compared: a file `<name>.bench.ts` exports one `benchmark`, whose `run` returns a
 * line per thing that is measured.
 */
import { createHash } from 'node:crypto';

export interface Benchmark {
  readonly name: string;
  /** `say` reports progress. Throws `RivalAbsent` when there is nothing to compare with. */
  run(say: (line: string) => void): Promise<readonly Line[]>;
}

/** One line of output; further members say under which conditions it was measured. */
export interface Line {
  readonly name: string;
  /** The median of our side. */
  readonly value: number;
  readonly unit: 'ms' | 'bytes' | 'files' | 'rows' | 'rows/s' | 'frames/s' | 'diagnostics';
  readonly against: Rival | undefined;
  /** Our median divided by the rival's; where we have to be faster so many times, the other way round. */
  readonly ratio: number | undefined;
  /** As it is written in the issue: `value <= 30`, `ratio >= 20`. */
  readonly limit: string;
  readonly ok: boolean;
  readonly [fact: string]: unknown;
}

export interface Rival {
  readonly name: string;
  readonly version: string;
  readonly median: number;
  readonly p90: number;
}

/** What we compare with is not on this machine: no measurement, and no success. */
export class RivalAbsent extends Error {}

/** One run of a side. */
export interface Run {
  /** What the benchmark is about: milliseconds, mostly. */
  readonly value: number;
  /** What was done, in words whose order means nothing: it must be the same on both sides. */
  readonly work: readonly string[];
}

export interface Side {
  readonly name: string;
  run(): Promise<Run>;
}

export interface Samples {
  readonly ours: readonly number[];
  readonly rival: readonly number[];
  /** A digest of the work that every run of both sides did. */
  readonly sum: string;
}

/** The smallest number of pairs that says something on a machine with other work to do. */
export const enoughRuns = 15;

/** Runs both sides in turn, the first of each pair by turns, after a pair that does not count. Throws when they do different work. */
export async function measurePairs({ ours, rival }: { ours: Side; rival: Side }, say: (line: string) => void, runs = enoughRuns): Promise<Samples> {
  const samples = { ours: [] as number[], rival: [] as number[] };
  let work: readonly string[] | undefined;
  for (let pair = 0; pair <= runs; pair++) {
    const order = [[ours, samples.ours] as const, [rival, samples.rival] as const];
    for (const [side, values] of pair % 2 === 0 ? order : order.reverse()) {
      const { value, work: done } = await side.run();
      work ??= done;
      compareWork(side.name, done, work);
      if (pair > 0) {
        values.push(value);
      }
    }
    say(pair === 0 ? 'warm' : `${pair} of ${runs}: ${samples.ours.at(-1)?.toFixed(1)} against ${samples.rival.at(-1)?.toFixed(1)}`);
  }
  return { ...samples, sum: digestOf(work ?? []) };
}

function compareWork(name: string, done: readonly string[], expected: readonly string[]): void {
  const extra = done.filter((item) => !expected.includes(item));
  const missing = expected.filter((item) => !done.includes(item));
  if (extra.length > 0 || missing.length > 0 || done.length !== expected.length) {
    throw new Error(`${name} did other work than what it is compared with: ${done.length} items, not ${expected.length}; only here [${extra.join(', ')}], only there [${missing.join(', ')}]`);
  }
}

export async function timed<T>(work: () => Promise<T>): Promise<{ readonly value: number; readonly result: T }> {
  const start = performance.now();
  const result = await work();
  return { value: performance.now() - start, result };
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function p90(values: readonly number[]): number {
  return quantile(values, 0.9);
}

/** Between the two samples that it lies between. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const [low = NaN, high = NaN] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return low + (high - low) * (at - Math.floor(at));
}

/** To three significant digits: more would only show noise. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

export function summary(values: readonly number[]): { readonly median: number; readonly p90: number } {
  return { median: rounded(median(values)), p90: rounded(p90(values)) };
}

/** A short digest of parts whose order means nothing. Throws when there are none: then nothing was compared. */
export function digestOf(parts: readonly string[]): string {
  if (parts.length === 0) {
    throw new Error('There is nothing to compare.');
  }
  return createHash('sha256').update(parts.toSorted().join('\n')).digest('hex').slice(0, 16);
}
