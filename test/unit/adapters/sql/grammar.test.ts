import assert from 'node:assert/strict';
import { createSqlGrammar, workerThreshold } from '../../../../src/adapters/sql/grammar.ts';
import { isOpsError } from '../../../../src/core/errors.ts';

const grammar = createSqlGrammar({ workerPath: new URL('../../../../src/adapters/sql/parse.worker.ts', import.meta.url) });
const { signal } = new AbortController();
const large = `select ${'1, '.repeat(workerThreshold / 3)}1`;

describe('the SQL grammar', () => {
  after(() => grammar.close());

  it('gives the tree of one statement under the name of its node', async () => {
    const parsed = await grammar.parse('select 1', signal);
    assert.ok(parsed.kind === 'parsed');
    assert.deepEqual(Object.keys(parsed.tree), ['SelectStmt']);
  });

  it('says where a syntax error is, in code points from 1', async () => {
    assert.deepEqual(await grammar.parse("select '🙂é' form x x", signal), {
      kind: 'invalid',
      message: 'syntax error at or near "x"',
      position: 18,
    });
  });

  it('refuses nothing, more than one statement, and a zero character', async () => {
    assert.deepEqual(await grammar.parse(' \n', signal), { kind: 'invalid', message: 'there is no statement', position: 1 });
    assert.deepEqual(await grammar.parse('-- only this', signal), { kind: 'invalid', message: 'there is no statement', position: 1 });
    const two = await grammar.parse("select '🙂'; drop table t", signal);
    assert.ok(two.kind === 'invalid' && two.message === 'there is more than one statement');
    assert.equal(two.position, 13);
    const cut = await grammar.parse('select 1\0; drop table t', signal);
    assert.ok(cut.kind === 'invalid' && cut.position === 9);
  });

  it('survives nesting deeper than the stack', async () => {
    const parsed = await grammar.parse(`select ${'1+'.repeat(40_000)}1`, signal);
    assert.equal(parsed.kind, 'invalid');
    assert.equal((await grammar.parse('select 1', signal)).kind, 'parsed');
  });

  it('says what is wrong with PL/pgSQL, and goes on', async () => {
    const made = (code: string): string => `create function f() returns trigger language plpgsql as $$ ${code} $$`;
    const messages: unknown[] = [];
    for (const code of ['begin return new; end', 'begin selct 1; end', 'begin '.repeat(20_000), 'begin perform 1; return new; end']) {
      const parsed = await grammar.parseProcedural(made(code), signal);
      messages.push(parsed.kind === 'invalid' ? parsed.message : parsed.kind);
    }
    assert.deepEqual(messages, ['parsed', 'syntax error at or near "selct"', 'memory exhausted at or near "begin"', 'parsed']);
    assert.equal((await grammar.parse('select 1', signal)).kind, 'parsed');
  });

  it('parses a large text in a worker, leaving this thread free', async () => {
    await grammar.parse(large, signal);
    let turns = 0;
    const pulse = setInterval(() => turns++, 1);
    const invalid = await grammar.parse(`${large} ${'-- and on\n'.repeat(100_000)} from from`, signal);
    clearInterval(pulse);
    assert.ok(invalid.kind === 'invalid' && invalid.message === 'syntax error at or near "from"');
    assert.ok(turns > 0, 'nothing else had a turn while the text was parsed');
  });

  it('gives the same tree from either thread', async () => {
    const padded = await grammar.parse(`select 1 /* ${' '.repeat(workerThreshold)} */`, signal);
    assert.deepEqual(padded, await grammar.parse('select 1', signal));
  });

  it('ends with cancelled when the signal aborts', async () => {
    const controller = new AbortController();
    const parsing = grammar.parse(large, controller.signal);
    controller.abort();
    await assert.rejects(parsing, (error) => isOpsError(error, 'cancelled'));
    await assert.rejects(grammar.parse('select 1', controller.signal), (error) => isOpsError(error, 'cancelled'));
    assert.equal((await grammar.parse(large, signal)).kind, 'parsed');
  });

  it('tells whoever waits that the worker could not start', async () => {
    const broken = createSqlGrammar({ workerPath: '/nowhere/parse.worker.ts' });
    await assert.rejects(broken.parse(large, signal), /Cannot find module/);
  });
});
