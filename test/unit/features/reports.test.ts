import assert from 'node:assert/strict';
import type { AdvisorFinding } from '../../../src/core/advisors/finding.ts';
import { Mutes } from '../../../src/core/advisors/mutes.ts';
import { loadMarkdownGrammar } from '../../../src/adapters/text/markdown.ts';
import { OpsError, isCancelled, isOpsError } from '../../../src/core/errors.ts';
import { Library, type ListedFile } from '../../../src/core/runbook/library.ts';
import { Advisors, muteScope } from '../../../src/features/diagnostics/advisors.ts';
import { diagnosticOf } from '../../../src/features/diagnostics/choose.ts';
import { endSession } from '../../../src/features/diagnostics/endSession.ts';
import { repair } from '../../../src/features/diagnostics/repair.ts';
import { compare, runAll, saveReport, saveSnapshot, type Latest } from '../../../src/features/diagnostics/runAll.ts';
import type { DiagnosticsNeeds } from '../../../src/features/diagnostics/needs.ts';
import { listDiagnostics, Verdicts } from '../../../src/features/diagnostics/tree.ts';
import { runHealthCheck, showDetails, type ReportNeeds } from '../../../src/features/health/report.ts';
import { createConsent } from '../../../src/host/consent.ts';
import { plainMarkdown } from '../../../src/host/plainText.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { FakeCommands } from '../../fakes/commands.ts';
import { acme, fakeConnection } from '../../fakes/connection.ts';
import { FakeDatabase } from '../../fakes/database.ts';
import { FakeSnapshotArchive } from '../../fakes/snapshotArchive.ts';
import { FakeManagementApi } from '../../fakes/managementApi.ts';
import { FakeStorage } from '../../fakes/storage.ts';
import { TestSession } from '../../fakes/session.ts';
import { FakeUi } from '../../fakes/ui.ts';

const forged = 'down\n# All is well\u202e [x](y) | <b>';

describe('outside text in a report', () => {
  it('marks nothing and begins no line', () => {
    assert.equal(plainMarkdown(forged), 'down␊# All is well\\\\u{202e} \\[x\\](y) \\| \\<b>');
  });

  it('keeps the underscores of names, and marks nothing with others', () => {
    assert.equal(plainMarkdown('pg_stat_statements is _not_ loaded'), 'pg_stat_statements is \\_not\\_ loaded');
  });

  it('has no backslash where nothing would be marked', () => {
    assert.equal(plainMarkdown('failures > 5, job #7, {a}, */15 * * * *'), 'failures > 5, job #7, {a}, \\*/15 * * * *');
  });

  it('makes no list, heading or quotation of what begins a line', () => {
    assert.deepEqual(['# a', '> a', '- a', '+ a', '* a', '1. a', '2) a', '-5 ms', '2.5 rows'].map(plainMarkdown), ['\\# a', '\\> a', '\\- a', '\\+ a', '\\* a', '1\\. a', '2\\) a', '-5 ms', '2.5 rows']);
  });
});

describe('reports', () => {
  let world: TestSession;
  let ui: FakeUi;
  let management: FakeManagementApi;
  let database: FakeDatabase;
  const reports = new Map<string, string>();
  const documents = { showReport: async (name: string, text: string) => void reports.set(name, text), openAt: () => assert.fail('nothing is opened') };
  beforeEach(async () => {
    reports.clear();
    world = new TestSession();
    ui = new FakeUi();
    management = new FakeManagementApi();
    management.addProject(acme.ref);
    database = new FakeDatabase();
    await world.show(fakeConnection({ management, database }));
  });
  afterEach(() => ui.done());

  describe('of health', () => {
    const needs = (): ReportNeeds => ({ session: world.session, ui, clock: new FakeClock(), documents });

    it('have a row for each service and number, the gravest first', async () => {
      database.answer('pg_stat_database', { columns: ['connections', 'max_connections'], rows: [['50', '60']] });
      await runHealthCheck(needs())();
      const text = reports.get('Health of acme.md') ?? '';
      assert.match(text, /^# Health of acme\n\n2026-11-20T09:00:00\.000Z · production · abcdefghijklmnopqrst\n/);
      const rows = text.split('\n').filter((line) => line.startsWith('| '));
      assert.match(rows[2] ?? '', /^\| warning \| Database +\| 50 of 60 connections, 83 % \(warn at 80 %\) \|$/);
      assert.ok(rows.some((row) => /^\| ok +\| Auth +\| healthy \|$/.test(row)));
      assert.equal(new Set(rows.map((row) => row.indexOf('|', row.indexOf('|', 1) + 1))).size, 1, 'columns have one width');
      assert.ok(rows.every((row) => row.split('|').length === 5));
    });

    it('ask everything anew', async () => {
      await runHealthCheck(needs())();
      await runHealthCheck(needs())();
      assert.equal(management.calls.filter(({ method }) => method === 'health').length, 2);
    });

    it('let a service’s own words forge nothing', async () => {
      management.addProject(acme.ref).health = [{ service: 'auth', state: 'critical', error: forged }];
      await runHealthCheck(needs())();
      assert.doesNotMatch(reports.get('Health of acme.md') ?? '', /^# All is well/m);
    });

    it('open no half of one when they are cancelled', async () => {
      database.hold();
      const running = runHealthCheck(needs())();
      await new Promise((resolve) => setImmediate(resolve));
      ui.cancelProgress();
      await assert.rejects(running, isCancelled);
      assert.deepEqual([...reports], []);
    });

    it('of one row show what it is made of; without a row it is picked', async () => {
      await showDetails(needs())({ kind: 'service', row: { kind: 'service', id: 'auth', label: 'Auth', state: 'critical', description: forged, detail: ['first', forged] } });
      assert.deepEqual(reports.get('Auth.md')?.split('\n').slice(0, 3), ['# Auth', '', `**critical** · ${plainMarkdown(forged)}`]);
      assert.doesNotMatch(reports.get('Auth.md') ?? '', /^# All is well/m);
      ui.willPick('REST');
      await showDetails(needs())();
      assert.match(reports.get('REST.md') ?? '', /^# REST\n\n\*\*ok\*\* · healthy\n/);
    });

    it('need a project', async () => {
      await assert.rejects(runHealthCheck({ ...needs(), session: new TestSession().session })(), (error) => isOpsError(error, 'noProject'));
    });
  });

  describe('of diagnostics', () => {
    const text = ['Cache', 'Locks', 'Jobs', 'Fine'].map((title) => `\`\`\`sql title="${title}" warn="n > 1" critical="n > 9" topic=${title === 'Fine' ? 'Other' : 'Main'}\nselect n from ${title.toLowerCase()}\n\`\`\`\n\n`).join('');
    let library: Library;
    let verdicts: Verdicts;
    let needs: DiagnosticsNeeds;
    let clock: FakeClock;
    let latest: Latest;
    let trusted: boolean;
    let archive: FakeSnapshotArchive;
    let mutes: Mutes;
    let advisors: Advisors;
    const written = new Map<string, string>();
    const opened: string[] = [];
    let format: 'md' | 'csv';
    beforeEach(() => {
      written.clear();
      opened.length = 0;
      clock = new FakeClock();
      latest = {};
      trusted = true;
      archive = new FakeSnapshotArchive();
      mutes = new Mutes(new FakeStorage());
      advisors = new Advisors({ session: world.session, mutes });
      format = 'md';
      const list = async (): Promise<ListedFile[]> => [{ uri: 'file:///d.md', label: 'd.md', origin: 'repository', read: async () => `# D\n\n${text}**What next.** Look\nat <it>.\n\n\`\`\`sql repair title="Mend"\ndrop index "{{name}}";\n\`\`\`\n` }];
      library = new Library({ sources: [{ list, onDidChange: () => ({ dispose: () => {} }) }], grammar: loadMarkdownGrammar });
      verdicts = new Verdicts();
      const results = { show: () => assert.fail('no tab is opened') };
      const askFile = async (name: string) => ({ format, write: async (content: string) => void written.set(`${name}.${format}`, content) });
      needs = { session: world.session, library, results, documents: { ...documents, openSql: async (sql) => void opened.push(sql) }, commands: new FakeCommands(ui), clock, ui, consent: createConsent({ ui, clock }), isTrusted: () => trusted, snapshots: async () => archive, askFile };
      database.answer('from cache', { columns: ['n'], rows: [['5']] });
      database.answer('from locks', { columns: ['n'], rows: [['50']] });
      database.answer('from jobs', new OpsError('queryFailed', { sqlState: '42P01', message: `relation "cron.job" does not exist ${forged}` }));
      database.answer('from fine', { columns: ['n'], rows: [['0']] });
    });
    const states = async () => Object.fromEntries((await listDiagnostics(library)).map((node) => [node.step.title, verdicts.get(node)?.state]));

    it('run them all, keep each verdict for its row, and list the gravest first', async () => {
      await runAll({ ...needs, advisors }, verdicts, latest)();
      assert.deepEqual(await states(), { Cache: 'warn', Locks: 'critical', Jobs: 'unknown', Fine: 'ok' });
      const report = reports.get('Diagnostics of acme.md') ?? '';
      assert.deepEqual([...report.matchAll(/^## (.+)$/gm)].map((match) => match[1]), ['critical: 1', 'warning: 1', 'unknown: 1', 'ok: 1', 'Supabase’s advisors']);
      assert.match(report, /^2026-11-20T09:00:00\.000Z · production · abcdefghijklmnopqrst · postgres@fake:5432\n\n1 critical, 1 warning, 1 unknown, 1 ok$/m);
      assert.match(report, /^### Locks\n\nn 50, critical above 9\. Main; warn: n > 1 · critical: n > 9$/m);
      assert.match(report, /^\| Jobs \| Main \| relation/m);
      assert.match(report, /^\| Fine \| Other \| n 0, warn above 1 \|$/m);
      assert.doesNotMatch(report, /^# All is well/m);
      assert.ok(database.requests.every(({ mode }) => mode === 'read'));
    });

    it('have what the advisors say beside, what is muted with its reason, and whom nobody could ask', async () => {
      const found: AdvisorFinding = { kind: 'security', name: 'rls_disabled_in_public', key: 'notes', title: 'RLS Disabled', level: 'error', description: '', detail: `Table notes is public ${forged}`, object: { schema: 'public', name: 'notes' } };
      const project = management.addProject(acme.ref);
      project.advisors = [found, { ...found, key: 'old', object: { schema: 'public', name: 'old' } }];
      await mutes.mute(muteScope(world.session.connection()), { ...found, key: 'old' }, { reason: 'a relic', at: 0 });
      await runAll({ ...needs, advisors }, verdicts, latest)();
      const report = reports.get('Diagnostics of acme.md') ?? '';
      assert.match(report, /### Security\n\n\| Gravity +\|.+\n\|.+\n\| error +\| RLS Disabled +\| public\.notes +\| Table notes is public/);
      assert.match(report, /### Performance\n\nNothing found\./);
      assert.match(report, /### Muted\n\n\| Finding.+\n.+\n\| RLS Disabled +\| public\.old +\| 1970-01-01 +\| a relic/);
      assert.doesNotMatch(report, /^# All is well/m);
      management.fail('advisors', new OpsError('permissionMissing', { operation: 'read the advisors', account: 'me' }));
      await runAll({ ...needs, advisors }, verdicts, latest)();
      assert.match(reports.get('Diagnostics of acme.md') ?? '', /### Security\n\nunknown: needs a token with the permission advisors\\?_read/);
    });

    it('leave out those of a repository that is not trusted, and say so', async () => {
      trusted = false;
      await runAll({ ...needs, advisors }, verdicts, latest)();
      assert.deepEqual(database.requests, []);
      assert.match(ui.told[0]?.message ?? '', /^4 diagnostics of the repository were left out/);
    });

    it('run those of some topics', async () => {
      await runAll({ ...needs, advisors }, verdicts, latest)({ topics: ['Other'] });
      assert.deepEqual(await states(), { Cache: undefined, Locks: undefined, Jobs: undefined, Fine: 'ok' });
    });

    it('know nothing of what could not be asked, and say why', async () => {
      database.answer('from cache', new OpsError('unreachable', { host: 'db.example.test', reason: 'ECONNREFUSED' }));
      await runAll({ ...needs, advisors }, verdicts, latest)();
      assert.equal((await states())['Cache'], 'unknown');
      assert.match(reports.get('Diagnostics of acme.md') ?? '', /^\| Cache \| Main \| db\.example\.test cannot be reached/m);
    });

    it('say of one that took too long that it has more time by itself', async () => {
      database.answer('from cache', new OpsError('timedOut', { operation: 'run the statement', seconds: 2 }));
      await runAll({ ...needs, advisors }, verdicts, latest)();
      assert.equal((await states())['Cache'], 'unknown');
      assert.match(reports.get('Diagnostics of acme.md') ?? '', /^\| Cache \| Main \| took longer than the 2 s that each has among many; run by itself it has more/m);
    });

    it('end without a report when they are cancelled', async () => {
      database.hold();
      const running = runAll({ ...needs, advisors }, verdicts, latest)();
      await new Promise((resolve) => setImmediate(resolve));
      ui.cancelProgress();
      await assert.rejects(running, isCancelled);
      assert.deepEqual([...reports], []);
      assert.equal(new Set(Object.values(await states())).size, 1);
    });

    it('keep no verdict for a project that is shown by then', async () => {
      const release = database.hold();
      const running = runAll({ ...needs, advisors }, verdicts, latest)();
      await new Promise((resolve) => setImmediate(resolve));
      await world.show(fakeConnection({ project: { ...acme, ref: 'bcdefghijklmnopqrstu', name: 'beta' } }));
      release();
      await running;
      assert.deepEqual(await states(), { Cache: undefined, Locks: undefined, Jobs: undefined, Fine: undefined });
      assert.ok(reports.has('Diagnostics of acme.md'));
    });

    it('name the rows that broke the limit, and what to do next as text when it is the repository’s', async () => {
      database.answer('from fine', { columns: ['schema_name', 'table_name', 'n'], rows: [['public', 'quiet', '0'], ['public', forged, '7'], ['public', 'busy', '70']] });
      await runAll({ ...needs, advisors }, verdicts, latest)();
      const report = reports.get('Diagnostics of acme.md') ?? '';
      assert.match(report, /^\| What \| n \|\n\| ---- \| --- \|\n\| public · busy \| 70 \|\n\| public · quiet \| 0 \|/m, 'only what breaks the gravest limit comes first');
      assert.match(report, /^\*\*What next\.\*\* Look at \\<it>\.$/m);
      assert.doesNotMatch(report, /^# All is well/m);
    });

    it('can be saved, as CSV without formulas', async () => {
      await assert.rejects(saveReport(needs, latest)(), (error) => isOpsError(error, 'notFound'));
      database.answer('from cache', new OpsError('queryFailed', { sqlState: '42P01', message: '=cmd()' }));
      await runAll({ ...needs, advisors }, verdicts, latest)();
      await ui.press('Save Report…');
      assert.equal(written.get('Diagnostics of acme.md'), reports.get('Diagnostics of acme.md'));
      format = 'csv';
      await saveReport(needs, latest)();
      const lines = (written.get('Diagnostics of acme.csv') ?? '').split('\r\n');
      assert.deepEqual(lines.slice(0, 3), [
        'time,project,topic,diagnostic,verdict,summary,rows,warn,critical',
        "2026-11-20T09:00:00.000Z,abcdefghijklmnopqrst,Main,Cache,unknown,'=cmd(),\"\",n > 1,n > 9",
        '2026-11-20T09:00:00.000Z,abcdefghijklmnopqrst,Main,Locks,critical,"n 50, critical above 9",1,n > 1,n > 9',
      ]);
    });

    it('are kept as a snapshot: by its own command, or from the report', async () => {
      await saveSnapshot(needs, verdicts)();
      await clock.advance(1000);
      await runAll({ ...needs, advisors }, verdicts, latest)();
      const asked = database.requests.length;
      await ui.press('Save Snapshot');
      assert.equal(database.requests.length, asked, 'nothing is run again');
      assert.deepEqual(archive.kept.map(({ takenAt, ref, address, findings }) => [takenAt, ref, address, findings.length]), [
        [clock.now() - 1000, acme.ref, 'postgres@fake:5432', 4],
        [clock.now(), acme.ref, 'postgres@fake:5432', 4],
      ]);
    });

    it('of some topics are no snapshot', async () => {
      await runAll({ ...needs, advisors }, verdicts, latest)({ topics: ['Other'] });
      await assert.rejects(ui.press('Save Snapshot'));
    });

    it('are compared: what is worse, what moved by how much, what is unknown and why', async () => {
      await assert.rejects(compare(needs, verdicts)(), (error) => isOpsError(error, 'notFound'));
      await saveSnapshot(needs, verdicts)();
      await clock.advance(60_000);
      database.answer('from cache', { columns: ['n'], rows: [['6.5']] });
      database.answer('from locks', { columns: ['n'], rows: [['1']] });
      database.answer('from fine', { columns: ['n'], rows: [['2']] });
      const [time = ''] = archive.kept.map(({ takenAt }) => new Date(takenAt).toLocaleString('sv-SE'));
      ui.willPick(time).willPick('Now');
      await compare(needs, verdicts)();
      const report = reports.get('Diagnostics of acme, compared.md') ?? '';
      assert.deepEqual([...report.matchAll(/^##+ (.+)$/gm)].map((match) => match[1]), ['Worse: 1', 'Fine', 'Better: 1', 'Locks', 'Same verdict, other numbers: 1', 'Cache', 'The same: 1']);
      assert.match(report, /^\*\*critical\*\* \(n 50, critical above 9\) → \*\*ok\*\* \(n 1, warn above 1\)$/m);
      assert.match(report, /^\| n \| 5 \| 6\.5 \| \+1\.5, \+30 % \|$/m);
      assert.match(report, /^Jobs \(unknown\)$/m);
      assert.doesNotMatch(report, /^# All is well/m);
    });

    it('offer SQL for the rows that break the limit, in an editor, and run none of it', async () => {
      database.answer('from fine', { columns: ['name', 'n'], rows: [['x"y', '5'], ['calm', '0'], ['z', '50']] });
      await repair(needs, verdicts)('Fine');
      assert.equal(database.requests.length, 1);
      assert.deepEqual(opened, [
        '-- Fine: n 50, critical above 9\n-- acme · production, postgres@fake:5432\n-- Nothing of this has been run. Read each statement, and run those that you want.\n\n-- Mend\ndrop index "z";\n',
      ]);
      database.answer('from fine', { columns: ['name', 'n'], rows: [['calm', '0']] });
      await repair(needs, verdicts)('Fine');
      await assert.rejects(repair(needs, verdicts)('Cache'), (error) => isOpsError(error, 'notFound'));
      assert.equal(opened.length, 1);
    });

    describe('of sessions', () => {
      const list = { columns: ['pid', 'start', 'state', 'who', 'seconds', 'query', 'statement'], rows: [['77', '2026-11-20 08:00', 'active', 'postgres', '700', 'select\n  pg_sleep(900)', '2026-11-20 08:48'], ['78', '2026-11-20 08:01', 'idle in transaction', 'app', '60', 'begin', '']] };
      const still = (state: string | undefined) => database.answer("select coalesce(state, '') as state from", { columns: ['state'], rows: state === undefined ? [] : [[state]] });
      const acts = () => database.requests.filter(({ mode }) => mode === 'write').map(({ text, values }) => [/pg_\w+_backend/.exec(text)?.[0], ...values]);
      beforeEach(() => {
        database.answer('pg_backend_pid', list).answer('pg_cancel_backend', { columns: ['ok'], rows: [['true']] }).answer('pg_terminate_backend', { columns: ['ok'], rows: [['true']] });
      });

      it('cancel first, and end the session only when that is pressed', async () => {
        still('idle');
        ui.willPick('77 · active · 12 min').willConsent();
        await endSession(needs)();
        assert.deepEqual(acts(), [['pg_cancel_backend', '77', '2026-11-20 08:00', '2026-11-20 08:48']]);
        assert.match(ui.plans[0]?.detail.join('\n') ?? '', /acme · production.*\npostgres · active · 12 min\nselect pg_sleep\(900\)/);
        still(undefined);
        ui.willConsent();
        await ui.press('End Session…');
        assert.deepEqual(acts().at(-1), ['pg_terminate_backend', '77', '2026-11-20 08:00']);
      });

      it('say when a statement runs on', async () => {
        still('active');
        ui.willPick('77 · active · 12 min').willConsent();
        const ending = endSession(needs)();
        for (let step = 0; step < 8; step++) {
          await new Promise((resolve) => setImmediate(resolve));
          await clock.advance(500);
        }
        await ending;
        assert.match(ui.told.at(-1)?.message ?? '', /runs on after it was cancelled/);
      });

      it('end at once where there is nothing to cancel, and never unasked', async () => {
        still(undefined);
        ui.willPick('78 · idle in transaction · 60 s').willDismiss();
        await assert.rejects(endSession(needs)(), isCancelled);
        assert.deepEqual(acts(), []);
        ui.willPick('78 · idle in transaction · 60 s').willConsent();
        await endSession(needs)();
        assert.deepEqual(acts(), [['pg_terminate_backend', '78', '2026-11-20 08:01']]);
      });
    });

    it('name one by its row, by its title, or by a choice', async () => {
      const [cache] = await listDiagnostics(library);
      assert.equal(await diagnosticOf(needs, { node: cache }), cache);
      assert.equal((await diagnosticOf(needs, 'Locks')).step.title, 'Locks');
      await assert.rejects(diagnosticOf(needs, 'Nothing'), (error) => isOpsError(error, 'notFound') && error.facts.what === 'The diagnostic Nothing');
      ui.willPick('Jobs');
      assert.equal((await diagnosticOf(needs, undefined)).step.title, 'Jobs');
    });
  });
});
