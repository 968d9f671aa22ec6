import assert from 'node:assert/strict';
import { startLogEngine } from './clickhouse.ts';
import type { LogEngine, LogRow } from './types.ts';

const MINUTE = 60_000;
const noon = Date.UTC(2026, 5, 22, 12, 0, 0);
const hour = { from: noon - 60 * MINUTE, to: noon };

function row(id: string, timestamp: number, more: Partial<LogRow> = {}): LogRow {
  return {
    id,
    timestamp,
    event_message: `message ${id}`,
    severity_text: 'INFO',
    source: 'function_edge_logs',
    log_attributes: { function_id: 'f1', 'response.status_code': '200', execution_time_ms: '12' },
    ...more,
  };
}

describe('sandbox logs', () => {
  let engine: LogEngine;

  before(async () => {
    engine = await startLogEngine();
    await engine.insert([
      row('yesterday', noon - 25 * 60 * MINUTE),
      row('early', noon - 61 * MINUTE),
      row('first', noon - 30 * MINUTE + 215),
      row('failed', noon - 20 * MINUTE, {
        event_message: `it's a "failure" \\ with ünïcode\nand two lines`,
        log_attributes: { function_id: 'f2', 'response.status_code': '500', execution_time_ms: '' },
      }),
      row('console', noon - 10 * MINUTE, { source: 'function_logs', severity_text: 'ERROR' }),
      row('late', noon + 5),
    ]);
  });

  after(() => engine.stop());

  async function rows(sql: string, window = hour): Promise<Record<string, unknown>[]> {
    const answer = await engine.query(sql, window);
    assert.ok('result' in answer, JSON.stringify(answer));
    return answer.result;
  }

  async function ids(sql: string, window = hour): Promise<unknown[]> {
    return (await rows(sql, window)).map((found) => found['id']);
  }

  async function refused(sql: string, reason: RegExp, window = hour): Promise<void> {
    const answer = await engine.query(sql, window);
    assert.ok('error' in answer, `let through: ${sql}`);
    assert.match(answer.error, reason, sql);
  }

  it('gives rows back as they were, with the documented form of timestamps', async () => {
    assert.deepEqual(
      await rows(
        `select id, timestamp, toUnixTimestamp64Milli(timestamp) as ts_ms, event_message, severity_text, source, log_attributes
         from logs where source = 'function_edge_logs' order by timestamp limit 10`,
      ),
      [
        {
          id: 'first',
          timestamp: '2026-06-22T11:30:00.215000',
          ts_ms: noon - 30 * MINUTE + 215,
          event_message: 'message first',
          severity_text: 'INFO',
          source: 'function_edge_logs',
          log_attributes: { function_id: 'f1', 'response.status_code': '200', execution_time_ms: '12' },
        },
        {
          id: 'failed',
          timestamp: '2026-06-22T11:40:00.000000',
          ts_ms: noon - 20 * MINUTE,
          event_message: `it's a "failure" \\ with ünïcode\nand two lines`,
          severity_text: 'INFO',
          source: 'function_edge_logs',
          log_attributes: { function_id: 'f2', 'response.status_code': '500', execution_time_ms: '' },
        },
      ],
    );
  });

  it('runs the queries of Studio and of the MCP server', async () => {
    assert.deepEqual(
      await rows(`select log_attributes['function_id'] as function_id, count(distinct id) as requests_count,
          count(distinct case when toInt32OrZero(log_attributes['response.status_code']) >= 500 then id end) as server_err_count
        from logs where source = 'function_edge_logs' and log_attributes['function_id'] != ''
        group by function_id order by function_id limit 100`),
      [
        { function_id: 'f1', requests_count: 1, server_err_count: 0 },
        { function_id: 'f2', requests_count: 1, server_err_count: 1 },
      ],
    );
    assert.deepEqual(
      await rows(`select arrayJoin(mapKeys(log_attributes)) as key, count() as n from logs
        where source='function_logs' group by key order by key limit 200`),
      [
        { key: 'execution_time_ms', n: 1 },
        { key: 'function_id', n: 1 },
        { key: 'response.status_code', n: 1 },
      ],
    );
    assert.deepEqual(
      await rows(`select toStartOfMinute(timestamp) as timestamp, countIf(source = 'function_logs') as n
        from logs group by timestamp having n > 0 order by timestamp limit 5`),
      [{ timestamp: '2026-06-22T11:50:00', n: 1 }],
    );
  });

  it('shows nothing outside the window, whatever the query asks for', async () => {
    const all = ['first', 'failed', 'console'];
    assert.deepEqual(await ids('select id from logs order by timestamp limit 10'), all);
    assert.deepEqual(await ids(`select id from logs where timestamp > '2020-01-01' or 1 = 1 order by timestamp limit 10`), all);
    assert.deepEqual(
      await ids('with x as (select id, timestamp from logs) select id from x order by timestamp limit 10'),
      all,
    );
    assert.deepEqual(
      await ids('select a.id as id from logs a join (select id from logs) b on a.id = b.id order by a.timestamp limit 10'),
      all,
    );
    assert.deepEqual(
      await ids(`select id from logs where source = 'function_logs' limit 5 union all select id from logs where id = 'early' limit 5`),
      ['console'],
    );
  });

  it('rounds the window to the nearest minute', async () => {
    const sql = 'select id from logs order by timestamp limit 10';
    assert.deepEqual(await ids(sql, { from: noon - 29_000, to: noon + 29_000 }), []);
    assert.deepEqual(await ids(sql, { from: noon - 29_000, to: noon + 31_000 }), ['late']);
    assert.deepEqual(await ids(sql, { from: noon - 60.6 * MINUTE, to: noon - 31 * MINUTE }), ['early']);
  });

  it('refuses more than 24 hours', async () => {
    const sql = 'select id from logs order by timestamp limit 1';
    await refused(sql, /24 hours/, { from: noon - 24 * 60 * MINUTE - 1, to: noon });
    await refused(sql, /24 hours/, { from: Number.NaN, to: noon });
    assert.deepEqual(await ids(sql, { from: noon - 24 * 60 * MINUTE, to: noon }), ['early']);
  });

  it('refuses wildcards, but not multiplication or a star in text', async () => {
    const starred = [
      'select * from logs limit 1', 'select count(*) from logs limit 1', 'select logs.* from logs limit 1',
      'select id, * from logs limit 1', 'select distinct * from logs limit 1', 'select * except (id) from logs limit 1',
      `select columns('id') from logs limit 1`, 'select/**/* from logs limit 1', 'select id from (select * from logs) limit 1',
      'select distinct on (id) * from logs limit 1',
    ];
    for (const sql of starred) {
      await refused(sql, /wildcard/);
    }
    assert.deepEqual(await rows(`select 2 * 3 as a, (1 + 1) * 2 as b, '*' as c /* * */ from logs limit 1 -- *`), [
      { a: 6, b: 4, c: '*' },
    ]);
  });

  it('wants a LIMIT of at most 1000 on the result', async () => {
    const unlimited = [
      'select id from logs', 'select id from logs limit 1001', 'select id from logs limit 10 + 1', 'select id from logs limit 1 by id',
      `select id from logs where event_message = 'limit 10'`, 'select id from logs -- limit 10', 'select id from (select id from logs limit 10)',
      'select id from logs union all select id from logs limit 10', 'select 1 as limit', 'select id as "limit 10" from logs',
      'select id from logs limit 10, 2000',
    ];
    for (const sql of unlimited) {
      await refused(sql, /LIMIT is required/);
    }
    assert.deepEqual(await ids('select id from logs order by timestamp limit 1 by source limit 1, 1000;'), ['console']);
    assert.deepEqual(await ids('select id from logs order by timestamp LIMIT 1000 OFFSET 2'), ['console']);
  });

  it('reads no other table, function, setting or statement', async () => {
    const outside: [string, RegExp][] = [
      ['select name from system.tables limit 1', /find source system/],
      ['select id from store.log_rows limit 1', /find source store/],
      ['select id from logs, store.log_rows limit 1', /find source store/],
      ['select id from logs as where, store.log_rows limit 1', /find source store/],
      ['select id from logs join store.log_rows using id limit 1', /find source store/],
      ['select id from (store.log_rows) limit 1', /find source store/],
      ['select id from logs where id in store.log_rows limit 1', /find source store/],
      ['select exists(select 1 from store.log_rows) limit 1', /find source store/],
      ['select id from `store`.`log_rows` limit 1', /find source store/],
      ['select id from function_logs limit 1', /find source function_logs/],
      [`select line from file('/etc/passwd', 'LineAsString') limit 1`, /Restricted function file/],
      [`select file('/etc/passwd') limit 1`, /Restricted function file/],
      ['select `file`(\'/etc/passwd\') limit 1', /Restricted function file/],
      [`select a from FILE /* */ ('/etc/passwd') limit 1`, /Restricted function FILE/],
      [`select a from url('http://127.0.0.1/') limit 1`, /Restricted function url/],
      ['select number from numbers(10) limit 1', /Restricted function numbers/],
      [`select a from format('CSV', '1') limit 1`, /find source format/],
      ['select hostname() from logs limit 1', /Restricted function hostname/],
      ['select sleep(3) from logs limit 1', /Restricted function sleep/],
      ['with logs as (select 1 as id) select id from logs limit 1', /cannot be redefined/],
      ['select id from logs limit 1 settings max_threads = 1', /Restricted clause SETTINGS/],
      ['select id from logs limit 1 format CSV', /Restricted clause FORMAT/],
      [`select id from logs limit 1 into outfile '/tmp/x'`, /Restricted clause INTO/],
      ['drop table store.log_rows', /Only SELECT/],
      ['', /Only SELECT/],
      ['select id from logs limit 1; drop table store.log_rows', /Only singular query/],
      ['select id from logs where id = {x:String} limit 1', /Syntax error/],
      ["select id from logs where id = 'open limit 1", /Syntax error/],
    ];
    for (const [sql, reason] of outside) {
      await refused(sql, reason);
    }
    assert.equal((await ids('select id from logs limit 10')).length, 3);
  });

  it('lets through what only looks like a table', async () => {
    assert.deepEqual(
      await rows(`select extract(year from timestamp) as y, position('a' in id) as p, id is distinct from 'x' as d, 'from system.tables' as t
        from logs array join [1, 2] as n, ['a', 'b'] as m where id in ('first') order by n limit 1`),
      [{ y: 2026, p: 0, d: 1, t: 'from system.tables' }],
    );
    assert.deepEqual(await ids('with x as (select id from logs), y as (select id from x) select id from y where id in x order by id limit 1'), [
      'console',
    ]);
  });

  it("answers with the engine's words for what it cannot resolve, without the sandbox's own SQL", async () => {
    await refused('select nme from logs limit 1', /^Code: 47.*`nme`\. \(UNKNOWN_IDENTIFIER\)$/);
    await refused('select /* note */ id from logs where limit 1', /failed at position 44 \(1\).*SYNTAX_ERROR/);
    await refused('with x as (select id from logs) select id from x where limit 1', /failed at position 62 \(1\).*SYNTAX_ERROR/);
  });

  it('takes a hundred thousand rows in about a second, and others meanwhile', async () => {
    const many: LogRow[] = [];
    for (let n = 0; n < 100_000; n += 1) {
      many.push(row(`bulk-${n}`, noon + 60 * MINUTE + n, { source: 'edge_logs' }));
    }
    const started = performance.now();
    await engine.insert(many);
    const took = performance.now() - started;
    const window = { from: noon + 60 * MINUTE, to: noon + 120 * MINUTE };
    assert.deepEqual(await rows(`select count() as n from logs where source = 'edge_logs' limit 1`, window), [{ n: 100_000 }]);
    assert.ok(took < 4000, `${Math.round(took)} ms`);
  });

  it('keeps a row that arrives twice, and says so when it has stopped', async () => {
    const other = await startLogEngine();
    await other.insert([row('twin', noon - MINUTE), row('twin', noon - MINUTE)]);
    const twins = await other.query('select id from logs limit 10', hour);
    assert.deepEqual(twins, { result: [{ id: 'twin' }, { id: 'twin' }] });
    await other.stop();
    await assert.rejects(other.query('select id from logs limit 10', hour), /has stopped/);
  });
});
