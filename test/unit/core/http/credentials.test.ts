import assert from 'node:assert/strict';
import { credentialHeaders, credentialProblem, RequestCredentials, writtenCredentials } from '../../../../src/core/http/credentials.ts';
import { readJwt } from '../../../../src/core/http/jwt.ts';
import { FakeSecretStore } from '../../../fakes/secretStore.ts';
import { FakeStorage } from '../../../fakes/storage.ts';

const now = Date.UTC(2026, 10, 20);

function jwt(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}.c2lnbmF0dXJl`;
}

const service = jwt({ role: 'service_role', exp: now / 1000 + 60 });
const anon = jwt({ role: 'anon', exp: now / 1000 + 60 });

describe('credentials of requests', () => {
  it('are told by what they say of themselves', () => {
    assert.deepEqual(readJwt(jwt({ role: 'anön', exp: 12 })), { role: 'anön', expires: 12_000 });
    for (const text of ['', 'a.b', 'a.b.c', 'a.!!.c', `x.${Buffer.from('null').toString('base64url')}.y`, 'sb_secret_x']) {
      assert.equal(readJwt(text), undefined, text);
    }
  });

  const cases: ['service' | 'user' | 'anon', string, ReturnType<typeof credentialProblem>][] = [
    ['service', 'sb_secret_abc', undefined],
    ['service', service, undefined],
    ['service', anon, 'publicKey'],
    ['service', 'sb_publishable_abc', 'publicKey'],
    ['service', 'hunter2', 'notAServiceKey'],
    ['service', jwt({ role: 'service_role', exp: now / 1000 }), 'expired'],
    ['user', jwt({ role: 'authenticated', exp: now / 1000 + 1 }), undefined],
    ['user', jwt({ role: 'authenticated', exp: now / 1000 - 1 }), 'expired'],
    ['user', 'sb_secret_abc', 'notAJwt'],
    ['anon', 'anything', undefined],
  ];
  for (const [role, value, expected] of cases) {
    it(`for ${role}: ${value.slice(0, 20)} is ${expected ?? 'taken'}`, () => assert.equal(credentialProblem(role, value, now), expected));
  }

  it('travel as their kind asks for', () => {
    assert.deepEqual(credentialHeaders('service', 'sb_secret_a'), { apikey: 'sb_secret_a' });
    assert.deepEqual(credentialHeaders('service', service), { apikey: service, authorization: `Bearer ${service}` });
    assert.deepEqual(credentialHeaders('user', 'jwt'), { authorization: 'Bearer jwt' });
    assert.deepEqual(credentialHeaders('none', 'x'), {});
  });

  it('are kept in secret storage for one address; names alone stand elsewhere', async () => {
    const secrets = new FakeSecretStore();
    const storage = new FakeStorage();
    const kept = new RequestCredentials({ secrets, storage });
    await kept.keep('https://a.test', 'service key', 'sb_secret_one');
    await kept.keep('https://a.test', 'CIRCLE', 'two');
    await kept.keep('https://a.test', 'CIRCLE', 'three');
    assert.deepEqual([await kept.get('https://a.test', 'CIRCLE'), await kept.get('https://b.test', 'CIRCLE')], ['three', undefined]);
    assert.deepEqual([kept.names('https://a.test'), kept.names('https://b.test')], [['CIRCLE', 'service key'], []]);
    assert.ok(!/sb_secret|three/.test([...storage.values.values()].join()));
    await kept.forget('https://a.test', 'service key');
    assert.deepEqual([kept.names('https://a.test'), await kept.get('https://a.test', 'service key')], [['CIRCLE'], undefined]);
    assert.equal(secrets.values.size, 1);
  });

  it('are found where they stand in a document', () => {
    const found = (text: string) => writtenCredentials(text).map(({ range, shown }) => `${shown}: ${text.slice(range.start, range.end)}`);
    assert.deepEqual(found(`GET /a\nAuthorization: Bearer ${anon}`), [`eyJ…: ${anon}`]);
    assert.deepEqual(found('GET /a\nAuthorization: Bearer opaque'), ['Authorization: Authorization: Bearer opaque']);
    assert.deepEqual(found('GET /a\napikey: sb_publishable_x\nX-Api-Key: k'), ['apikey: apikey: sb_publishable_x', 'X-Api-Key: X-Api-Key: k']);
    assert.deepEqual(found('# sb_secret_abc\nPOST /a\n\n{"key": "sk-abcdefghijklmnopqrst"}'), ['sb_secret_…: sb_secret_abc', 'sk-…: sk-abcdefghijklmnopqrst']);
    assert.deepEqual(found('# role: service\nPOST /a\nAuthorization: Bearer {{secret t}}\ncircle-signature: v1=abc\nX-Token: {{secret u}}\n\n{"a": 1}'), []);
  });
});
