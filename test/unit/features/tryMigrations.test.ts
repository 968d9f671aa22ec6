import assert from 'node:assert/strict';
import { createSqlGrammar } from '../../../src/adapters/sql/grammar.ts';
import { OpsError, isOpsError } from '../../../src/core/errors.ts';
import type { Place, Project } from '../../../src/core/project/project.ts';
import type { Selection } from '../../../src/core/project/session.ts';
import type { TextFinding } from '../../../src/core/sql/lint/analysis.ts';
import { ruleOf, rulePage } from '../../../src/core/sql/lint/ruleTable.ts';
import { TrialResults } from '../../../src/core/sql/trial/results.ts';
import { tryPendingMigrations, type TryNeeds } from '../../../src/features/migrations/tryMigrations.ts';
import { createConsent } from '../../../src/host/consent.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { acme, fakeConnection, type FakeConnection } from '../../fakes/connection.ts';
import { FakeDatabase } from '../../fakes/database.ts';
import { FakeManagementApi } from '../../fakes/managementApi.ts';
import { TestSession } from '../../fakes/session.ts';
import { FakeSecretStore } from '../../fakes/secretStore.ts';
import { FakeUi } from '../../fakes/ui.ts';

const grammar = createSqlGrammar({ workerPath: '' });
const place: Place = { id: 'file:///work', name: 'work', folder: '/work' };
const branch: Project = { ...acme, ref: 'bcdefghijklmnopqrstu', name: 'try-limits', environment: 'preview', parentRef: acme.ref };
const localStack: Project = { kind: 'local', ref: 'local-acme', name: 'acme', environment: 'local' };

describe('Try Migrations', () => {
  let ui: FakeUi;
  let api: FakeManagementApi;
  let database: FakeDatabase;
  let session: TestSession;
  let beside: FakeConnection[];
  let asked: Selection[];
  let reports: { name: string; text: string }[];
  let shown: { path: string; start: number }[];
  let trials: TrialResults;
  let openTexts: Map<string, string>;
  let trusted: boolean;
  let apiAlone: FakeDatabase | undefined;
  let files: { path: string; text: string }[];
  let secrets: FakeSecretStore;

  beforeEach(() => {
    ui = new FakeUi();
    api = new FakeManagementApi();
    database = new FakeDatabase().answer('', {}).answer('schema_migrations', { columns: ['version'], rows: [['1'], ['2']] });
    session = new TestSession();
    trusted = true;
    apiAlone = undefined;
    beside = [];
    asked = [];
    reports = [];
    shown = [];
    trials = new TrialResults();
    openTexts = new Map();
    secrets = new FakeSecretStore();
    files = ['1_first', '2_second', '3_third', '4_fourth'].map((name) => ({ path: `supabase/migrations/${name}.sql`, text: `create table t_${name} (id int);` }));
  });
  afterEach(() => ui.done());

  async function tryOn(project: Project): Promise<void> {
    const connection = fakeConnection({ project, place, management: api, database: new FakeDatabase(), account: { id: 'me', name: 'me', origin: 'https://api.example.test' } });
    const clock = new FakeClock();
    const needs: TryNeeds = {
      session: await session.show(project.kind === 'local' ? fakeConnection({ project, place, database }) : connection),
      connect: async (selection) => {
        asked.push(selection);
        // As without one: a branch whose connection string nobody gave has the API alone.
        const way = secrets.values.has(`database ${selection.project.ref}`) || selection.kind === 'local' ? database : apiAlone ?? database;
        const made = fakeConnection({ project: selection.project, place, management: api, database: way });
        beside.push(made);
        return made;
      },
      localProject: async () => localStack,
      places: { sqlFiles: async () => files },
      grammar,
      trials,
      consent: createConsent({ ui, clock }),
      secrets,
      documents: { showReport: async (name, text) => void reports.push({ name, text }) },
      ui,
      clock,
      isTrusted: () => trusted,
    };
    await tryPendingMigrations(needs, {
      uriOf: (_place, path) => `file:///work/${path}`,
      openText: (_place, path) => openTexts.get(path),
      show: async (_place, path, { start }) => void shown.push({ path, start }),
    });
  }

  function sent(): string[] {
    return database.transactions.flatMap(({ requests }) => requests.map(({ text }) => text));
  }

  it('offers local stacks and preview branches by name, and never the project that is production', async () => {
    api.addProject(acme.ref).branches = [branch, { ...branch, ref: 'cdefghijklmnopqrstuv', name: 'precious' }];
    await session.userStorage.set('environment cdefghijklmnopqrstuv', 'production');
    ui.willDismiss();
    await assert.rejects(tryOn(acme), (error) => isOpsError(error, 'cancelled'));
    assert.deepEqual(ui.lists[0]?.choices.map(({ label }) => label), ['Local stack of work', 'try-limits']);
    assert.deepEqual([asked, database.requests], [[], []]);
  });

  it('runs what is pending where the person said, after the plan, in a transaction that is rolled back', async () => {
    api.addProject(acme.ref).branches = [branch];
    ui.willPick('try-limits').willConsent();
    await tryOn(acme);
    assert.deepEqual(asked.map(({ kind, project }) => [kind, project.ref]), [['hosted', branch.ref]]);
    assert.deepEqual(sent(), ['create table t_3_third (id int)', 'set constraints all immediate', 'reset all', 'reset role', 'create table t_4_fourth (id int)', 'set constraints all immediate']);
    assert.ok(database.transactions.every(({ requests }) => requests.every(({ background, timeoutMs }) => background && timeoutMs === 2000)));
    assert.deepEqual(database.transactions.map(({ state }) => state), ['rolledBack']);
    assert.deepEqual(beside.map(({ closed }) => closed), [1]);
    const plan = ui.plans[0]?.detail.join('\n') ?? '';
    assert.match(plan, /3_third\.sql: 1 statements\n4_fourth\.sql/);
    assert.match(plan, /tables that they change are locked, .* for 30 seconds at most/);
    assert.match(plan, /Not undone by rolling back: sequences/);
    assert.deepEqual(ui.told.map(({ message }) => message), ['Tried on try-limits and rolled back: all 2 pending migrations run there.']);
    await ui.press('Show Report');
    assert.match(reports[0]?.text ?? '', /\| 3_third\.sql \| ran \| 1\/1 \|/);
  });

  it('sends nothing when the plan is dismissed', async () => {
    api.addProject(acme.ref);
    ui.willPick('Local stack of work').willDismiss();
    await assert.rejects(tryOn(acme), (error) => isOpsError(error, 'cancelled'));
    assert.deepEqual([database.transactions.length, beside.map(({ closed }) => closed)], [0, [1]]);
  });

  it('uses the window’s own connection where that is a local stack, and leaves it open', async () => {
    ui.willPick('acme').willConsent();
    await tryOn(localStack);
    assert.deepEqual([asked.length, database.transactions.length], [0, 1]);
  });

  it('says where one fails, shows it, and marks it until the file is edited', async () => {
    const text = 'create table x (id int);\nselect nothing from x;';
    openTexts.set('supabase/migrations/3_third.sql', text);
    database.answer('select nothing', new OpsError('queryFailed', { sqlState: '42703', message: 'column "nothing" does not exist', position: 8 }));
    ui.willPick('acme').willConsent();
    await tryOn(localStack);
    const at = text.indexOf('nothing');
    assert.deepEqual(shown, [{ path: 'supabase/migrations/3_third.sql', start: at }]);
    assert.deepEqual(ui.told.map(({ level, message }) => [level, message]), [['warning', 'Tried on acme and rolled back: 3_third.sql fails (column "nothing" does not exist). 0 before it ran, 1 after it were not tried.']]);
    await ui.press('Show Report');
    assert.match(reports[0]?.text ?? '', /\*\*fails\*\*, line 2: column "nothing" does not exist \(42703\)[^]*\| 4_fourth\.sql \| not tried \|/);
    const uri = 'file:///work/supabase/migrations/3_third.sql';
    const known = (code: TextFinding['code'], start: number): TextFinding => ({ code, range: { start, end: start + 3 }, facts: {}, fixes: [], statementStart: 0 });
    const among = (now: string, ...findings: TextFinding[]) => trials.among(uri, () => now, findings).map(({ code, range }) => `${code} ${range.start}`);
    // What the catalog said of the same place gives way.
    assert.deepEqual(among(text, known('OB303', at), known('OB101', 0), known('OB303', 0)), ['OB101 0', 'OB303 0', `OB410 ${at}`]);
    assert.deepEqual(among(`${text} `, known('OB303', at)), [`OB303 ${at}`]);
    assert.deepEqual(trials.among('file:///other', () => text, []), []);
    assert.equal(ruleOf('OB410')?.message(trials.among(uri, () => text, [])[0]?.facts ?? {}), 'Tried on acme: column "nothing" does not exist (42703)');
  });

  it('says from where on it cannot be known', async () => {
    files[2] = { path: 'supabase/migrations/3_third.sql', text: 'select 1;\ncreate index concurrently on a (b);' };
    ui.willPick('acme').willConsent();
    await tryOn(localStack);
    assert.deepEqual(ui.told.map(({ message }) => message), ['Tried on acme and rolled back: 0 ran. From 3_third.sql on it cannot be known: this statement cannot run inside a transaction, and so cannot be rolled back.']);
    const [finding] = trials.among('file:///work/supabase/migrations/3_third.sql', () => files[2]?.text ?? '', []);
    assert.deepEqual([finding?.code, ruleOf('OB411')?.message(finding?.facts ?? {})], ['OB411', 'From here on it cannot be known: this statement cannot run inside a transaction, and so cannot be rolled back.']);
    assert.deepEqual(sent(), ['select 1']);
  });

  it('has nothing to do where nothing is pending, and says what it does not know', async () => {
    database.answer('schema_migrations', { columns: ['version'], rows: [['1'], ['2'], ['3'], ['4']] });
    ui.willPick('acme');
    await tryOn(localStack);
    assert.match(ui.told[0]?.message ?? '', /Nothing is pending/);
    database.answer('schema_migrations', new OpsError('queryFailed', { sqlState: '42501', message: 'permission denied' }));
    ui.willPick('acme');
    await assert.rejects(tryOn(localStack), (error) => isOpsError(error, 'notSent'));
    assert.equal(database.transactions.length, 0);
  });

  describe('on a branch that only the API leads to', () => {
    const target = { host: `db.${branch.ref}.supabase.co`, port: 5432, user: 'postgres', password: 'p@ss', database: 'postgres' };
    const kept = () => secrets.values.get(`database ${branch.ref}`);

    beforeEach(() => {
      apiAlone = new FakeDatabase();
      apiAlone.capabilities = { ...apiAlone.capabilities, transactions: false };
      api.addProject(acme.ref).branches = [branch];
      api.addProject(branch.ref).branchDatabase = target;
    });

    it('asks Supabase for its password, when told to, and goes through the pooler where there is one', async () => {
      ui.willPick('try-limits').willPick('Ask Supabase for It').willConsent();
      await tryOn(acme);
      assert.equal(kept(), `postgresql://postgres:p%40ss@db.${branch.ref}.supabase.co:5432/postgres`);
      assert.deepEqual([database.transactions.map(({ state }) => state), beside.map(({ closed }) => closed), apiAlone?.requests], [['rolledBack'], [1, 1], []]);
      await secrets.delete(`database ${branch.ref}`);
      api.find(branch.ref).pooler = { host: 'aws-0.pooler.supabase.com', port: 6543, user: `postgres.${branch.ref}` };
      ui.willPick('try-limits').willPick('Ask Supabase for It').willConsent();
      await tryOn(acme);
      assert.equal(kept(), `postgresql://postgres.${branch.ref}:p%40ss@aws-0.pooler.supabase.com:6543/postgres`);
      assert.ok(!JSON.stringify([ui.told, ui.plans, reports]).includes('p@ss'));
    });

    it('says that Supabase does not tell it, and takes what is typed: never the database of another project', async () => {
      api.find(branch.ref).branchDatabase = undefined;
      ui.willPick('try-limits').willPick('Ask Supabase for It').willType(`postgresql://postgres:x@db.${branch.ref}.supabase.co/postgres`).willConsent();
      await tryOn(acme);
      assert.match(ui.told[0]?.message ?? '', /does not tell this access token the password of try-limits.*under Connect/);
      const check = ui.questions[0]?.check;
      assert.match(check?.(`postgresql://postgres:x@db.${acme.ref}.supabase.co/postgres`) ?? '', new RegExp(`the database of the project ${acme.ref}`));
      assert.match(check?.(`postgresql://postgres.${acme.ref}:x@aws-0.pooler.supabase.com:6543/postgres`) ?? '', /the database of the project/);
      assert.match(check?.('db.example.test') ?? '', /A connection string such as/);
      assert.equal(check?.('postgresql://postgres:x@db.example.test/postgres'), undefined);
    });

    it('is asked for anew, for the branch and not for what the window has open, where it is refused', async () => {
      await secrets.set(`database ${branch.ref}`, 'postgresql://postgres:old@db.example.test/postgres');
      database.answer('schema_migrations', new OpsError('databaseRefused', { host: 'db.example.test:5432', message: 'password authentication failed', sqlState: '28P01' }));
      ui.willPick('try-limits');
      await tryOn(acme);
      assert.match(ui.told[0]?.message ?? '', /password authentication failed/);
      ui.willPick('Ask Supabase for It');
      await ui.press('Set Connection String of try-limits');
      assert.deepEqual([...secrets.values.keys()], [`database ${branch.ref}`]);
      assert.match(kept() ?? '', /p%40ss/);
    });

    it('sends nothing when the question is dismissed, or the token may not ask', async () => {
      ui.willPick('try-limits').willDismiss();
      await assert.rejects(tryOn(acme), (error) => isOpsError(error, 'cancelled'));
      api.fail('branchDatabase', new OpsError('permissionMissing', { operation: 'read', account: 'me' }));
      ui.willPick('try-limits').willPick('Ask Supabase for It');
      await assert.rejects(tryOn(acme), (error) => isOpsError(error, 'permissionMissing'));
      assert.deepEqual([kept(), database.requests, beside.map(({ closed }) => closed)], [undefined, [], [1, 1]]);
    });
  });

  it('refuses production whoever offers it', async () => {
    await assert.rejects(tryOn({ ...localStack, environment: 'production' }), (error) => isOpsError(error, 'notFound'));
    assert.equal(ui.lists.length, 0, 'nothing was offered');
  });

  it('offers what there is where branches cannot be listed, and says why', async () => {
    ui.willPick('The preview branches could not be listed');
    await assert.rejects(tryOn(acme), (error) => isOpsError(error, 'projectNotFound'));
  });

  it('says which come after newer ones', async () => {
    database.answer('schema_migrations', { columns: ['version'], rows: [['1'], ['2'], ['4']] });
    ui.willPick('acme').willConsent();
    await tryOn(localStack);
    await ui.press('Show Report');
    assert.match(reports[0]?.text ?? '', /`--include-all`: 3_third\.sql\./);
  });

  it('says what else the CLI makes of them: nothing while a file is missing, halves of what is not whole, a history as another role', async () => {
    database.answer('schema_migrations', { columns: ['version'], rows: [['1'], ['2'], ['20']] });
    files[2] = { path: 'supabase/migrations/3_third.sql', text: 'begin; select 1; commit;' };
    files[3] = { path: 'supabase/migrations/4_fourth.sql', text: 'set local role helper; select 1;' };
    ui.willPick('acme').willConsent();
    await tryOn(localStack);
    await ui.press('Show Report');
    const report = reports[0]?.text ?? '';
    assert.match(report, /without a file here, .*: 20\./);
    assert.match(report, /what ran before a failure stays applied, .*: 3_third\.sql\./);
    assert.match(report, /`reset role` at the end mends it: 4_fourth\.sql\./);
  });

  it('runs nothing of a folder that nobody trusts', async () => {
    trusted = false;
    await assert.rejects(tryOn(localStack), (error) => isOpsError(error, 'untrusted'));
    assert.deepEqual([ui.lists, database.requests], [[], []]);
  });

  it('has pages that offer nothing to put aside', () => {
    const rule = ruleOf('OB410');
    assert.ok(rule && !rulePage(rule).includes('opsbook: ignore'));
  });
});
