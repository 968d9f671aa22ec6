import assert from 'node:assert/strict';
import { OpsError } from '../../../../src/core/errors.ts';
import { readDatabaseBasics, toDatabaseBasics, type DatabaseBasics } from '../../../../src/core/health/databaseBasics.ts';
import type { ServiceHealth } from '../../../../src/core/health/health.ts';
import { healthRows, worst, type HealthRow } from '../../../../src/core/health/report.ts';
import type { Project } from '../../../../src/core/project/project.ts';
import type { Database, StatementRequest } from '../../../../src/core/ports.ts';
import type { Column } from '../../../../src/core/sql/result.ts';

const project: Project = { kind: 'hosted', ref: 'abcdefghijklmnopqrst', name: 'acme', environment: 'production', status: 'ACTIVE_HEALTHY' };
const healthy: readonly ServiceHealth[] = ['db', 'auth', 'rest'].map((service) => ({ service, state: 'ok' }));
const basics: DatabaseBasics = { connections: 41, maxConnections: 60, sizeBytes: 128 * 1024 * 1024, cacheHitPercent: 99.6, blocks: 1e6 };
const denied = new OpsError('permissionMissing', { operation: 'run SQL', account: 'me' });

function rows(change: { services?: readonly ServiceHealth[] | OpsError; database?: Partial<DatabaseBasics> | OpsError; status?: string } = {}): HealthRow[] {
  const { services = healthy, database = {}, status = 'ACTIVE_HEALTHY' } = change;
  return healthRows({
    project: { ...project, status },
    services: services instanceof OpsError ? { kind: 'failed', error: services } : { kind: 'answered', value: services },
    database: database instanceof OpsError ? { kind: 'failed', error: database } : { kind: 'answered', value: { ...basics, ...database } },
  });
}

function row(id: string, all: readonly HealthRow[]): HealthRow {
  const found = all.find((one) => one.id === id);
  assert.ok(found, `${id} is among ${all.map((one) => one.id).join(', ')}`);
  return found;
}

describe('the rows of health', () => {
  it('tell a good morning in one glance', () => {
    assert.deepEqual(
      rows().map(({ label, state, description }) => `${label}: ${state}, ${description}`),
      [
        'Database: ok, 41 of 60 connections, 68 % (warn at 80 %)',
        'Auth: ok, healthy',
        'REST: ok, healthy',
        'Connections: ok, 41 of 60 connections, 68 % (warn at 80 %)',
        'Cache hit ratio: ok, 99.6 % of blocks found in memory (warn below 99 %)',
        'Longest statement: ok, none is running',
        'Size: ok, 128 MB',
      ],
    );
  });

  const limits: readonly (readonly [string, Partial<DatabaseBasics>, string])[] = [
    ['connections', { connections: 47 }, 'ok'],
    ['connections', { connections: 48 }, 'warn'],
    ['connections', { connections: 57 }, 'critical'],
    ['cache', { cacheHitPercent: 98.99 }, 'warn'],
    ['cache', { cacheHitPercent: 94.9 }, 'critical'],
    ['longest', { longestSeconds: 299 }, 'ok'],
    ['longest', { longestSeconds: 300 }, 'warn'],
    ['longest', { longestSeconds: 1800 }, 'critical'],
  ];
  for (const [id, database, state] of limits) {
    it(`judge ${id} ${JSON.stringify(database)} as ${state}, and the database with it`, () => {
      const all = rows({ database });
      assert.equal(row(id, all).state, state);
      assert.equal(row('database', all).state, state);
      assert.ok(state === 'ok' || row('database', all).description === row(id, all).description);
    });
  }

  it('never call good what is not known', () => {
    const all = rows({ database: { blocks: 500, cacheHitPercent: 50 } });
    assert.equal(row('cache', all).state, 'unknown');
    assert.equal(row('database', all).state, 'ok');
    const nothing = toDatabaseBasics({ columns: [], rows: [] });
    assert.deepEqual(nothing, {});
    const unread = healthRows({ project, services: { kind: 'answered', value: [] }, database: { kind: 'answered', value: nothing } });
    assert.equal(row('connections', unread).state, 'unknown');
    assert.equal(worst([]), 'unknown');
    assert.equal(worst(['ok', 'unknown', 'ok']), 'unknown');
  });

  it('keep the platform’s word when the numbers cannot be read, with the reason', () => {
    const database = row('database', rows({ database: denied }));
    assert.equal(database.state, 'ok');
    assert.equal(database.description, 'healthy');
    assert.equal(database.error, denied);
  });

  it('keep the numbers when the platform cannot be asked', () => {
    const all = rows({ services: denied });
    assert.equal(row('services', all).state, 'unknown');
    assert.equal(row('services', all).error, denied);
    assert.equal(row('database', all).state, 'ok');
  });

  it('know nothing of a database of which neither can be asked', () => {
    const all = rows({ services: denied, database: denied });
    assert.deepEqual(all.map(({ state }) => state), ['unknown', 'unknown']);
  });

  it('show the service’s own words, and services that nobody knew of', () => {
    const services: ServiceHealth[] = [
      { service: 'db', state: 'critical', error: 'connection refused' },
      { service: 'realtime', state: 'warn' },
      { service: 'etl', state: 'unknown' },
    ];
    const all = rows({ services });
    assert.equal(row('database', all).description, 'connection refused');
    assert.equal(row('realtime', all).description, 'coming up');
    assert.deepEqual([row('etl', all).label, row('etl', all).state], ['etl', 'unknown']);
  });

  it('say that a project is paused', () => {
    assert.deepEqual(rows({ status: 'INACTIVE' })[0], { kind: 'service', id: 'project', label: 'Project', state: 'critical', description: 'paused' });
    assert.equal(rows({ status: 'SOMETHING_NEW' })[0]?.state, 'unknown');
  });
});

describe('the basics of a database', () => {
  it('are one read-only statement in the background, and numbers of its row', async () => {
    const names = ['connections', 'max_connections', 'size_bytes', 'blocks', 'cache_hit_percent', 'longest_seconds'];
    const columns = names.map((name): Column => ({ name, type: 'unknown', category: 'text' }));
    const asked: StatementRequest[] = [];
    const database: Pick<Database, 'run'> = {
      async *run(request) {
        asked.push(request);
        yield { kind: 'columns', columns };
        yield { kind: 'rows', rows: [['41', '60', '9223372036', '120000', '99.61', null]] };
        yield { kind: 'done', command: 'SELECT', rowCount: 1, truncated: false, durationMs: 3 };
      },
    };
    const read = await readDatabaseBasics(database as Database, { signal: new AbortController().signal, priority: 'view' });
    assert.deepEqual(read, { connections: 41, maxConnections: 60, sizeBytes: 9223372036, blocks: 120000, cacheHitPercent: 99.61 });
    assert.deepEqual(asked.map(({ mode, background }) => ({ mode, background })), [{ mode: 'read', background: true }]);
  });
});
