/**
 * `npm run bench [-- name …]`: prints one JSON line per thing measured, progress on the standard error. Exits with 1 when a limit is
 * missed, a rival is absent or a benchmark fails.
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { listFiles, root } from '../build.ts';
import { endChildrenOnSignal, stopChildren } from '../world/children.ts';
import { type Benchmark, RivalAbsent } from './benchmark.ts';

async function main(wanted: readonly string[]): Promise<number> {
  const benchmarks = await findBenchmarks();
  const unknown = wanted.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name));
  if (unknown.length > 0) {
    console.error(`There is no benchmark ${unknown.join(', ')}; there are ${benchmarks.map(({ name }) => name).join(', ')}.`);
    return 1;
  }
  let ok = true;
  for (const benchmark of benchmarks.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
    ok = (await runBenchmark(benchmark)) && ok;
  }
  return ok ? 0 : 1;
}

async function findBenchmarks(): Promise<Benchmark[]> {
  const files = await listFiles(root, ['test/bench/*.bench.ts']);
  return Promise.all(files.map(async (file) => ((await import(pathToFileURL(path.join(root, file)).href)) as { benchmark: Benchmark }).benchmark));
}

async function runBenchmark({ name, run }: Benchmark): Promise<boolean> {
  try {
    const lines = await run((line) => console.error(`${name}: ${line}`));
    lines.forEach((line) => console.log(JSON.stringify(line)));
    return lines.length > 0 && lines.every(({ ok }) => ok);
  } catch (error) {
    const reason = error instanceof RivalAbsent ? `rival absent: ${error.message}` : String(error);
    console.error(error);
    console.log(JSON.stringify({ name, ok: false, error: reason }));
    return false;
  }
}

endChildrenOnSignal();
process.exit(await main(process.argv.slice(2)).finally(stopChildren));
