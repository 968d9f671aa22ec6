import assert from 'node:assert/strict';

import { routes } from '../sandbox/api/routes.ts';
import { startLogEngine } from '../sandbox/clickhouse.ts';
import { startPostgres } from '../sandbox/postgres.ts';
import { startControlPlane, type Sandbox } from '../sandbox/controlPlane.ts';
import { createSmallScenario } from '../sandbox/smallScenario.ts';
import type { Engines } from '../sandbox/state.ts';
import { skipFor } from '../world/skip.ts';
import { exchangeFaults, loadContract, watchContract, type Contract } from './contract.ts';
import { assertAnswer, pairTime, prepareRequest, readPairs, type Pair } from './pairs.ts';
import { spoiledBodies } from './spoil.ts';

const pairs = readPairs();

function start(engines: Engines): Promise<Sandbox> {
  return startControlPlane({ scenario: createSmallScenario(), engines, now: () => pairTime });
}

function tokenFor(sandbox: Sandbox, as = 'owner'): string | undefined {
  switch (as) {
    case 'owner':
      return sandbox.tokens.owner;
    case 'nobody':
      return undefined;
    case 'revoked':
      return sandbox.tokens.revoked;
    case 'stranger':
      return sandbox.tokens.stranger;
    default:
      return sandbox.tokens.without(as.replace('without ', ''));
  }
}

function send(sandbox: Sandbox, pair: Pair): Promise<Response> {
  const { target, method, headers, body } = prepareRequest(pair);
  const token = tokenFor(sandbox, pair.as);
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return fetch(sandbox.apiUrl + target, { method, headers: { ...authorization, ...headers }, ...(body === undefined ? {} : { body }) });
}

/** Starts the engine that some pairs need, once for all of them. */
function withEngine(engine: 'postgres' | 'logs' | undefined, body: (engines: Engines) => void): void {
  const engines: Engines = {};
  describe(engine === undefined ? 'alone' : `with ${engine}`, () => {
    before(async function () {
      this.timeout(60_000);
      const scenario = createSmallScenario();
      if (engine === 'postgres') {
        engines.postgres = await startPostgres({ sql: scenario.sql });
      } else if (engine === 'logs') {
        engines.logs = await startLogEngine();
        await engines.logs.insert([...scenario.logs(pairTime)]);
      }
    });
    after(async () => {
      await engines.postgres?.stop();
      await engines.logs?.stop();
    });
    body(engines);
  });
}

for (const engine of [undefined, 'postgres', 'logs'] as const) {
  const some = pairs.filter((pair) => pair.needs === engine);
  describe('the sandbox answers as recorded', () => {
    withEngine(engine, (engines) => {
      for (const pair of some) {
        const { method, path } = pair.request;
        it(`${method} ${path} ${pair.as ?? ''} → ${pair.answer.status}: ${pair.source}`, async () => {
          const sandbox = await start(engines);
          try {
            await assertAnswer(pair, await send(sandbox, pair));
          } finally {
            await sandbox.stop();
          }
        });
      }
    });
  });
}

describe('the recorded pairs', () => {
  it('show every endpoint of the sandbox succeed, but for the one that never does', () => {
    const recorded = pairs.filter((pair) => pair.answer.status < 300 || pair.answer.status === 410);
    const bare = routes.filter((route) => !recorded.some((pair) => pair.request.method === route.method && fits(route.path, pair.request.path)));
    assert.deepEqual(bare.map((route) => `${route.method} ${route.path}`), []);
  });
});

function fits(template: string, path: string): boolean {
  return new RegExp(`^${template.replace(/\./g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`).test(path);
}

const contract = loadContract();

/** A contract that is not there is a reason to see, not a test to lose. */
function describeContract(title: string, body: (published: Contract) => void): void {
  describe(title, () => {
    if (contract === undefined) {
      it('is fitted by the sandbox', function () {
        skipFor(this, 'needs ../shared');
      });
    } else {
      body(contract);
    }
  });
}

describeContract('the published contract', (published) => {
  it('knows every endpoint of the sandbox, with the permissions that it asks for', () => {
    const wrong = routes.filter((route) => {
      const operation = published.operation(route.method, route.path);
      return JSON.stringify(operation?.['x-fga-permissions'] ?? []) !== JSON.stringify(route.permissions);
    });
    assert.deepEqual(wrong.map((route) => `${route.method} ${route.path}`), []);
  });

  it('names the operation of every recorded pair, takes its request and allows its answer', () => {
    for (const pair of pairs) {
      const operation = published.operation(pair.request.method, pair.request.path);
      assert.equal(operation?.operationId, pair.operation);
      const { target, method, headers, body } = prepareRequest(pair);
      const url = new URL(target, 'http://recorded.invalid');
      const call = { method, path: url.pathname, query: url.searchParams, headers, body: body ?? Buffer.alloc(0) };
      assert.equal(published.requestFaults(call).length > 0, pair.malformed === true, `${pair.operation}: ${published.requestFaults(call).join()}`);
      const status = String(pair.answer.status);
      assert.ok(pair.answer.status >= 400 || status in operation.responses, `${pair.operation} ${status}`);
    }
  });

  for (const engine of [undefined, 'postgres', 'logs'] as const) {
    withEngine(engine, (engines) => {
      it('finds no fault in any answer or request, and one in every spoiled answer', async () => {
        const sandbox = await start(engines);
        let mutants = 0;
        try {
          const some = pairs.filter((one) => one.needs === engine && one.malformed !== true);
          for (const pair of some) {
            mutants += await exchangeAndSpoil(sandbox, published, pair);
          }
        } finally {
          await sandbox.stop();
        }
        assert.ok(mutants > 10, `only ${mutants} spoiled answers`);
      });
    });
  }

  it('sees a spoiled answer on the wire', async () => {
    const sandbox = await start({});
    const watch = watchContract(sandbox, published);
    // Spoiled behind the watch's back: a sandbox whose own state went wrong.
    const [project] = sandbox.state.projects.values();
    (project?.functions.get('hello') as { version: unknown }).version = 'three';
    const [pair] = pairs.filter((one) => one.operation === 'v1-list-all-functions');
    assert.ok(pair !== undefined);
    await send(sandbox, pair);
    await sandbox.stop();
    assert.deepEqual(watch.faults, ['v1-list-all-functions answer 200 body[0].version: string where integer is due']);
  });

  it('sees a request that is not in the contract', async () => {
    const sandbox = await start({});
    const watch = watchContract(sandbox, published);
    const headers = { authorization: `Bearer ${sandbox.token}` };
    await fetch(`${sandbox.apiUrl}/v1/projects/${sandbox.ref}/functions?fields=slug`, { headers });
    await fetch(`${sandbox.apiUrl}/v1/projects/${sandbox.ref}/functions/hello/versions`, { headers });
    await sandbox.stop();
    assert.deepEqual(watch.faults, [
      'v1-list-all-functions request query fields: is not in the contract',
      `GET /v1/projects/${sandbox.ref}/functions/hello/versions: is no operation of the contract`,
    ]);
  });
});

/** Sends a pair, wants no fault, then wants one in each spoiled copy of the answer. Returns how many copies there were. */
async function exchangeAndSpoil(sandbox: Sandbox, published: Contract, pair: Pair): Promise<number> {
  await send(sandbox, pair);
  const exchange = sandbox.exchanges.at(-1);
  assert.ok(exchange?.route !== undefined);
  assert.deepEqual(exchangeFaults(published, exchange), []);
  const schema = published.answerSchema(exchange.call.method, exchange.route, exchange.answer.status);
  if (schema === undefined || exchange.answer.status >= 400 || exchange.answer.body.length === 0) {
    return 0;
  }
  const spoiled = spoiledBodies(schema, JSON.parse(Buffer.from(exchange.answer.body).toString('utf8')), (one) => published.schema(one));
  for (const { name, body } of spoiled) {
    const answer = { ...exchange.answer, body: Buffer.from(JSON.stringify(body)) };
    assert.notDeepEqual(published.answerFaults(exchange.call.method, exchange.route, answer), [], `${pair.operation}: ${name} went unseen`);
  }
  return spoiled.length;
}
