import assert from 'node:assert/strict';
import { OpsError } from '../../../src/core/errors.ts';
import type { Logger } from '../../../src/core/ports.ts';
import { createLogger, describeForLog } from '../../../src/host/log.ts';

const token = `sbp_${'0123456789'.repeat(4)}`;
const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.c2lnbmF0dXJl';

describe('the log', () => {
  let lines: string[];
  let log: Logger;
  beforeEach(() => {
    lines = [];
    const write = (level: string) => (line: string) => void lines.push(`${level} ${line}`);
    log = createLogger({ debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') });
  });

  it('says what happened, with short facts', () => {
    log.info('signed in');
    log.debug('api', { operation: 'list functions', status: 200, ms: 12 });
    assert.deepEqual(lines, ['info signed in', 'debug api {"operation":"list functions","status":200,"ms":12}']);
  });

  for (const name of ['token', 'accessToken', 'password', 'Authorization', 'apikey', 'apiKey', 'api_key', 'connectionString', 'secretValue', 'set-cookie']) {
    it(`leaves out a fact that is called ${name}, also within another, also a list of them`, () => {
      log.warn('x', { [name]: 'hunter2', inner: { [name]: 'hunter2' }, list: [{ [name]: ['hunter2'] }] });
      assert.doesNotMatch(lines.join(), /hunter2/);
    });
  }

  it('keeps numbers and gaps whose names sound like it', () => {
    log.info('x', { tokens: 3, password: null });
    assert.deepEqual(lines, ['info x {"tokens":3,"password":null}']);
  });

  it('masks what looks like a credential wherever it stands', () => {
    log.error(`failed with ${token}`, { message: `Bearer ${jwt}`, url: 'postgresql://postgres:hunter2@db.example.test:5432/postgres', key: 'sb_secret_abcdef0123456789' });
    const text = lines.join();
    for (const secret of [token, jwt, 'hunter2', 'abcdef0123456789']) {
      assert.ok(!text.includes(secret), `${secret} is in the log`);
    }
    assert.match(text, /sbp_….*eyJ….*postgres:…@db\.example\.test.*sb_secret_…/);
  });

  it('is one line for an entry, so that outside text cannot forge another', () => {
    log.info('function said\n2026-11-20 [error] disk full', { name: 'x\u001b[2J\r\n' });
    assert.equal(lines[0]?.split(/[\n\r]/).length, 1);
  });

  it('never fails on what cannot be printed', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    log.error('x', { circle });
    log.error('x', { big: 2n ** 70n });
    assert.match(lines[0] ?? '', /circle: TypeError/);
    assert.match(lines[1] ?? '', /1180591620717411303424/);
  });
});

describe('an error in the log', () => {
  it('is its code and facts when it is ours, with its causes', () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const { cause: below, ...own } = describeForLog(new OpsError('unreachable', { host: 'api.example.test', reason: 'ECONNREFUSED' }, cause));
    assert.deepEqual(own, { code: 'unreachable', facts: { host: 'api.example.test', reason: 'ECONNREFUSED' } });
    assert.equal((below as { message: string }).message, 'connect ECONNREFUSED');
  });

  it('is its name, message and place when it is foreign', () => {
    const { name, message, stack } = describeForLog(new TypeError('x is not a function'));
    assert.deepEqual([name, message], ['TypeError', 'x is not a function']);
    assert.match(String(stack), /log\.test/);
  });

  it('tells the parts of several at once', () => {
    const { errors } = describeForLog(new AggregateError([new Error('one'), new OpsError('noProject', {})], 'both'));
    assert.deepEqual((errors as Record<string, unknown>[]).map((part) => part['message'] ?? part['code']), ['one', 'noProject']);
  });

  it('ends also when causes go in a circle', () => {
    const one = new Error('one');
    one.cause = new Error('two', { cause: one });
    assert.ok(JSON.stringify(describeForLog(one)).length < 20_000);
  });

  it('is told from whatever else was thrown', () => {
    assert.deepEqual(describeForLog('text'), { value: 'text' });
    assert.deepEqual(describeForLog(undefined), { value: 'undefined' });
    assert.deepEqual(describeForLog(Object.create(null)), { value: '[object Object]' });
  });
});
