import assert from 'node:assert/strict';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import * as vscode from 'vscode';
import { until } from '../world/until.ts';
import { connectDatabase, projectIsOpen, run, withFile } from './opsbook.ts';
import { Person } from './person.ts';
import { sandbox } from './sandbox.ts';

function marks(document: vscode.TextDocument): string[] {
  const own = vscode.languages.getDiagnostics(document.uri).filter(({ source }) => source === 'Opsbook');
  return own.map(({ code, range }) => `${typeof code === 'object' ? code.value : String(code)} ${document.getText(range)}`).sort();
}

async function marked(document: vscode.TextDocument, what: string, expected: readonly string[]): Promise<void> {
  await until(`${what}: ${expected.join()}`, () => JSON.stringify(marks(document)) === JSON.stringify(expected), 20_000).catch(() => assert.deepEqual(marks(document), expected, what));
}

async function replace(document: vscode.TextDocument, from: string, to: string): Promise<void> {
  const at = document.getText().indexOf(from);
  const change = new vscode.WorkspaceEdit();
  change.replace(document.uri, new vscode.Range(document.positionAt(at), document.positionAt(at + from.length)), to);
  assert.ok(await vscode.workspace.applyEdit(change));
}

/** A statement whose names are right and whose types are not, and one whose names are not. */
const wrong = "select symbol from tokens where created_at = symbol;\nselect '😀', symbl from tokens;\n";

describe('Statements that the server prepares', () => {
  const configUri = vscode.Uri.file(path.join(sandbox.workspace, 'supabase', 'config.toml'));
  let person: Person;
  let config: Uint8Array;

  before(async () => {
    person = new Person();
    config = await vscode.workspace.fs.readFile(configUri);
    await projectIsOpen(person);
    await connectDatabase(person);
  });
  beforeEach(() => person.forget());
  after(async () => {
    person.forget();
    // The project, and of its branches itself.
    person.answers(/^acme\b/, /^acme\b/);
    await run('project.select');
    assert.equal(person.asked.length, 2, 'the hosted project is open again');
    // Afterwards: a local stack is looked for anew when its files change.
    await vscode.workspace.fs.writeFile(configUri, config);
    person.leave();
  });

  it('are prepared by a hosted one on request alone, which says what it locks', async () => {
    await withFile('supabase/scripts/hosted.sql', wrong, async (document) => {
      await marked(document, 'the names alone', ['OB303 symbl']);
      await sleep(2000);
      assert.deepEqual(marks(document), ['OB303 symbl'], 'nobody asked');
      await run('sql.checkOnServer');
      assert.match(person.told.join('\n'), /Have acme prepare 2 statements\?/);
      await sleep(500);
      assert.deepEqual(marks(document), ['OB303 symbl'], 'it was dismissed');
      person.forget();
      person.answers('Prepare');
      await run('sql.checkOnServer');
      await person.isTold(/Prepared on acme and not run: 0 accepted, 2 refused/);
      await marked(document, 'types too', ['OB303 symbl', 'OB401 =']);
    });
  });

  it('are prepared by a local one as they are written, without a word, and no longer marked when they are mended', async () => {
    const text = new TextDecoder().decode(config).replace(/(\[db\]\s+port = )\d+/, `$1${sandbox.localPort}`);
    await vscode.workspace.fs.writeFile(configUri, new TextEncoder().encode(text));
    await run('project.connectLocal');
    await withFile('supabase/scripts/local.sql', wrong, async (document) => {
      await marked(document, 'types too', ['OB303 symbl', 'OB401 =']);
      await replace(document, 'created_at =', 'created_at::text =');
      await marked(document, 'it is mended', ['OB303 symbl']);
      await replace(document, '::text =', ' <>');
      await marked(document, 'and wrong again', ['OB303 symbl', 'OB401 <>']);
      await replace(document, 'select symbol', 'alter table tokens alter column created_at type text;\nselect symbol');
      await marked(document, 'the server knows nothing of what is made above', ['OB204 text', 'OB303 symbl']);
    });
    assert.deepEqual(person.told, []);
  });

  it('are prepared by a preview branch as well, whose password Supabase tells', async () => {
    person.answers(/^acme\b/, /^search\b/);
    await run('project.select');
    assert.deepEqual(person.asked.map(({ title }) => title), ['Select Project', 'Select Branch of acme']);
    await withFile('supabase/scripts/branch.sql', wrong, async (document) => {
      await marked(document, 'the names alone', ['OB303 symbl']);
      await sleep(2000);
      assert.deepEqual(marks(document), ['OB303 symbl'], 'the API prepares nothing');
      person.forget();
      person.answers('Ask Supabase for It');
      await run('project.setConnectionString');
      assert.deepEqual(person.asked.map(({ title }) => title), ['Database of search'], 'nobody had to type it');
      await marked(document, 'types too', ['OB303 symbl', 'OB401 =']);
    });
    await run('project.removeConnectionString');
    person.forget();
    await run('project.connectLocal');
  }).timeout(60_000);

  it('are looked at anew when the schema was changed from here', async () => {
    await withFile('supabase/scripts/fresh.sql', 'select id from fresh;\n', async (document) => {
      await marked(document, 'there is none', ['OB302 fresh']);
      person.answers('Run…', 'Run');
      await run('sql.runStatement', { statement: 'create table public.fresh (id bigint)', title: 'Fresh' });
      await marked(document, 'it is there', []);
    });
  });

  it('are tried, when they are pending, on the database that the person names, and marked where they fail', async () => {
    const name = '20991231000000_tried.sql';
    // All that the folder has before is applied, as far as this database knows.
    const others = await vscode.workspace.findFiles('supabase/migrations/*.sql');
    const client = await local();
    try {
      await client.query('create schema if not exists supabase_migrations; create table if not exists supabase_migrations.schema_migrations (version text primary key)');
      await client.query('insert into supabase_migrations.schema_migrations (version) select unnest($1::text[]) on conflict do nothing', [others.map(({ path: file }) => file.split('/').at(-1)?.split('_')[0])]);
      await withFile(`supabase/migrations/${name}`, "create table public.tried (id bigint);\nalter table public.tried enable row level security;\nselect '😀', id = now() from public.tried;\n", async (document) => {
        person.answers(/^acme\b/, 'Run and Roll Back');
        await run('migrations.try');
        await person.isTold(/^Tried on acme and rolled back: 20991231000000_tried\.sql fails \(operator does not exist: bigint = timestamp with time zone\)/);
        assert.match(person.told.join('\n'), /Run 1 pending migrations on acme and roll them back\?/);
        await marked(document, 'where it fails', ['OB410 =']);
        await replace(document, ' = now()', '');
        await marked(document, 'it was edited', []);
        person.forget();
        person.answers(/^acme\b/, 'Run and Roll Back');
        await run('migrations.try');
        await person.isTold(/^Tried on acme and rolled back: all 1 pending migrations run there/);
      });
      const { rows } = await client.query<{ made: string | null }>("select to_regclass('public.tried')::text as made");
      assert.deepEqual(rows, [{ made: null }]);
    } finally {
      await client.end();
    }
  });

  async function local(): Promise<pg.Client> {
    const client = new pg.Client({ host: '127.0.0.1', port: sandbox.localPort, user: 'postgres', password: 'postgres', database: 'postgres' });
    await client.connect();
    return client;
  }
});
