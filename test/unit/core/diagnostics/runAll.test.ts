import assert from 'node:assert/strict';
import { loadMarkdownGrammar } from '../../../../src/adapters/text/markdown.ts';
import { diagnoseAll } from '../../../../src/core/diagnostics/runAll.ts';
import { OpsError, isCancelled } from '../../../../src/core/errors.ts';
import { parseDocument } from '../../../../src/core/runbook/parseDocument.ts';
import { fakeConnection } from '../../../fakes/connection.ts';
import { FakeDatabase } from '../../../fakes/database.ts';

describe('all diagnostics', () => {
  let database: FakeDatabase;
  beforeEach(() => {
    database = new FakeDatabase();
  });

  const steps = async (count: number) => {
    const fences = Array.from({ length: count }, (_, index) => `\`\`\`sql title="t${index}" warn="n > 1"\nselect n from t${index} as one\n\`\`\`\n\n`);
    return parseDocument('file:///d.md', `# D\n\n${fences.join('')}`, await loadMarkdownGrammar()).sections.flatMap((section) => section.steps);
  };
  const failed = (error: unknown) => ({ verdict: { state: 'unknown' as const, summary: String(error), rows: [] } });
  const settle = () => new Promise((resolve) => setImmediate(resolve));

  it('use all three connections, never more, and answer in their order', async () => {
    for (let index = 0; index < 7; index++) {
      database.answer(`from t${index} `, { columns: ['n'], rows: [[String(index)]] });
    }
    const release = database.hold();
    const running = diagnoseAll(await steps(7), { connection: fakeConnection({ database }), signal: new AbortController().signal, failed });
    await settle();
    assert.equal(database.requests.length, 3);
    release();
    assert.deepEqual((await running).map(({ result }) => result?.rows[0]?.[0]), ['0', '1', '2', '3', '4', '5', '6']);
  });

  it('go on after one that could not be asked', async () => {
    database.answer('select', { columns: ['n'], rows: [['0']] }).answer('from t1 ', new OpsError('timedOut', { operation: 'run the statement', seconds: 2 }));
    const outcomes = await diagnoseAll(await steps(3), { connection: fakeConnection({ database }), signal: new AbortController().signal, failed });
    assert.deepEqual(outcomes.map(({ verdict }) => verdict.state), ['ok', 'unknown', 'ok']);
  });

  it('are asked once more, one by one, where the server let only some through', async () => {
    let open = 0;
    let most = 0;
    const crowded = Object.assign(database, {
      async *run(): ReturnType<FakeDatabase['run']> {
        open++;
        most = Math.max(most, open);
        try {
          if (open > 2) {
            throw new OpsError('databaseRefused', { host: 'db', message: 'too many clients', sqlState: '53300' });
          }
          await settle();
          yield { kind: 'columns', columns: [{ name: 'n', type: 'int4', category: 'number' }] };
          yield { kind: 'done', command: 'SELECT', rowCount: 0, truncated: false, durationMs: 1 };
        } finally {
          open--;
        }
      },
    });
    const outcomes = await diagnoseAll(await steps(7), { connection: fakeConnection({ database: crowded }), signal: new AbortController().signal, failed });
    assert.deepEqual([most, outcomes.map(({ verdict }) => verdict.state)], [3, Array.from({ length: 7 }, () => 'ok')]);
  });

  it('are asked no more where the server lets none through', async () => {
    database.answer('select', new OpsError('databaseRefused', { host: 'db', message: 'too many clients', sqlState: '53300' }));
    const outcomes = await diagnoseAll(await steps(5), { connection: fakeConnection({ database }), signal: new AbortController().signal, failed });
    assert.deepEqual([database.requests.length, outcomes.length], [5, 5]);
  });

  it('end when they are cancelled', async () => {
    database.hold();
    const controller = new AbortController();
    const running = diagnoseAll(await steps(5), { connection: fakeConnection({ database }), signal: controller.signal, failed });
    await settle();
    controller.abort();
    await assert.rejects(running, isCancelled);
    await settle();
    assert.equal(database.requests.length, 3, 'nothing else is begun');
  });
});
