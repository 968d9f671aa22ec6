/** Beside the Postgres Language Server nothing is marked twice, and nothing is left to it that it does not mark. */
import assert from 'node:assert/strict';
import { execa } from 'execa';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SqlText } from '../../src/core/sql/lint/analysis.ts';
import { serverDuties } from '../../src/core/sql/lint/languageServer.ts';
import { ruleOf, rules } from '../../src/core/sql/lint/ruleTable.ts';
import { languageServerBinary, provision } from '../world/provision.ts';
import { grammar } from './server.ts';

/** A statement for each rule that both have, as far as it needs no database. */
const statements: Readonly<Record<string, readonly string[]>> = {
  OB001: [
    'selct 1;',
    'create function f() returns int language sql as $$ select 1; selct 2 $$;',
    "create function f() returns int language sql as 'selct 1';",
    'create function f() returns int language plpgsql as $$ begin selct 1; end $$;',
    "create function f() returns void language plpgsql as $$ begin raise notice '%'; end $$;",
    'do $$ begin selct 1; end $$;',
  ],
  OB201: ['create index tokens_symbol on tokens (symbol);', 'create unique index on tokens (symbol);'],
  OB202: [
    'alter table tokens add column nonce uuid default gen_random_uuid();',
    'alter table tokens add column n bigint generated always as identity;',
    'alter table tokens add n int generated always as (a + b) stored;',
    'alter table tokens add n bigserial;',
  ],
  OB203: ['alter table tokens add column price numeric not null;'],
  OB204: ['alter table tokens alter column supply type bigint;'],
  OB205: ['drop table tokens;', 'drop view tokens_seen;', 'drop index i;', 'drop index concurrently i;', 'drop policy p on tokens;'],
  OB206: ['delete from tokens;', 'update tokens set symbol = null;', 'with gone as (delete from tokens returning *) select * from gone;', 'do $$ begin delete from tokens; end $$;', 'create function f() returns void language sql as $$ delete from tokens $$;', 'create function f() returns void language sql as $$\n  delete from tokens;\n$$;', 'create function f() returns void language sql as $$ select 1; update tokens set symbol = null $$;', "create function f() returns void language sql as 'with gone as (delete from tokens returning *) select 1 from gone';", 'create function f() returns void language sql begin atomic; delete from tokens; end;', 'create function f() returns void language plpgsql as $$ begin delete from tokens; end $$;'],
  OB210: [
    'alter table tokens add constraint c foreign key (owner) references owners (id);',
    'alter table tokens add column owner int default 1 references owners (id);',
    'alter table tokens add constraint c check (supply > 0);',
    'alter table tokens add column supply int check (supply > 0);',
    'alter table tokens alter column symbol set not null;',
  ],
  OB211: [
    'alter table tokens add constraint c unique (symbol);',
    'alter table tokens add column symbol text unique;',
    'alter table tokens add primary key (id);',
    'alter table tokens add constraint c exclude using gist (span with &&);',
  ],
  OB212: ['alter table tokens drop column symbol;', 'alter table tokens drop column if exists supply, drop column symbol;', 'drop table tokens;'],
  OB213: ['alter table tokens rename column symbol to sign;', 'alter table tokens rename to coins;'],
  OB214: ['refresh materialized view totals;', 'reindex table tokens;', 'reindex index i;', 'vacuum full tokens;', 'vacuum (full, analyze) tokens;', 'cluster tokens;'],
  OB208: ['create table private.launches (at timestamp);', 'alter table tokens alter column at type timestamp;', 'create domain moment as timestamp;', 'create type pair as (a timestamp);'],
};

const configurations: readonly object[] = [
  {},
  { linter: { rules: { all: true } } },
  { linter: { rules: { recommended: false } } },
  { linter: { rules: { safety: { preferTimestamptz: 'warn', banDeleteWithoutWhere: 'off' } } } },
  { linter: { rules: { recommended: false, safety: { recommended: true, changingColumnType: 'error' } } } },
  { linter: { rules: { all: true, safety: { preferRobustStmts: 'off', recommended: false } } } },
  { linter: { enabled: false } },
];

describe('beside the Postgres Language Server', function () {
  this.timeout(60_000);
  let folder: string;

  before(async () => {
    await provision('languageServer');
    folder = await mkdtemp(path.join(tmpdir(), 'opsbook-beside-'));
  });
  after(async () => {
    await rm(folder, { recursive: true, force: true });
    await grammar.close();
  });

  async function marksOfServer(sql: string, configuration: object): Promise<Set<string>> {
    await writeFile(path.join(folder, 'file.sql'), sql);
    await writeFile(path.join(folder, 'postgres-language-server.jsonc'), JSON.stringify(configuration));
    const { stdout } = await execa(languageServerBinary(), ['check', '--disable-db', '--max-diagnostics=none', '--reporter=json', 'file.sql'], { cwd: folder, reject: false });
    const { diagnostics } = JSON.parse(stdout.slice(0, stdout.lastIndexOf('}') + 1)) as { diagnostics: { category: string }[] };
    return new Set(diagnostics.map(({ category }) => category.split('/').at(-1) ?? ''));
  }

  it('every rule that both have is tried, but for those that need a database', () => {
    const shared = rules.filter(({ alsoIn }) => alsoIn.some((name) => name !== 'typecheck'));
    assert.deepEqual(shared.map(({ code }) => code).sort(), Object.keys(statements).sort());
  });

  for (const configuration of configurations) {
    it(`leaves to it what it marks, and no more: ${JSON.stringify(configuration)}`, async () => {
      const duties = serverDuties(JSON.stringify(configuration));
      assert.ok(duties);
      for (const [code, sql] of Object.entries(statements).flatMap(([each, all]) => all.map((one) => [each, one] as const))) {
        const rule = ruleOf(code);
        assert.ok(rule);
        const text = new SqlText({ grammar, rules });
        text.update(sql);
        const found = await text.findings({ role: 'migration', exposedSchemas: ['public'], before: [], after: [], names: { kind: 'none' } }, AbortSignal.timeout(20_000));
        const own = found.find((finding) => finding.code === code);
        assert.ok(own, `${code} is not found in ${sql}`);
        const server = await marksOfServer(sql, configuration);
        assert.equal(duties.marks({ alsoIn: own.alsoIn ?? rule.alsoIn }), rule.alsoIn.some((name) => server.has(name)), `${code} in ${sql}: the server marks ${[...server].join(', ')}`);
      }
    });
  }

  it('leaves names and types to it where it has a database', () => {
    const typecheck = { alsoIn: ['typecheck'] };
    assert.equal(serverDuties('{}')?.marks(typecheck), false);
    assert.equal(serverDuties('// mine\n{ "db": { "host": "127.0.0.1" }, }')?.marks(typecheck), true);
    assert.equal(serverDuties('{ "db": { "disableConnection": true } }')?.marks(typecheck), false);
    assert.equal(serverDuties('{ "db": {}, "typecheck": { "enabled": false } }')?.marks(typecheck), false);
    assert.equal(serverDuties('{ "db": {} }')?.hasDatabase, true);
    assert.equal(serverDuties('{ no JSON'), undefined);
  });
});
