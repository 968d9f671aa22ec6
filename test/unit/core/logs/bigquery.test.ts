import assert from 'node:assert/strict';
import { buildLegacyQuery, matchesFilter, readLegacyRow } from '../../../../src/core/logs/bigquery.ts';
import type { LogFilter, LogLine } from '../../../../src/core/logs/log.ts';
import { logLine } from '../../../fakes/logStore.ts';

const page = { limit: 50, order: 'newest' } as const;

describe('queries in the old dialect', () => {
  it('unnest the metadata of each source', () => {
    assert.equal(
      buildLegacyQuery('invocations', { services: ['invocations'], functionIds: ['11111111-1111-4111-8111-111111111111'] }, page),
      'select function_edge_logs.id, function_edge_logs.timestamp, event_message, m.function_id as function_id, m.execution_id as execution_id, m.version as version, ' +
        'request.method as method, response.status_code as status, request.pathname as path, m.execution_time_ms as duration_ms ' +
        'from function_edge_logs cross join unnest(metadata) as m cross join unnest(m.request) as request cross join unnest(m.response) as response ' +
        "where m.function_id in ('11111111-1111-4111-8111-111111111111') order by timestamp desc limit 50",
    );
    assert.equal(buildLegacyQuery('storage', { services: ['storage'] }, page), 'select storage_logs.id, storage_logs.timestamp, event_message from storage_logs order by timestamp desc limit 50');
  });

  it('ask for a whole page where levels are told apart afterwards', () => {
    assert.match(buildLegacyQuery('postgres', { services: ['postgres'], levels: ['error'] }, page), / limit 1000$/);
  });

  it('look for the longest part of a text that needs no escape, and put no quote of anybody into the statement', () => {
    const sql = buildLegacyQuery('functions', { services: ['functions'], text: "Can't READ file\\x", functionIds: ["x' or 'y"] }, page);
    assert.match(sql, /where strpos\(lower\(event_message\), 't read file'\) > 0 order/);
    assert.doesNotMatch(buildLegacyQuery('functions', { services: ['functions'], text: "'\\" }, page), /where/);
  });

  it('have rows with microseconds', () => {
    assert.deepEqual(readLegacyRow('postgres', { id: 'a', timestamp: 1795165200123456, event_message: 'x', level: 'FATAL' }), {
      id: 'a',
      time: 1795165200123,
      service: 'postgres',
      level: 'error',
      message: 'x',
    });
    assert.equal(readLegacyRow('postgres', { id: 'a', timestamp: null }), undefined);
  });
});

describe('a filter', () => {
  const line = logLine({ time: 100, id: 'm', message: 'Payment FAILED', level: 'error', functionId: 'f' });
  const window = { from: 100, to: 200 };
  const cases: readonly (readonly [string, Partial<LogFilter>, boolean])[] = [
    ['everything', {}, true],
    ['text in any case', { text: 'payment failed' }, true],
    ['other text', { text: 'refund' }, false],
    ['its level', { levels: ['warn', 'error'] }, true],
    ['another level', { levels: ['info'] }, false],
    ['its function', { functionIds: ['f', 'g'] }, true],
    ['another function', { functionIds: ['g'] }, false],
  ];
  for (const [name, filter, matches] of cases) {
    it(`of ${name}: ${matches}`, () => assert.equal(matchesFilter(line, { services: ['functions'], ...filter }, window), matches));
  }

  it('takes the window’s start and not its end, and what comes after the cursor', () => {
    const filter: LogFilter = { services: ['functions'] };
    assert.ok(!matchesFilter({ ...line, time: 200 }, filter, window));
    assert.ok(!matchesFilter({ ...line, time: 99 }, filter, window));
    assert.ok(matchesFilter(line, filter, window, { time: 100, id: 'l' }));
    assert.ok(!matchesFilter(line, filter, window, { time: 100, id: 'm' }));
    assert.ok(!matchesFilter(line, filter, window, { time: 101, id: 'a' }));
  });

  const conditions: [conditions: Partial<LogFilter>, fits: Partial<LogLine>, not: Partial<LogLine>][] = [
    [{ pattern: { source: '^a.c$', ignoreCase: true } }, { message: 'A\nC' }, { message: 'ac' }],
    [{ statuses: [{ from: 401, to: 401 }, { from: 500, to: 599 }] }, { status: 599 }, { status: 404 }],
    [{ statuses: [{ from: 100, to: 599 }] }, { status: 100 }, {}],
    [{ path: '/REST' }, { path: '/rest/v1' }, { path: '/auth' }],
    [{ executionId: 'e' }, { executionId: 'e' }, { executionId: 'f' }],
    [{ version: '12' }, { version: '12' }, { version: '1' }],
  ];
  for (const [condition, fits, not] of conditions) {
    it(`tells lines apart by ${JSON.stringify(condition)}`, () => {
      const wanted: LogFilter = { services: ['functions'], ...condition };
      assert.ok(matchesFilter({ ...line, ...fits }, wanted, window));
      assert.ok(!matchesFilter({ ...line, ...not }, wanted, window));
      assert.match(buildLegacyQuery('functions', wanted, { limit: 10, order: 'newest' }), /limit 1000$/, 'what is told apart afterwards needs full pages');
    });
  }

  it('of functions does not hide the lines of services', () => {
    assert.ok(matchesFilter({ ...line, service: 'postgres' }, { services: ['postgres'], functionIds: ['g'] }, window));
  });
});
