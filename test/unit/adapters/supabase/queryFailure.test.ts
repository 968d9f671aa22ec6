import assert from 'node:assert/strict';
import { parseQueryFailure } from '../../../../src/adapters/supabase/queryFailure.ts';

const start = 'Failed to run sql query: ';

describe('the error text of the query endpoint', () => {
  it('gives state, message, hint and position', () => {
    const statement = 'select 1,\n  x from t';
    const text = `${start}ERROR:  42703: column "x" does not exist\nLINE 2:   x from t\n          ^\nDETAIL:  there is\nno such\nHINT:  Perhaps "y".\n`;
    assert.deepEqual(parseQueryFailure(text, statement), {
      sqlState: '42703',
      message: 'column "x" does not exist',
      detail: 'there is\nno such',
      hint: 'Perhaps "y".',
      position: 13,
    });
  });

  it('leaves out what is not there', () => {
    assert.deepEqual(parseQueryFailure(`${start}ERROR:  25006: cannot execute INSERT in a read-only transaction\n`, 'insert'), {
      sqlState: '25006',
      message: 'cannot execute INSERT in a read-only transaction',
    });
  });

  it('keeps a message of several lines together, even one that looks like a label', () => {
    const text = `${start}ERROR:  P0001: first\nLINE 9: no caret follows\nlast\nCONTEXT:  PL/pgSQL function f()\n`;
    assert.deepEqual(parseQueryFailure(text, 'select f()'), { sqlState: 'P0001', message: 'first\nLINE 9: no caret follows\nlast' });
  });

  it('counts code points, and finds the place in a line that is shown in part', () => {
    const statement = `select '🙂🙂', ${'a, '.repeat(40)} nope from t where ${'b and '.repeat(40)} true`;
    const at = statement.indexOf('nope');
    const excerpt = `...${statement.slice(at - 30, at + 30)}...`;
    const text = `${start}ERROR:  42703: column "nope" does not exist\nLINE 1: ${excerpt}\n${' '.repeat('LINE 1: ...'.length + 30)}^`;
    assert.equal(parseQueryFailure(text, statement)?.position, at + 1 - 2);
  });

  it('is none of Postgres when there is no state in it', () => {
    assert.equal(parseQueryFailure(`${start}Connection terminated due to connection timeout`, ''), undefined);
    assert.equal(parseQueryFailure('query: must be a string of at least 1 character', ''), undefined);
  });
});
