import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { promisify } from 'node:util';
import { shellMark, toCurl, type CurlRequest } from '../../../../src/core/http/curlText.ts';
import { defaultSignature } from '../../../../src/core/http/signature.ts';

const request: CurlRequest = { origin: 'https://abc.supabase.test', method: 'POST', url: '/functions/v1/mint-token', headers: {}, role: 'anon', secrets: [] };

/** What a shell makes of the command: the words that curl would get. */
async function wordsIn(command: string, environment: Record<string, string> = {}): Promise<string[]> {
  const script = `curl() { printf '%s\\0' "$@"; }\n${command}`;
  const { stdout } = await promisify(execFile)('sh', ['-eu', '-c', script], { env: { PATH: process.env['PATH'] ?? '', ...environment } });
  return stdout.split('\0').slice(0, -1);
}

const keys = { SUPABASE_ANON_KEY: 'anon', SUPABASE_PUBLISHABLE_KEY: 'pub', SUPABASE_SERVICE_ROLE_KEY: 'svc', USER_JWT: 'jwt' };

describe('requests as curl', () => {
  it('come to a shell as they are, whatever stands in them', async () => {
    const nasty = `it's "$HOME" \`id\` \\ $(id)\n!! %s ünï`;
    const words = await wordsIn(toCurl({ ...request, role: 'none', url: `/a?q='$x'`, headers: { 'X-Note': nasty.replace('\n', ' ') }, body: nasty }));
    assert.deepEqual(words, ['-X', 'POST', `https://abc.supabase.test/a?q='$x'`, '-H', `X-Note: ${nasty.replace('\n', ' ')}`, '--data-binary', nasty]);
  });

  it('take the keys of their role from the environment, unless a header says otherwise', async () => {
    const headers = async (role: CurlRequest['role'], own: Record<string, string> = {}) => (await wordsIn(toCurl({ ...request, role, headers: own }), keys)).slice(3).filter((word) => word !== '-H');
    assert.deepEqual(await headers('anon'), ['apikey: anon', 'Authorization: Bearer anon']);
    assert.deepEqual(await headers('publishable'), ['apikey: pub']);
    assert.deepEqual(await headers('service'), ['apikey: svc', 'Authorization: Bearer svc']);
    assert.deepEqual(await headers('user'), ['apikey: anon', 'Authorization: Bearer jwt']);
    assert.deepEqual(await headers('none'), []);
    assert.deepEqual(await headers('service', { authorization: 'Basic x' }), ['apikey: svc', 'authorization: Basic x']);
  });

  it('take secrets from the environment too', async () => {
    const secret = shellMark(0);
    const command = toCurl({ ...request, role: 'none', url: `/a/${secret}`, headers: { X: `$1 ${secret}` }, body: `{"k": "${secret}", "q": "\\"$HOME"}`, secrets: ['partner key-2'] });
    assert.doesNotMatch(command, /opsbook/);
    assert.deepEqual((await wordsIn(command, { PARTNER_KEY_2: 'p"$k' })).slice(2), ['https://abc.supabase.test/a/p"$k', '-H', 'X: $1 p"$k', '--data-binary', '{"k": "p"$k", "q": "\\"$HOME"}']);
  });

  const signatures = [
    { what: 'a hash of the body', signature: { ...defaultSignature, header: 'circle-signature', format: 'v1=<hex>' }, key: 'kéy', secret: 'kéy', name: 'CIRCLE_SIGNATURE', signed: (body: string, key: string | Buffer) => `v1=${createHmac('sha256', key).update(body).digest('hex')}` },
    { what: 'another hash in base64', signature: { ...defaultSignature, header: 'S', format: 'a,<base64>', algorithm: 'sha512' as const, secret: 'MY_KEY' }, key: 'k', secret: 'k', name: 'MY_KEY', signed: (body: string, key: string | Buffer) => `a,${createHmac('sha512', key).update(body).digest('base64')}` },
    { what: 'a key in base64', signature: { ...defaultSignature, header: 'S', format: 'v1,<base64>', payload: '17.$.<body>', encoding: 'base64' as const, secret: 'W' }, key: Buffer.from([0, 1, 255]), secret: `whsec_${Buffer.from([0, 1, 255]).toString('base64')}`, name: 'W', signed: (body: string, key: string | Buffer) => `v1,${createHmac('sha256', key).update(`17.$.${body}`).digest('base64')}` },
  ];
  for (const { what, signature, key, secret, name, signed } of signatures) {
    it(`are signed as they run: ${what}`, async function () {
      const hasOpenssl = await promisify(execFile)('openssl', ['version']).then(() => true, () => false);
      if (!hasOpenssl) {
        console.log('      needs openssl');
        this.skip();
      }
      const body = `{"a": "it's $5 % \\n"}`;
      const words = await wordsIn(toCurl({ ...request, role: 'none', headers: { [signature.header.toUpperCase()]: 'replaced' }, body, signature }), { [name]: secret });
      assert.deepEqual(words.slice(3), ['-H', `${signature.header}: ${signed(body, key)}`, '--data-binary', body]);
    });
  }
});
