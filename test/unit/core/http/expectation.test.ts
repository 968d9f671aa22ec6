import assert from 'node:assert/strict';
import { judgeAnswer, type Difference, type Strictness } from '../../../../src/core/http/expectation.ts';

const health = `{
  "status": "healthy",
  "timestamp": "2024-01-XX...",
  "database": { "connected": true, "latency_ms": 45 },
  "secrets": { "CIRCLE_API_KEY": true },
  "webhooks": { "recentWebhooks": 5, "failed": null }
}`;

const well = { status: 'healthy', timestamp: '2026-11-20T09:00:00Z', database: { connected: true, latency_ms: 3 }, secrets: { CIRCLE_API_KEY: true, MORE: false }, webhooks: { recentWebhooks: 0, failed: null }, more: 1 };

function differences(json: string | undefined, found: unknown, { status = 200, strictness }: { status?: number; strictness?: Strictness } = {}): string[] {
  const expectation = { status: 200, ...(json === undefined ? {} : { json }) };
  return judgeAnswer(expectation, { status, body: typeof found === 'string' ? found : JSON.stringify(found) }, strictness).differences.map(short);
}

function short(difference: Difference): string {
  switch (difference.kind) {
    case 'status':
    case 'value':
      return `${difference.kind === 'value' ? difference.path : 'status'}: ${difference.expected} / ${difference.found}`;
    case 'type':
      return `${difference.path}: ${difference.expected}, not ${difference.found}`;
    case 'missing':
      return `${difference.path} is missing`;
    case 'notJson':
      return 'not JSON';
  }
}

describe('what a manual expects of an answer', () => {
  it('is fixed words and booleans as written, numbers and times by their type', () => {
    assert.deepEqual(differences(health, well), []);
  });

  const cases: [string, object, string[]][] = [
    ['a word', { status: 'degraded' }, ['status: "healthy" / "degraded"']],
    ['a boolean', { secrets: { CIRCLE_API_KEY: false } }, ['secrets.CIRCLE_API_KEY: true / false']],
    ['a type', { database: { connected: true, latency_ms: '3' } }, ['database.latency_ms: number, not text']],
    ['null', { webhooks: { recentWebhooks: 1, failed: 'x' } }, ['webhooks.failed: null, not text']],
    ['a member', { database: {} }, ['database.connected is missing', 'database.latency_ms is missing']],
    ['an object', { database: [] }, ['database: object, not list']],
    ['several things', { status: 'sick', timestamp: 1 }, ['status: "healthy" / "sick"', 'timestamp: text, not number']],
  ];
  for (const [what, change, expected] of cases) {
    it(`tells ${what} that differs`, () => assert.deepEqual(differences(health, { ...well, ...change }), expected));
  }

  it('is the status first, and alone when there is nothing else', () => {
    assert.deepEqual(differences(health, 'Service unavailable', { status: 503 }), ['status: 200 / 503', 'not JSON']);
    assert.deepEqual(differences(undefined, 'anything', { status: 500 }), ['status: 200 / 500']);
    assert.deepEqual(judgeAnswer({ json: '{}' }, { status: 500, body: '{}' }).differences, []);
  });

  it('is taken as strictly as one wants', () => {
    assert.deepEqual(differences(health, {}, { strictness: 'status' }), []);
    assert.deepEqual(differences('{"a": 1, "b": "x1"}', { a: 2, b: 'x2' }, { strictness: 'words' }), []);
    assert.deepEqual(differences('{"a": 1, "b": "x1"}', { a: 2, b: 'x1' }, { strictness: 'exact' }), ['a: 1 / 2']);
    assert.deepEqual(differences('[1, 2]', [1], { strictness: 'exact' }), ['[1] is missing']);
    assert.deepEqual(differences('[1]', [1, 2], { strictness: 'exact' }), ['.length: 1 / 2']);
  });

  it('shows in a list what its members look like, not which they are', () => {
    assert.deepEqual(differences('[{"name": "a", "ok": true}]', [{ name: 'b', ok: false }, { name: 'c', ok: true }]), []);
    assert.deepEqual(differences('[{"name": "a"}]', [{ name: 1 }, {}]), ['[0].name: text, not number', '[1].name is missing']);
    assert.deepEqual(differences('{"list": [1]}', { list: [] }), []);
    assert.deepEqual(differences('{"list": []}', { list: ['x'] }), []);
  });

  it('may be JSON as people write it', () => {
    assert.deepEqual(differences('{\n  "ok": true, // always\n  "rows": [1, ...],\n  ...\n}', { ok: true, rows: [2] }), []);
    assert.deepEqual(differences('{"ok": true, "id": "…", "dots": "..."}', { ok: true, id: 'x', dots: 'y' }), []);
    assert.deepEqual(judgeAnswer({ status: 200, json: '{ok: yes}' }, { status: 200, body: '{}' }), { differences: [], unreadable: true });
  });

  it('takes no example for a fixed word', () => {
    assert.deepEqual(differences('{"id": "tok_12", "name": "your-name", "at": "XX", "email": "a@b.test"}', { id: 'x', name: 'y', at: 'z', email: 'w' }), []);
    assert.deepEqual(differences('{"a": "Email sent"}', { a: 'Email failed' }), ['a: "Email sent" / "Email failed"']);
  });
});
