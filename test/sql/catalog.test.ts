import assert from 'node:assert/strict';
import { Catalog, readCatalog } from '../../src/core/sql/catalog.ts';
import { byUser, startServer, type Server } from './server.ts';

describe('the catalog of a database', function () {
  this.timeout(60_000);
  let server: Server;

  before(async () => {
    const sql = `
      create type public.mood as enum ('sad', 'fine');
      create table public.notes (id bigint generated always as identity primary key, owner_id uuid not null, title varchar(20), mood public.mood, tags text[]);
      comment on table public.notes is 'What people write';
      comment on column public.notes.title is 'Shown in lists';
      alter table public.notes enable row level security;
      create policy "own notes" on public.notes for select to authenticated using ((select auth.uid()) = owner_id);
      create view public.titles with (security_invoker = on) as select id, title from public.notes;
      create function public.rename_note(note_id bigint, title text default 'x') returns void language sql as 'select null::void';
      comment on function public.rename_note is 'Gives a note another title';`;
    server = await startServer({ sql: [sql] });
  });

  after(async () => server.stop());

  for (const way of ['direct', 'api'] as const) {
    it(`is the same over either way: ${way}`, async () => {
      const catalog = new Catalog(await readCatalog(server[way], byUser()));
      const notes = catalog.relation({ schema: undefined, name: 'notes' });
      assert.ok(notes);
      assert.deepEqual(
        // How a type is named depends on the search path of the connection.
        notes.columns.map(({ name, type, notNull, comment }) => [name, type.replace('public.', ''), notNull, comment]),
        [
          ['id', 'bigint', true, undefined],
          ['owner_id', 'uuid', true, undefined],
          ['title', 'character varying(20)', false, 'Shown in lists'],
          ['mood', 'mood', false, undefined],
          ['tags', 'text[]', false, undefined],
        ],
      );
      assert.equal(notes.comment, 'What people write');
      assert.ok(notes.rowSecurity);
      assert.deepEqual(notes.policies.map(({ name, command, roles, permissive }) => [name, command, roles, permissive]), [['own notes', 'SELECT', ['authenticated'], true]]);
      assert.match(notes.policies[0]?.using ?? '', /uid\(\)/);
      assert.equal(catalog.relation({ schema: undefined, name: 'titles' })?.kind, 'view');
      assert.ok(catalog.relation({ schema: undefined, name: 'pg_stat_activity' })?.complete);
      assert.equal(catalog.relation({ schema: 'auth', name: 'notes' }), undefined);
      assert.deepEqual(catalog.functions({ schema: undefined, name: 'rename_note' }).map(({ signature, result, comment }) => [signature, result, comment]), [["note_id bigint, title text DEFAULT 'x'::text", 'void', 'Gives a note another title']]);
      assert.ok(catalog.functions({ schema: undefined, name: 'now' }).length === 1 && catalog.functions({ schema: 'auth', name: 'uid' }).length === 1);
      assert.deepEqual(catalog.data.types.find(({ name }) => name === 'mood')?.labels, ['sad', 'fine']);
      assert.ok(catalog.hasSchema('auth') && !catalog.hasSchema('nowhere'));
      assert.ok(catalog.data.searchPath.includes('public') && catalog.data.extensions.includes('plpgsql'));
    });
  }
});
