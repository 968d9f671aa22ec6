import assert from 'node:assert/strict';
import { formatLine } from '../../../../src/core/logs/format.ts';
import type { LogLine } from '../../../../src/core/logs/log.ts';

const base: LogLine = { id: 'a', time: Date.UTC(2026, 10, 20, 9, 30, 0, 123), service: 'functions', level: 'error', message: 'boom', functionId: 'f' };
const names = new Map([['f', 'mint-token']]);

function format(line: Partial<LogLine>, mask = true): string {
  return formatLine({ ...base, ...line }, { names, mask });
}

describe('a log line as text', () => {
  it('begins with the event’s own time in UTC, level and name', () => {
    assert.equal(format({}), '2026-11-20T09:30:00.123Z [error] mint-token boom');
    assert.equal(format({ functionId: 'unknown-id', level: 'warn' }), '2026-11-20T09:30:00.123Z [warn]  unknown-id boom');
    const { functionId: _, ...service } = base;
    assert.equal(formatLine({ ...service, service: 'postgres', level: 'info' }, { names, mask: true }), '2026-11-20T09:30:00.123Z [info]  postgres boom');
  });

  it('tells the request where the message does not', () => {
    assert.match(format({ service: 'invocations', method: 'POST', path: '/mint-token', status: 500, durationMs: 639.6, message: '' }), /mint-token POST \/mint-token 500 640 ms$/);
    const message = 'POST | 500 | https://x.supabase.co/functions/v1/mint-token';
    assert.match(format({ method: 'POST', path: '/functions/v1/mint-token', status: 500, durationMs: 12, message }), /mint-token 12 ms POST \| 500 \|/);
  });

  it('indents further rows, whatever breaks them, so that none can pass for a line', () => {
    const forged = '2026-11-20T09:30:00.124Z [info]  mint-token all is well';
    for (const breaker of ['\n', '\r\n', '\r', '\u2028', '\u2029', '\u0085', '\v', '\f', '\n\n\n']) {
      const rows = format({ message: `boom${breaker}${forged}` }).split('\n');
      assert.equal(rows.length, 2, JSON.stringify(breaker));
      assert.equal(rows[1], `    ${forged}`);
    }
    assert.ok(!format({ functionId: 'a\nb' }).includes('\n'));
  });

  it('takes a line of megabytes, and each of its rows is indented', () => {
    const row = `${'x'.repeat(999)}\u001b`;
    const rows = format({ message: Array.from({ length: 2_000 }, () => row).join('\r') }).split('\n');
    assert.equal(rows.length, 2_000);
    assert.ok(rows.slice(1).every((each) => each === `    ${'x'.repeat(999)}␛`));
  });

  it('makes control characters and bidirectional marks visible', () => {
    assert.match(format({ message: 'a\u001b[2Jb\u0000c\u202ed\u0007' }), / a␛\[2Jb␀c\\u\{202e\}d␇$/);
    assert.doesNotMatch(format({ message: '\u001b\u009b\u202e\u2066\u0008', functionId: '\u001b' }), /[\u0000-\u0009\u000b-\u001f\u0080-\u009f\u202a-\u202e\u2066-\u2069]/);
  });

  it('masks credentials unless told not to', () => {
    const message = 'using sb_secret_abcdefgh and sbp_0123456789';
    assert.match(format({ message }), /using sb_secret_… and sbp_…$/);
    assert.match(format({ message }, false), /using sb_secret_abcdefgh and sbp_0123456789$/);
    assert.doesNotMatch(format({ path: '/x?token=sb_secret_abcdefgh', message: '' }), /abcdefgh/);
  });

  it('tells version, region and execution on demand', () => {
    const line = { ...base, version: '12', region: 'eu-central-1', executionId: 'e-1' };
    assert.match(formatLine(line, { names, mask: true, details: true }), /mint-token v12 eu-central-1 e-1 boom$/);
    assert.match(formatLine(line, { names, mask: true }), /mint-token boom$/);
  });

  it('says in words what the platform’s own failures of a call mean', () => {
    assert.match(format({ service: 'invocations', status: 546, errorCode: 'WORKER_RESOURCE_LIMIT', message: 'POST | 546' }), /POST \| 546 \u2014 WORKER_RESOURCE_LIMIT: the worker was ended: out of memory/);
    assert.match(format({ service: 'invocations', status: 504 }), /\u2014 probably no answer within the time limit/);
    assert.doesNotMatch(format({ service: 'invocations', status: 500 }), /\u2014/);
    assert.doesNotMatch(format({ service: 'api', status: 503 }), /\u2014/);
    assert.doesNotMatch(format({ service: 'invocations', status: 500, errorCode: 'X\nY' }), /\n/);
  });
});
