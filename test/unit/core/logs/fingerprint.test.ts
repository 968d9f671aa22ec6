import assert from 'node:assert/strict';
import { countMessages, groupErrors, type MessageCount, type VersionSeen } from '../../../../src/core/logs/errorGroups.ts';
import { fingerprint } from '../../../../src/core/logs/fingerprint.ts';
import { logLine } from '../../../fakes/logStore.ts';

describe('fingerprints of messages', () => {
  const same: [name: string, one: string, other: string, expected: string][] = [
    ['numbers', 'took 12 ms, 3.5 tries', 'took 9_000 ms, 1 tries', 'took <n> ms, <n> tries'],
    ['uuids', 'user 3f2a91c0-1111-4222-8333-444455556666 gone', 'user 00000000-0000-4000-8000-000000000000 gone', 'user <id> gone'],
    ['hexadecimal', 'block 0xdeadbeef of 3f2a91c04d', 'block 0x1 of 00000000ff', 'block <hex> of <hex>'],
    ['quoted strings', 'invalid input syntax for type uuid: "abc"', 'invalid input syntax for type uuid: "x \\" y"', 'invalid input syntax for type uuid: "…"'],
    ['single quotes', "column 'a' of 'b'", "column 'c d' of 'e'", "column '…' of '…'"],
    ['values of JSON, not its keys', 'refused {"who":"ada","n":1}', 'refused {"who":"bob","n":22}', 'refused {"who":"…","n":<n>}'],
    ['paths, with the folder of the version', 'cannot read /tmp/user_fn_abc_3f2a_12/source/index.ts:3:9', 'cannot read /tmp/user_fn_abc_3f2a_13/source/index.ts:4:1', 'cannot read …/index.ts'],
    ['times', 'expired at 2026-11-20T09:30:00.123Z', 'expired at 2026-11-19 08:00', 'expired at <time>'],
    ['addresses', 'from 198.51.100.9 by a@example.com', 'from 203.0.113.77 by long.name+x@mail.example.org', 'from <ip> by <email>'],
    ['URLs but for their host', 'fetch https://api.example.com/v1/a?key=1 failed', 'fetch https://api.example.com/v2 failed', 'fetch https://api.example.com/… failed'],
    ['long ids', 'signature 5VERv8NMvzbJMEkV8xnrLkEaWRtSz9CosKDYjCJjBRnb', 'signature 4sGjMW1sUnHzSxGspuhpqLDx6wiyjNtZAMdL4VZHirAn', 'signature <id>'],
    ['what follows the first row', 'Error: no\n    at a (x.ts:1:1)', 'Error: no\n    at b (y.ts:9:9)', 'Error: no'],
  ];
  for (const [name, one, other, expected] of same) {
    it(`leave out ${name}`, () => {
      assert.deepEqual([fingerprint(one), fingerprint(other)], [expected, expected]);
    });
  }

  it('keep what tells errors apart', () => {
    const messages = ["can't read the wallet's key", "can't read the user's key", 'fetch https://a.example/x failed', 'fetch https://b.example/x failed', 'TypeError: x is not a function', 'v8 crashed'];
    assert.equal(new Set(messages.map(fingerprint)).size, messages.length);
    assert.equal(fingerprint("can't read the wallet's key"), "can't read the wallet's key");
  });

  it('hold no credential, and are short', () => {
    assert.doesNotMatch(fingerprint('key sb_secret_abcdefgh refused'), /abcdefgh/);
    assert.equal(fingerprint('x'.repeat(5000)).length, 300);
  });

  it('come to an end even for long lines of one kind', () => {
    for (const text of ['"', "'", '`', '/a', 'a.', '0', 'a@', '-'].map((piece) => piece.repeat(10_000))) {
      assert.ok(fingerprint(text).length <= 300);
    }
  });
});

describe('errors in groups', () => {
  const count = (message: string, version: string | undefined, more: Partial<MessageCount> = {}): MessageCount => ({ service: 'functions', functionId: 'f', message, count: 1, first: 100, last: 200, ...(version === undefined ? {} : { version }), ...more });
  const ran = (...versions: string[]): VersionSeen[] => versions.map((version) => ({ functionId: 'f', version, first: 0, last: 1000 }));

  it('count what differs in nothing that matters, with the most frequent message as example', () => {
    const [group, ...others] = groupErrors([count('took 5 ms', '12', { count: 2, first: 50 }), count('took 9 ms', '12', { count: 7, last: 900 })], []);
    assert.deepEqual(others, []);
    assert.deepEqual(group, { fingerprint: 'took <n> ms', example: 'took 9 ms', service: 'functions', functionId: 'f', count: 9, first: 50, last: 900, versions: ['12'] });
  });

  it('tell functions and services apart, and stand in the order of their number', () => {
    const groups = groupErrors([count('no', '1'), count('no', '1', { functionId: 'g', count: 3 }), { service: 'postgres', message: 'no', count: 2, first: 1, last: 2 }], []);
    assert.deepEqual(groups.map(({ functionId, service, count: number }) => [functionId ?? service, number]), [['g', 3], ['postgres', 2], ['f', 1]]);
  });

  it('are new since a version when an earlier one ran without them', () => {
    assert.equal(groupErrors([count('no', '12')], ran('11', '12'))[0]?.newSince, '12');
    assert.equal(groupErrors([count('no', '9'), count('no', '10')], ran('8', '9', '10'))[0]?.newSince, '9');
    assert.equal(groupErrors([count('no', '11'), count('no', '12')], ran('11', '12'))[0]?.newSince, undefined);
    assert.equal(groupErrors([count('no', '12')], ran('12'))[0]?.newSince, undefined, 'nobody knows what ran before');
    assert.equal(groupErrors([count('no', '12')], [{ functionId: 'g', version: '1', first: 0, last: 1 }])[0]?.newSince, undefined);
    assert.equal(groupErrors([count('no', undefined)], ran('11'))[0]?.newSince, undefined);
  });

  it('are gone with a version that runs without them', () => {
    assert.equal(groupErrors([count('no', '11')], ran('11', '12', '13'))[0]?.goneWith, '12');
    assert.equal(groupErrors([count('no', '13')], ran('12', '13'))[0]?.goneWith, undefined);
    assert.deepEqual(groupErrors([count('no', '10'), count('no', '9')], [])[0]?.versions, ['9', '10']);
  });

  it('can be counted from lines', () => {
    const line = { time: 5, functionId: 'f', version: '1', message: 'no' };
    assert.deepEqual(countMessages([logLine(line), logLine({ ...line, time: 3 }), logLine({ ...line, version: '2' })]), [
      { service: 'functions', functionId: 'f', version: '1', message: 'no', count: 2, first: 3, last: 5 },
      { service: 'functions', functionId: 'f', version: '2', message: 'no', count: 1, first: 5, last: 5 },
    ]);
  });
});
