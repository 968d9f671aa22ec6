import assert from 'node:assert/strict';
import { curlMeaning } from '../../../../src/core/runbook/curl.ts';
import type { Operation } from '../../../../src/core/runbook/operation.ts';
import { findPlaceholders } from '../../../../src/core/runbook/placeholders.ts';

type Http = Extract<Operation, { kind: 'http' }>;

const wordsOf = (command: string): string[] => (command.match(/'[^']*'|"[^"]*"|\S+/g) ?? []).map((word) => word.replace(/^(['"])(.*)\1$/s, '$2'));

function meaning(command: string): { operation: Http; remark?: string } {
  const found = curlMeaning(wordsOf(command), findPlaceholders(command, () => false));
  assert.equal(found?.operation.kind, 'http');
  return found as { operation: Http; remark?: string };
}

const http = (command: string): Http => meaning(command).operation;

describe('curl', () => {
  const value = (text: string): { kind: 'value'; value: string } => ({ kind: 'value', value: text });

  describe('addresses', () => {
    const ref = 'abcdefghijklmnopqrst';
    const targets: readonly [string, Http['target']][] = [
      [`https://${ref}.supabase.co/functions/v1/health`, { kind: 'function', slug: value('health'), path: '' }],
      [`https://${ref}.supabase.co/functions/v1/health/deep?x=1`, { kind: 'function', slug: value('health'), path: '/deep?x=1' }],
      [`https://${ref}.functions.supabase.co/health`, { kind: 'function', slug: value('health'), path: '' }],
      [`https://${ref}.supabase.co/rest/v1/tokens?select=*`, { kind: 'project', path: '/rest/v1/tokens?select=*' }],
      [`https://${ref}.supabase.co`, { kind: 'project', path: '/' }],
      ['https://your-project.supabase.co/auth/v1/health', { kind: 'project', path: '/auth/v1/health' }],
      ['https://<project-ref>.supabase.co/functions/v1/a', { kind: 'function', slug: value('a'), path: '' }],
      ['https://$PROJECT_REF.functions.supabase.co/a', { kind: 'function', slug: value('a'), path: '' }],
      ['$SUPABASE_URL/functions/v1/a', { kind: 'function', slug: value('a'), path: '' }],
      [`\${NEXT_PUBLIC_SUPABASE_URL}/rest/v1/`, { kind: 'project', path: '/rest/v1/' }],
      ['<project-url>/rest/v1/', { kind: 'project', path: '/rest/v1/' }],
      ['/functions/v1/a', { kind: 'function', slug: value('a'), path: '' }],
      ['/rest/v1/', { kind: 'project', path: '/rest/v1/' }],
      ['https://api.acme.test/health', { kind: 'url', url: value('https://api.acme.test/health') }],
      ['http://localhost:54321/functions/v1/a', { kind: 'url', url: value('http://localhost:54321/functions/v1/a') }],
      ['https://supabase.co.evil.test/functions/v1/a', { kind: 'url', url: value('https://supabase.co.evil.test/functions/v1/a') }],
      ['https://evil.test/.supabase.co/functions/v1/a', { kind: 'url', url: value('https://evil.test/.supabase.co/functions/v1/a') }],
      ['https://evil.test@abc.supabase.co/x', { kind: 'url', url: value('https://evil.test@abc.supabase.co/x') }],
    ];
    for (const [url, target] of targets) {
      it(url, () => {
        assert.deepEqual(http(url).target, target);
      });
    }

    it('may be placeholders, wholly or for the function', () => {
      const open = http('-X POST [webhook_url] [test_payload]');
      assert.equal(open.target.kind === 'url' && open.target.url.kind === 'placeholder' && open.target.url.placeholder.text, '[webhook_url]');
      assert.equal(open.body, '[test_payload]');
      const slug = http('https://x.supabase.co/functions/v1/<function-name>');
      assert.equal(slug.target.kind === 'function' && slug.target.slug.kind, 'placeholder');
    });
  });

  describe('flags', () => {
    const cases: readonly [string, Partial<Http>][] = [
      ['https://x.test', { method: 'GET', headers: {}, timings: false }],
      ['-sSfL https://x.test', { method: 'GET' }],
      ['-I https://x.test', { method: 'HEAD' }],
      ['-XPOST https://x.test', { method: 'POST' }],
      ['--request=delete https://x.test', { method: 'DELETE' }],
      ['https://x.test -d a=1 --data b=2', { method: 'POST', body: 'a=1&b=2' }],
      ['-G https://x.test?c=3 -d a=1', { method: 'GET', target: { kind: 'url', url: value('https://x.test?c=3&a=1') } }],
      [`--json '{"a":1}' https://x.test`, { method: 'POST', body: '{"a":1}', headers: { 'Content-Type': 'application/json', Accept: 'application/json' } }],
      ['-H "A: b: c" -HD:e https://x.test', { headers: { A: 'b: c', D: 'e' } }],
      ['-u me:secret https://x.test', { headers: { Authorization: 'Basic bWU6c2VjcmV0' } }],
      ['-w "@format.txt" -s -o /dev/null https://x.test', { timings: true }],
      ['-so /dev/null -w %{http_code} --url https://x.test', { timings: true, target: { kind: 'url', url: value('https://x.test') } }],
    ];
    for (const [command, expected] of cases) {
      it(command, () => {
        assert.deepEqual({ ...http(command), ...expected }, http(command));
      });
    }

    it('that only curl itself can do go to the terminal', () => {
      for (const command of ['-F file=@a https://x.test', '-T a https://x.test', '-d @body.json https://x.test', '-x proxy https://x.test', '-b a=1 https://x.test', '-s', '']) {
        assert.equal(curlMeaning(wordsOf(command), []), undefined, command);
      }
    });
  });

  it('leaves the publishable key to the gateway, for the project alone', () => {
    const headers = '-H "Authorization: Bearer YOUR_ANON_KEY" -H "apikey: $SUPABASE_ANON_KEY" -H "X: y"';
    assert.deepEqual(http(`${headers} https://x.supabase.co/functions/v1/a`).headers, { X: 'y' });
    assert.deepEqual(Object.keys(http(`${headers} https://x.test`).headers), ['Authorization', 'apikey', 'X']);
    assert.deepEqual(http('-H "Authorization: Bearer $SERVICE_ROLE_KEY" /functions/v1/a').headers, { Authorization: 'Bearer $SERVICE_ROLE_KEY' });
  });

  it('says what a reader should know', () => {
    assert.match(meaning('/rest/v1/health').remark ?? '', /No project has this path/);
    assert.match(meaning('-X POST /functions/v1/mail').remark ?? '', /acts on this for real/);
    assert.match(meaning('-k https://x.test').remark ?? '', /verified all the same/);
    assert.equal(meaning('https://x.test').remark, undefined);
  });
});
