import assert from 'node:assert/strict';
import { expand, findCredentials, isCredential, keyOf, makeValues, substitute, variablesIn, withoutCredentialMembers } from '../../../../src/core/http/variables.ts';

describe('variables of requests', () => {
  it('are found once each, and nothing else is one', () => {
    const found = variablesIn(['{{a}} {{ b-c.d }} {{a}}', '{{secret key}}{{$uuid}}', '{{$unknown}} {{#if}} {{}} {{two words}} {a} {{secret $x}}']);
    assert.deepEqual(found.map((variable) => [variable.kind, keyOf(variable)]), [['value', 'a'], ['value', 'b-c.d'], ['secret', 'secret key'], ['made', '$uuid']]);
  });

  it('take their values, and stay without one', () => {
    const values = new Map([['a', '1'], ['secret a', '2'], ['$uuid', '$&']]);
    assert.equal(substitute('{{a}} {{ secret a }} {{$uuid}} {{b}} {{#a}}', values), '1 2 $& {{b}} {{#a}}');
    assert.equal(substitute('x{{a}}', values, (value, at) => `${value}@${at}`), 'x1@1');
  });

  it('may be defined by others, even in a circle', () => {
    const definitions = new Map([['base', '/functions/v1'], ['url', '{{base}}/mint'], ['x', '{{y}}'], ['y', '{{x}}']]);
    assert.equal(expand('{{url}}?a={{b}}', definitions), '/functions/v1/mint?a={{b}}');
    assert.match(expand('{{x}}', definitions), /^\{\{[xy]\}\}$/);
  });

  it('are made anew for each request', () => {
    const made = makeValues({ now: 1_700_000_000_999, uuid: () => 'id', random: () => 0.9999 });
    assert.deepEqual([...made], [['$timestamp', '1700000000'], ['$isoTimestamp', '2023-11-14T22:13:20.999Z'], ['$uuid', 'id'], ['$randomInt', '999']]);
  });

  it('that are credentials are known by name or by look', () => {
    for (const [name, value] of [['password', 'x'], ['apiKey', 'x'], ['a', 'sb_secret_abc'], ['a', 'x eyJhbGciOi.eyJzdWIi.sig y'], ['access_token', '']] as const) {
      assert.ok(isCredential(name, value), `${name}=${value}`);
    }
    for (const [name, value] of [['user', 'ada'], ['url', 'https://a.test/b'], ['key', 'sb_publishable_x']] as const) {
      assert.ok(!isCredential(name, value), `${name}=${value}`);
    }
  });

  it('stand for credentials where these are found', () => {
    const text = 'X: Bearer sb_secret_abc, "eyJhbGciOi.eyJzdWIi.sig"';
    assert.deepEqual(findCredentials(text).map(({ start, end, shown }) => [text.slice(start, end), shown]), [['sb_secret_abc', 'sb_secret_…'], ['eyJhbGciOi.eyJzdWIi.sig', 'eyJ…']]);
    const body = '{"user":"ada","password": "a\\"b", "token":"{{secret t}}","nested":{"api_key":"k","tokens":3,"secret":""}}';
    assert.equal(withoutCredentialMembers(body), '{"user":"ada","password": "{{secret password}}", "token":"{{secret t}}","nested":{"api_key":"{{secret api_key}}","tokens":3,"secret":""}}');
  });
});
