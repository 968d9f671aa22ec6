import assert from 'node:assert/strict';
import { formatAddress, parseConnectionString } from '../../../../src/core/project/databaseTarget.ts';
import { isOpsError } from '../../../../src/core/errors.ts';

describe('a database connection string', () => {
  const host = 'db.abcdefghijklmnopqrst.supabase.co';
  const cases: [text: string, expected: Partial<ReturnType<typeof parseConnectionString>>][] = [
    [`postgresql://postgres:secret@${host}:5432/postgres`, { host, port: 5432, user: 'postgres', password: 'secret', database: 'postgres' }],
    [` postgres://postgres.ref:a%40b%23@pooler.example.com:6543/other \n`, { port: 6543, user: 'postgres.ref', password: 'a@b#', database: 'other' }],
    [`postgresql://postgres:p@ss#w/o?rd%@${host}/postgres?sslmode=no-verify`, { password: 'p@ss#w/o?rd%', host, port: 5432, database: 'postgres' }],
    ['postgresql://u:p:q@[::1]:54322/x', { host: '::1', port: 54322, password: 'p:q' }],
    ['postgresql://u@127.0.0.1', { user: 'u', password: '', host: '127.0.0.1', database: 'postgres' }],
    ['postgresql://u:p@h?pgbouncer=true', { host: 'h', port: 5432 }],
  ];
  for (const [text, expected] of cases) {
    it(text.trim(), () => {
      const found = parseConnectionString(text);
      assert.deepEqual({ ...found, ...expected }, found);
    });
  }

  it('is refused in words that hold nothing of it', () => {
    for (const text of ['', 'hunter2', 'mysql://u:hunter2@h/d', 'postgresql://hunter2', 'postgresql://u:hunter2@:5432/d', 'postgresql://u:hunter2@h:x/d', 'postgresql://u:hunter2@h:0/d', 'postgresql://u:hunter2@a,b/d']) {
      assert.throws(() => parseConnectionString(text), (error) => isOpsError(error, 'badConfig') && !JSON.stringify(error).includes('hunter2'), text);
    }
  });

  it('asks for the password that the dashboard leaves out', () => {
    assert.throws(
      () => parseConnectionString(`postgresql://postgres:[YOUR-PASSWORD]@${host}:5432/postgres`),
      (error) => isOpsError(error, 'placeholdersLeft') && error.facts.names[0] === '[YOUR-PASSWORD]',
    );
  });

  it('is shown without its password', () => {
    assert.equal(formatAddress(parseConnectionString('postgresql://u:hunter2@[::1]:54322/x')), 'u@[::1]:54322');
  });
});
