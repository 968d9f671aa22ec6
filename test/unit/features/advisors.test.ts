import assert from 'node:assert/strict';
import type { AdvisorFinding } from '../../../src/core/advisors/finding.ts';
import { Mutes } from '../../../src/core/advisors/mutes.ts';
import { OpsError, isOpsError } from '../../../src/core/errors.ts';
import type { Connection } from '../../../src/core/project/connection.ts';
import { muteAdvice, openGuide, showAdvice, unmuteAdvice, type AdvisorNeeds } from '../../../src/features/diagnostics/advisorCommands.ts';
import { Advisors, advisorsRow, isAdviceNode, type AdvisorsNode } from '../../../src/features/diagnostics/advisors.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { acme, fakeConnection } from '../../fakes/connection.ts';
import { FakeManagementApi, type FakeProject } from '../../fakes/managementApi.ts';
import { TestSession } from '../../fakes/session.ts';
import { FakeStorage } from '../../fakes/storage.ts';
import { FakeUi } from '../../fakes/ui.ts';

const forged = '\u202e$(error) [x](command:y)';
const noRls: AdvisorFinding = {
  kind: 'security',
  name: 'rls_disabled_in_public',
  key: 'rls notes',
  title: 'RLS Disabled in Public',
  level: 'error',
  description: 'Detects tables …',
  detail: `Table \`public.notes\` is public ${forged}`,
  guide: 'https://supabase.com/docs/guides/database/database-linter?lint=0013_rls_disabled_in_public',
  object: { schema: 'public', name: 'notes', type: 'table' },
};
const finding = (more: Partial<AdvisorFinding>): AdvisorFinding => ({ ...noRls, key: JSON.stringify(more), ...more });

describe('Supabase’s advisors', () => {
  let world: TestSession;
  let management: FakeManagementApi;
  let project: FakeProject;
  let storage: FakeStorage;
  let mutes: Mutes;
  let advisors: Advisors;
  let connection: Connection;

  beforeEach(async () => {
    management = new FakeManagementApi();
    project = management.addProject(acme.ref, 'acme');
    storage = new FakeStorage();
    mutes = new Mutes(storage);
    world = new TestSession();
    connection = fakeConnection({ management });
    await world.show(connection);
    advisors = new Advisors({ session: world.session, mutes });
  });

  const children = async (node: AdvisorsNode = { kind: 'advisors' }) => advisors.children(node);
  const rows = async () => (await children()).map((node) => advisorsRow(node)).map(({ label, description, icon }) => [label, description, icon?.state ?? icon?.name]);
  const calls = () => management.calls.filter(({ method }) => method === 'advisors').length;
  const scope = () => ` ${acme.ref}`;

  it('are not asked before somebody unfolds them, and then once until a refresh', async () => {
    assert.equal(advisorsRow({ kind: 'advisors' }).expandable, 'collapsed');
    assert.equal(calls(), 0);
    await rows();
    await rows();
    assert.equal(calls(), 2);
    await world.session.refresh();
    await rows();
    assert.equal(calls(), 4);
  });

  it('say that nothing was found only when they looked', async () => {
    assert.deepEqual(await rows(), [['Security', 'nothing found', 'ok'], ['Performance', 'nothing found', 'ok']]);
    project.advisors = [finding({ kind: 'security', name: 'advisor_check_unavailable', level: 'unchecked', title: 'advisor check unavailable' })];
    await world.session.refresh();
    assert.deepEqual((await rows())[0], ['Security', '1 not looked at', 'unknown']);
  });

  it('are unknown, never well, where they could not be asked', async () => {
    management.fail('advisors', new OpsError('permissionMissing', { operation: 'read the security advisor', account: 'me' }));
    assert.deepEqual(await rows(), ['Security', 'Performance'].map((label) => [label, 'unknown: needs a token with the permission advisors_read', 'unknown']));
    await rows();
    assert.equal(calls(), 2);
    await assert.rejects(advisors.list(connection, new AbortController().signal), (error) => isOpsError(error, 'permissionMissing'));
    management.mend();
    await world.session.refresh();
    assert.deepEqual((await rows())[0], ['Security', 'nothing found', 'ok']);
  });

  it('are absent with the reason where there is no Management API', async () => {
    await world.show(fakeConnection());
    await assert.rejects(children(), (error) => isOpsError(error, 'absent') && error.facts.reason === 'noManagementApi');
  });

  it('show the gravest first, outside text without effect', async () => {
    project.advisors = [finding({ level: 'info', title: 'hint' }), finding({ level: 'warn', title: 'warning' }), noRls, finding({ level: 'unchecked', title: 'not looked' })];
    const [security] = await children();
    assert.ok(security);
    assert.deepEqual([advisorsRow(security).description, advisorsRow(security).icon?.state], ['1 error, 1 warning, 1 not looked at, 1 hint', 'critical']);
    const [first, , , last] = (await children(security)).map((node) => advisorsRow(node));
    assert.deepEqual([first?.label, first?.description, first?.states, first?.icon?.state], ['RLS Disabled in Public', 'public.notes', ['open', 'object', 'guide'], 'critical']);
    assert.match(first?.tooltip?.[1] ?? '', /^Table `public\.notes` is public \\u\{202e\}/);
    assert.deepEqual([last?.label, last?.icon], ['hint', { name: 'info' }]);
  });

  it('list what is muted apart with its reason, for this folder and project, and take it back', async () => {
    project.advisors = [noRls];
    let told = 0;
    advisors.onDidChange(() => told++);
    await mutes.mute(scope(), noRls, { reason: 'only reference data', at: Date.UTC(2026, 10, 20) });
    assert.deepEqual(await rows(), [['Security', 'nothing but what is muted', 'ok'], ['Performance', 'nothing found', 'ok'], ['Muted', '1', 'bell-slash']]);
    const [advice] = await children((await children()).at(-1));
    assert.ok(isAdviceNode(advice));
    assert.equal(advisorsRow(advice).tooltip?.at(-1), 'muted 2026-11-20: only reference data');
    assert.deepEqual(advisorsRow(advice).states?.[0], 'muted');
    await world.show(fakeConnection({ management, project: { ...acme, ref: 'zyxwvutsrqponmlkjihg' } }));
    management.addProject('zyxwvutsrqponmlkjihg').advisors = [noRls];
    assert.equal((await rows())[0]?.[1], '1 error');
    await world.show(connection);
    await new Mutes(storage).unmute(scope(), noRls);
    assert.equal((await rows())[0]?.[1], '1 error');
    assert.equal(told, 1);
  });

  describe('as commands', () => {
    let ui: FakeUi;
    let reports: Map<string, string>;
    beforeEach(() => {
      ui = new FakeUi();
      reports = new Map();
      project.advisors = [noRls, finding({ kind: 'performance', level: 'warn', title: 'Slow', guide: 'https://supabase.com.evil.test/x' })];
    });
    afterEach(() => ui.done());
    const needs = (): AdvisorNeeds => ({
      session: world.session,
      advisors,
      mutes,
      ui,
      clock: new FakeClock(),
      documents: { showReport: async (name, text) => void reports.set(name, text), openAt: () => assert.fail('nothing is opened') },
      places: { sqlFiles: async () => [] },
      grammar: { parse: () => assert.fail('nothing is parsed'), parseProcedural: () => assert.fail('nothing is parsed') },
    });

    it('mute with a reason, which must be given, and take it back, from the palette too', async () => {
      ui.willPick('RLS Disabled in Public').willType('known: reference data');
      await muteAdvice(needs())();
      assert.equal(ui.questions[0]?.check?.('  '), 'Give a reason.');
      assert.deepEqual(mutes.get(scope(), noRls), { reason: 'known: reference data', at: new FakeClock().now() });
      ui.willPick('RLS Disabled in Public');
      await unmuteAdvice(needs())();
      assert.deepEqual(ui.lists.at(-1)?.choices.map(({ label }) => label), ['RLS Disabled in Public']);
      assert.equal(mutes.get(scope(), noRls), undefined);
      await assert.rejects(unmuteAdvice(needs())(), (error) => isOpsError(error, 'notFound'));
    });

    it('show all that was said, outside text without effect, and open pages of Supabase alone', async () => {
      ui.willPick('RLS Disabled in Public');
      await showAdvice(needs())();
      const [report = ''] = reports.values();
      assert.match(report, /^# RLS Disabled in Public\n\nerror · security · public\.notes \(table\)\n\nTable \\`public\.notes\\` is public \\\\u\{202e\}\$\(error\) \\\[x\\\]\(command:y\)/);
      assert.match(report, /<https:\/\/supabase\.com\/docs\/guides\/database\/database-linter\?lint=0013_rls_disabled_in_public>/);
      ui.willPick('RLS Disabled in Public');
      await openGuide(needs())();
      assert.deepEqual(ui.opened, [noRls.guide]);
      const slow = (await advisors.list(connection, new AbortController().signal)).find(({ finding: { title } }) => title === 'Slow');
      await assert.rejects(openGuide(needs())(slow), (error) => isOpsError(error, 'notFound'));
      assert.equal(ui.opened.length, 1);
    });
  });
});
