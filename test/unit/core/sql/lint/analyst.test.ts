/* eslint no-template-curly-in-string: off -- programs with templates in them are what is read here */
import assert from 'node:assert/strict';
import { createSqlAnalyst } from '../../../../../src/adapters/sql/analyst.ts';
import { isOpsError } from '../../../../../src/core/errors.ts';
import { Analyst, type SqlAnalyst } from '../../../../../src/core/sql/lint/analyst.ts';
import type { AnalysisRequest } from '../../../../../src/core/sql/lint/request.ts';
import { roleOfFile, setOf } from '../../../../../src/core/sql/lint/roles.ts';
import { rules } from '../../../../../src/core/sql/lint/ruleTable.ts';
import { rowsOf, shop } from '../names/catalogs.ts';
import { grammar, marked } from './cases.ts';

const { signal } = new AbortController();

function request(more: Partial<AnalysisRequest>): AnalysisRequest {
  return { document: 'file:///a.sql', pieces: [], role: 'migration', exposedSchemas: ['public'], ...more };
}

function piece(text: string): AnalysisRequest['pieces'][number] {
  return { text, openings: [], manual: false };
}

function describeAnalyst(name: string, create: () => SqlAnalyst & { close?: () => Promise<void> }): void {
  describe(name, () => {
    const analyst = create();
    after(async () => analyst.close?.());

    it('answers for each piece of a document', async () => {
      const texts = ['delete from t;', 'select 1', 'selct'];
      const found = await analyst.analyze(request({ pieces: texts.map(piece) }), signal);
      assert.deepEqual(found.map((findings, index) => marked(texts[index] ?? '', findings)), ['delete from «t»;', 'select 1', '«selct»']);
    });

    it('looks into the code of functions, also in the strings of a program', async () => {
      const sql = 'create function f() returns int language plpgsql as $$ begin selct 1; end $$;';
      const program = `await db.query(\`${sql}\`);`;
      const [inText = []] = await analyst.analyze(request({ pieces: [piece(sql)] }), signal);
      const [inProgram = []] = await analyst.analyze(request({ pieces: [], program }), signal);
      const expected = sql.replace('selct', '«selct»');
      assert.deepEqual([marked(sql, inText), marked(program, inProgram)], [expected, program.replace('selct', '«selct»')]);
    });

    it('finds SQL in the strings of a program, and where it stands there', async () => {
      const program = "const q = sql`delete from t`;\nawait db.query('select \\'a\\' frm t where');\nawait db.query(`select * from ${table} where ${where}`);";
      const [findings = []] = await analyst.analyze(request({ document: 'file:///a.ts', program, role: 'snippet' }), signal);
      assert.equal(marked(program, findings), "const q = sql`delete from «t»`;\nawait db.query('select \\'a\\' frm «t» where');\nawait db.query(`select * from ${table} where ${where}`);");
    });

    it('marks names in calls of the API against the catalog, and nothing without one', async () => {
      analyst.setCatalog('api', rowsOf({ ...shop, foreignKeys: [], partitions: ['orders_2026'] }));
      const program = "await supabase.from('orders').select('id, totl, custmers(id)');\nawait supabase.from('orders_2026').select('any');\nawait db.query('select totl from orders');\nawait db.query('select 1 from orders_2026');";
      const asked = request({ document: 'file:///calls.ts', program, role: 'snippet' });
      const [found = []] = await analyst.analyze({ ...asked, catalog: 'api' }, signal);
      assert.equal(
        marked(program, found),
        "await supabase.from('orders').select('id, «totl», «custmers»(id)');\nawait supabase.from('orders_2026').select('any');\nawait db.query('select «totl» from orders');\nawait db.query('select 1 from orders_2026');",
      );
      assert.deepEqual(found.map(({ code, fixes }) => [code, fixes[0]?.facts['suggestion']]), [['OB303', 'total'], ['OB322', 'total'], ['OB324', 'customers']]);
      assert.deepEqual(await analyst.analyze(asked, signal), [[]]);
    });

    it('knows the files that come before and after', async () => {
      analyst.setFiles('set', [
        { path: 'b.sql', text: 'create table notes (id int);' },
        { path: 'c.sql', text: 'alter table notes enable row level security;' },
        { path: 'a.sql', text: 'create table old (id int);' },
      ]);
      const set = { id: 'set', path: 'b.sql' };
      const sql = 'create table notes (id int); create index on old (id); create table other (id int);';
      const found = async (): Promise<string> => marked(sql, (await analyst.analyze(request({ pieces: [piece(sql)], set }), signal))[0] ?? []);
      assert.equal(await found(), 'create table notes (id int); create index on «old» (id); create table «other» (id int);');
      analyst.setFiles('set', [{ path: 'b.sql', text: '' }]);
      assert.equal(await found(), 'create table «notes» (id int); create index on «old» (id); create table «other» (id int);');
    });

    it('tells what can be written and what is meant, in a file, with what the files before it make, and in the strings of programs', async () => {
      analyst.setCatalog('db', rowsOf({ ...shop, migrations: [] }));
      analyst.setFiles('made', [{ path: 'supabase/migrations/1_a.sql', text: 'create table notes (id int, body text);' }, { path: 'supabase/migrations/2_b.sql', text: '' }]);
      const names = async (text: string, more: Partial<AnalysisRequest> = {}): Promise<string[]> => {
        const written = text.replace('|', '');
        const asked = request({ document: `file:///${text.length}.sql`, ...('program' in more ? {} : { pieces: [piece(written)] }), ...more });
        await analyst.analyze(asked, signal);
        return (await analyst.complete(asked, { piece: 0, offset: text.indexOf('|') }, signal)).map(({ insert }) => insert).slice(0, 2);
      };
      assert.deepEqual(await names('select 1; select tot| from orders; select 2', { catalog: 'db' }), ['total']);
      const set = { id: 'made', path: 'supabase/migrations/2_b.sql' };
      assert.deepEqual(await names('alter table notes add column at date; select | from notes n where', { catalog: 'db', set }), ['id', 'body']);
      assert.deepEqual(await names('select bo| from notes', { set }), ['body'], 'without a database too');
      const program = 'const a = 1; const q = sql`select to from orders where id = ${id}`;';
      assert.deepEqual(await names(program.replace('to from', 'to| from'), { document: 'file:///p.ts', program, catalog: 'db' }), ['total', 'customer_id']);
      const asked = request({ document: 'file:///p.ts', program: program.replace('to from', 'total from'), catalog: 'db' });
      const described = await analyst.describe(asked, { piece: 0, offset: program.indexOf('to from') + 2 }, signal);
      assert.deepEqual([described?.range.start, described?.meaning.kind], [program.indexOf('to from'), 'column']);
      assert.deepEqual(await names('-- select to| from orders\nselect total from orders;', { catalog: 'db' }), [], 'in a comment');
      assert.deepEqual(await names('const b = |2;', { document: 'file:///q.ts', program: 'const b = 2;', catalog: 'db' }), []);
    });

    it('keeps up with edits, also those that nobody waited for', async () => {
      const of = async (text: string): Promise<string> => marked(text, (await analyst.analyze(request({ document: 'file:///edited.sql', pieces: [piece(text)] }), signal))[0] ?? []);
      assert.equal(await of('select 1; delete from t;'), 'select 1; delete from «t»;');
      const gone = new AbortController();
      const unheard = assert.rejects(analyst.analyze(request({ document: 'file:///edited.sql', pieces: [piece('select 1; selct 2; delete from t;')] }), gone.signal).finally(() => gone.signal.throwIfAborted()));
      gone.abort();
      await unheard;
      assert.equal(await of('select 1; selct 22; delete from t;'), 'select 1; «selct» 22; delete from «t»;');
      assert.equal(await of('delete from t;'), 'delete from «t»;');
    });

    it('gives up what nobody waits for, and goes on', async () => {
      const controller = new AbortController();
      const many = Array.from({ length: 3000 }, (_, index) => `select ${index}, ${'1 + '.repeat(20)} 1;`).join('\n');
      const slow = analyst.analyze(request({ document: 'file:///slow.sql', pieces: [piece(many)] }), controller.signal);
      setTimeout(() => controller.abort(), 5);
      await assert.rejects(slow, (error) => isOpsError(error, 'cancelled'));
      assert.deepEqual(await analyst.analyze(request({ pieces: [piece('select 1')] }), signal), [[]]);
      analyst.forget('file:///slow.sql');
    });
  });
}

describeAnalyst('looking after open SQL', () => new Analyst({ grammar, rules }));
describeAnalyst('looking after open SQL in a process of its own', () => createSqlAnalyst({ workerPath: new URL('../../../../../src/adapters/sql/analyst.worker.ts', import.meta.url) }));

describe('what an SQL file of a place is', () => {
  const cases: [path: string, role: string, set: string | undefined][] = [
    ['supabase/migrations/20260101000000_a.sql', 'migration', 'place supabase/migrations'],
    ['supabase/schemas/prod/a.sql', 'schema', 'place supabase/schemas'],
    ['supabase/seed.sql', 'data', undefined],
    ['supabase/seeds/a.sql', 'data', undefined],
    ['supabase/tests/database/a.test.sql', 'data', undefined],
    ['supabase/scripts/seedling.sql', 'script', undefined],
    ['db/migrations/a.sql', 'script', undefined],
  ];
  for (const [path, role, set] of cases) {
    it(path, () => {
      assert.equal(roleOfFile(path).role, role);
      assert.equal(setOf('place', path)?.id, set);
    });
  }
});
