import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { createConnector } from '../../src/adapters/connect.ts';
import { readText } from '../../src/adapters/files/userFiles.ts';
import { createSqlGrammar } from '../../src/adapters/sql/grammar.ts';
import { systemClock } from '../../src/adapters/systemClock.ts';
import { loadMarkdownGrammar } from '../../src/adapters/text/markdown.ts';
import { diagnosticsOf } from '../../src/core/diagnostics/diagnostic.ts';
import { diagnose, type Judged } from '../../src/core/diagnostics/run.ts';
import { diagnoseAll } from '../../src/core/diagnostics/runAll.ts';
import { Accounts } from '../../src/core/project/accounts.ts';
import type { Connection } from '../../src/core/project/connection.ts';
import { parseDocument } from '../../src/core/runbook/parseDocument.ts';
import type { Step } from '../../src/core/runbook/document.ts';
import { root } from '../build.ts';
import { FakeLogger } from '../fakes/logger.ts';
import { FakeSecretStore } from '../fakes/secretStore.ts';
import { FakeStorage } from '../fakes/storage.ts';
import { digestOf, measurePairs, median, rounded, summary, timed, type Benchmark, type Line, type Side } from './benchmark.ts';
import { startService, type Service } from './service.ts';

/** To a database of the same region and back, from an office. */
const databaseLatencyMs = 20;
const atMost = 1.2;
const connections = 3;

/** All bundled diagnostics at once against one after another, and how many still answer when the server has no connection left. */
export const benchmark: Benchmark = {
  name: 'diagnostics',
  async run(say) {
    const grammar = createSqlGrammar({ workerPath: new URL('../../src/adapters/sql/parse.worker.ts', import.meta.url) });
    const service = await startService({ latencyMs: 0, engines: true, databaseLatencyMs });
    try {
      const steps = await bundledSteps();
      const connect = (databaseUrl?: string): Promise<Connection> => connectTo(service, grammar, databaseUrl);
      return [await atOnce(steps, connect, service, say), await withoutSlots(steps, connect, service)];
    } finally {
      await service.stop();
      await grammar.close();
    }
  },
};

async function atOnce(steps: readonly Step[], connect: (url?: string) => Promise<Connection>, { distantDatabaseUrl }: Service, say: (line: string) => void): Promise<Line> {
  const [together, alone] = [await connect(distantDatabaseUrl), await connect(distantDatabaseUrl)];
  try {
    const ours: Side = {
      name: `all on ${connections} connections`,
      run: async () => {
        const { value, result } = await timed(() => all(steps, together));
        return { value, work: workOf(steps, result) };
      },
    };
    const rival: Side = {
      name: 'one after another on one connection',
      run: async () => {
        const judged: Judged[] = [];
        let sum = 0;
        for (const step of steps) {
          const { value, result } = await timed(() => diagnose(step, alone, { signal: AbortSignal.timeout(60_000), priority: 'check' }));
          sum += value;
          judged.push(result);
        }
        return { value: sum / connections, work: workOf(steps, judged) };
      },
    };
    const samples = await measurePairs({ ours, rival }, say);
    const ratio = median(samples.ours) / median(samples.rival);
    return {
      name: 'diagnosticsAtOnce',
      value: summary(samples.ours).median,
      unit: 'ms',
      against: { name: `their sum divided by ${connections}`, version: 'sandbox, Postgres 17', ...summary(samples.rival) },
      ratio: rounded(ratio),
      limit: `ratio <= ${atMost}`,
      ok: ratio <= atMost,
      p90: summary(samples.ours).p90,
      runs: samples.ours.length,
      diagnostics: steps.length,
      databaseLatencyMs,
      input: digestOf(steps.map(({ text }) => text)),
      work: samples.sum,
    };
  } finally {
    await Promise.all([together.close(), alone.close()]);
  }
}

/** Over the API alone, and by a connection string that leads nowhere any more. */
async function withoutSlots(steps: readonly Step[], connect: (url?: string) => Promise<Connection>, service: Service): Promise<Line> {
  const token = await connect();
  const before = workOf(steps, await all(steps, token)).length;
  const holders = await takeEverySlot(service);
  const direct = await connect(service.databaseUrl);
  try {
    const overToken = workOf(steps, await all(steps, token)).length;
    const overBoth = workOf(steps, await all(steps, direct)).length;
    const value = Math.min(overToken, overBoth);
    return {
      name: 'diagnosticsWithoutSlots',
      value,
      unit: 'diagnostics',
      against: undefined,
      ratio: undefined,
      limit: `value >= ${before}, as many as with slots`,
      ok: before > 0 && value >= before,
      connectionsHeld: holders.length,
      withTokenAlone: overToken,
      withConnectionString: overBoth,
      diagnostics: steps.length,
      input: digestOf(steps.map(({ text }) => text)),
    };
  } finally {
    await Promise.all([...holders.map((client) => client.end()), token.close(), direct.close()]);
  }
}

const all = (steps: readonly Step[], connection: Connection): Promise<readonly Judged[]> =>
  diagnoseAll(steps, { connection, signal: AbortSignal.timeout(60_000), failed: (error) => ({ verdict: { state: 'unknown', summary: String(error), rows: [] } }) });

/** Those whose query was answered, with what it was judged by. */
function workOf(steps: readonly Step[], judged: readonly Judged[]): string[] {
  return steps.flatMap(({ title }, index) => {
    const columns = judged[index]?.result?.columns.map(({ name }) => name);
    return columns === undefined ? [] : [`${title}: ${columns.join(' ')}`];
  });
}

/** As whoever connects with the project's own connection string, until the server refuses. */
async function takeEverySlot({ databaseUrl, caPath }: Service): Promise<pg.Client[]> {
  const ca = await readFile(caPath ?? '', 'utf8');
  const held: pg.Client[] = [];
  for (;;) {
    const client = new pg.Client({ connectionString: databaseUrl, ssl: { ca }, application_name: 'holds a slot' });
    client.on('error', () => {});
    try {
      await client.connect();
      held.push(client);
    } catch (error) {
      if (error instanceof pg.DatabaseError && error.code === '53300') {
        return held;
      }
      throw error;
    }
  }
}

/** As the window connects; with a connection string where one is given. */
async function connectTo(service: Service, grammar: ReturnType<typeof createSqlGrammar>, databaseUrl: string | undefined): Promise<Connection> {
  const secrets = new FakeSecretStore();
  const clock = systemClock;
  const accounts = new Accounts({ secrets, storage: new FakeStorage() });
  const account = await accounts.add('owner', service.apiUrl, service.token);
  const connector = createConnector({
    accounts, secrets, clock, grammar,
    log: new FakeLogger(),
    version: '0.0.0-bench',
    settings: () => ({ gatewayUrl: service.gatewayUrl, caFile: service.caPath ?? '' }),
    readFile: readText,
    localStack: () => Promise.reject(new Error('there is no local stack')),
  });
  if (databaseUrl !== undefined) {
    await secrets.set(`database ${service.ref}`, databaseUrl);
  }
  const project = await (await connector.management(account)).project(service.ref, { signal: AbortSignal.timeout(10_000), priority: 'user' });
  return connector.connect({ kind: 'hosted', accountId: account.id, project }, undefined);
}

async function bundledSteps(): Promise<Step[]> {
  const [markdown, folder] = [await loadMarkdownGrammar(), path.join(root, 'runbooks', 'diagnostics')];
  const files = (await readdir(folder)).filter((file) => file.endsWith('.md')).sort();
  const documents = await Promise.all(files.map(async (file) => parseDocument(`file:///${file}`, await readFile(path.join(folder, file), 'utf8'), markdown)));
  return documents.flatMap((document) => [...diagnosticsOf(document).values()].flat().map(({ step }) => step));
}
