import assert from 'node:assert/strict';
import { buildLogQuery, buildStatisticsQuery, literal, readLogRow } from '../../../../src/core/logs/clickhouse.ts';
import { logSources, type LogFilter, type LogService } from '../../../../src/core/logs/log.ts';
import { admitLogQuery } from '../../../sandbox/engines/logDialect.ts';

const window = { from: 1_000, to: 61_000 };
const newest = { limit: 100, order: 'newest' } as const;
const all = Object.keys(logSources) as LogService[];

function query(filter: Partial<LogFilter>, page: Parameters<typeof buildLogQuery>[2] = newest): string {
  return buildLogQuery({ services: ['functions'], ...filter }, window, page);
}

describe('ClickHouse queries', () => {
  it('name their columns, their source, the exact window and a limit', () => {
    const sql = query({});
    assert.match(sql, /^select id, toUnixTimestamp64Milli\(timestamp\) as ts_ms, source, multiIf\(.*\) as level, event_message, /);
    assert.match(sql, /, log_attributes\['function_id'\] as function_id, log_attributes\['execution_id'\] as execution_id, log_attributes\['version'\] as version, log_attributes\['region'\] as region from logs/);
    assert.match(
      sql,
      / from logs where \(source = 'function_logs'\) and toUnixTimestamp64Milli\(timestamp\) >= 1000 and toUnixTimestamp64Milli\(timestamp\) < 61000 order by ts_ms desc, id desc limit 100$/,
    );
  });

  it('pick for several services only the keys that these have', () => {
    const sql = query({ services: ['invocations', 'api'] });
    assert.match(sql, /multiIf\(log_attributes\['request.pathname'\] != '', log_attributes\['request.pathname'\], log_attributes\['request.path'\]\) as path/);
    assert.doesNotMatch(sql, /'region'|'msg'/);
    assert.doesNotMatch(query({ services: ['storage'] }), / as (function_id|status|path)/);
  });

  it('filter functions by id and leave the lines of other services alone', () => {
    const sql = query({ services: ['functions', 'postgres'], functionIds: ['a', 'b'] });
    assert.match(sql, /\(\(source = 'function_logs' and \(log_attributes\['function_id'\] = 'a' or log_attributes\['function_id'\] = 'b'\)\) or source = 'postgres_logs'\)/);
  });

  it('find nothing where nothing is asked for', () => {
    assert.match(query({ services: [] }), /where false and/);
    assert.match(query({ functionIds: [] }), /source = 'function_logs' and false/);
    assert.match(query({ levels: [] }), / and false order by/);
  });

  it('filter by level and text', () => {
    const sql = query({ levels: ['warn', 'error'], text: "it's" });
    assert.match(sql, /multiIf\(.*'debug', 'info'\) in \('warn', 'error'\) and positionCaseInsensitiveUTF8\(event_message, 'it''s'\) > 0/);
  });

  it('filter by regular expression, status, path, execution and version', () => {
    const sql = query({
      services: ['invocations', 'api'],
      pattern: { source: "it's (?:gone|\\d+)", ignoreCase: true },
      statuses: [{ from: 401, to: 401 }, { from: 500, to: 599 }],
      path: "/o'brien",
      executionId: 'e1',
      version: '12',
    });
    assert.ok(sql.includes(" and match(event_message, '(?i)it''s (?:gone|\\\\d+)') and "), sql);
    assert.match(sql, /\(\(toInt32OrZero\(.*?\) >= 401 and toInt32OrZero\(.*?\) <= 401\) or \(.* >= 500 and .* <= 599\)\)/);
    assert.match(sql, /positionCaseInsensitiveUTF8\(multiIf\(log_attributes\['request.pathname'\] != '', .*\), '\/o''brien'\) > 0/);
    assert.match(sql, / and log_attributes\['execution_id'\] = 'e1' and log_attributes\['version'\] = '12' order by/);
    assert.ok('sql' in admitLogQuery(sql, 'select 1', new Set()));
  });

  it('continue after a line in (time, id) order', () => {
    const sql = query({}, { limit: 5000, order: 'oldest', after: { time: 7, id: "x'y" } });
    assert.match(sql, /\(toUnixTimestamp64Milli\(timestamp\) > 7 or \(toUnixTimestamp64Milli\(timestamp\) = 7 and id > 'x''y'\)\) order by ts_ms asc, id asc limit 1000$/);
  });

  it('keep text from outside inside its literal', () => {
    for (const text of ["' or 1=1 --", '\\', "\\'", "''", "\\\\' union select 1", "a\nb", '%', '`', '日本語']) {
      const sql = query({ text, functionIds: [text] });
      assert.equal(unquote(literal(text)), text);
      // The endpoint's own tokenizer must see nothing but one SELECT over `logs`.
      assert.ok('sql' in admitLogQuery(sql, 'select 1', new Set()), text);
      assert.ok(sql.includes(`positionCaseInsensitiveUTF8(event_message, ${literal(text)}) > 0 order by`));
    }
  });

  it('are what the endpoint lets through, for every service and for all together', () => {
    for (const services of [...all.map((service) => [service]), all]) {
      for (const sql of [query({ services, functionIds: ['x'], levels: ['error'], text: 'y' }), buildStatisticsQuery(window), buildStatisticsQuery(window, { functionId: 'id', version: '7' })]) {
        const admitted = admitLogQuery(sql, 'select 1', new Set());
        assert.ok('sql' in admitted, JSON.stringify(admitted));
      }
    }
  });
});

/** Reads a literal as ClickHouse does. */
function unquote(text: string): string {
  assert.match(text, /^'(?:[^'\\]|''|\\\\)*'$/);
  return text.slice(1, -1).replaceAll("''", "'").replaceAll('\\\\', '\\');
}

describe('ClickHouse rows', () => {
  it('become lines, with numbers as text or not, and without what is empty', () => {
    assert.deepEqual(
      readLogRow({ id: 'a', ts_ms: '1795165200123', source: 'function_edge_logs', level: 'error', event_message: 'POST | 500', function_id: 'f', execution_id: '', version: '12', status: '500', duration_ms: '640.5', method: 'POST', path: '/x' }),
      { id: 'a', time: 1795165200123, service: 'invocations', level: 'error', message: 'POST | 500', functionId: 'f', version: '12', method: 'POST', path: '/x', status: 500, durationMs: 640.5 },
    );
    assert.deepEqual(readLogRow({ id: 'b', ts_ms: 5, source: 'auth_logs', level: 'info', event_message: '', message: 'login', status: null }), {
      id: 'b',
      time: 5,
      service: 'auth',
      level: 'info',
      message: 'login',
    });
  });

  it('that are no lines are left out', () => {
    for (const row of [{}, { id: 'a', source: 'function_logs' }, { id: 'a', ts_ms: null, source: 'function_logs' }, { id: 'a', ts_ms: 1, source: 'new_logs' }, { ts_ms: 1, source: 'function_logs' }]) {
      assert.equal(readLogRow(row), undefined);
    }
  });
});
