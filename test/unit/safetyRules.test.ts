import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

/** Which tests hold which rule of the safety paper: its number, its gist, and `file: title` of each test. */
const rules: readonly (readonly [number, string, readonly string[]])[] = [
  [1, 'the CLI’s environment and folder are ours', [
    'test/safety/hostileRepository.test.ts: runs nothing and learns nothing while a function is deployed, rolled back and looked at',
    'test/safety/hostileRepository.test.ts: would get the token by its profile, were the CLI run in it',
    'test/safety/hostileRepository.test.ts: sends the token through no proxy, and not to a server whose certificate is not verified',
    'test/unit/adapters/cli/supabaseCli.test.ts: gives the child an empty folder, a profile of the account, and nothing of the editor’s environment',
  ]],
  [2, 'the token is in the child’s environment alone; the keyring is not read', [
    'test/unit/adapters/cli/supabaseCli.test.ts: gives a reason also without JSON, and never the token',
    'test/unit/features/account.test.ts: asks the service whose token it is, keeps it for that service, and goes on to the project',
  ]],
  [3, 'programs lie outside the workspace; nothing of an untrusted folder is executed', [
    'test/safety/hostileRepository.test.ts: is passed over where programs are looked for',
    'test/unit/adapters/cli/supabaseCli.test.ts: never takes the workspace’s own without consent to that very file',
    'test/unit/adapters/git/gitHistory.test.ts: passes over a git in the workspace, behind a link into it, and in relative entries of PATH',
    'test/vscode/restricted/trust.test.ts: has nothing executed: neither git nor the CLI',
    'test/unit/features/tryMigrations.test.ts: runs nothing of a folder that nobody trusts',
  ]],
  [4, 'git runs nothing', [
    'test/safety/hostileRepository.test.ts: runs nothing while its history is read, lazily fetched objects and signatures included',
    'test/unit/adapters/git/gitHistory.test.ts: tags a commit without running what the repository would have run for it',
  ]],
  [5, 'terminal steps are shown, quoted, and hold nothing that cannot be seen', [
    'test/unit/core/runbook/terminalLine.test.ts: is refused when something in it cannot be seen',
    'test/unit/core/runbook/fill.test.ts: for a shell',
    'test/unit/core/runbook/fill.test.ts: takes no control characters where a line must stay a line',
    'test/e2e/steps/manual.ts: Any other command: shown before it runs, and declined',
  ]],
  [6, 'no network before somebody signs in; a project of files is offered once', [
    'test/vscode/main.ts: was asked although nobody had signed in',
    'test/unit/features/project.test.ts: is offered once in a window, whatever changes, and nothing is asked of the network',
    'test/unit/features/project.test.ts: keeps the answer in the workspace’s storage, for that folder alone',
  ]],
  [7, 'tokens and keys are bound to their origin', [
    'test/unit/core/project/accounts.test.ts: keep a token for the address it was saved for: the same name elsewhere is another account',
    'test/unit/contributions.test.ts: let no repository say where a token goes, which program runs, or whose certificate counts (SAFETY 7)',
    'test/contract/connect.test.ts: a local stack is this machine, whatever the status says',
    'test/unit/adapters/supabase/gateway.test.ts: sends nothing to another host',
  ]],
  [8, 'TLS is verified everywhere but on loopback', [
    'test/sql/connecting.test.ts: verifies TLS with the authority it was given, and tells its address without the password',
    'test/sql/connecting.test.ts: refuses a certificate that is for another host',
    'test/sql/connecting.test.ts: speaks without TLS to this machine alone',
    'test/unit/features/pooler.test.ts: is offered where the direct host cannot be reached for want of IPv6, and only there',
  ]],
  [9, 'requests of documents do not reach this machine or its link', ['test/unit/adapters/supabase/httpClient.test.ts: do not reach this machine or its link unless allowed, by address or by name']],
  [10, 'values of secrets go from an input box into the body alone', [
    'test/unit/features/secretsChange.test.ts: takes the value in a password box and shows it nowhere',
    'test/unit/adapters/supabase/managementApi.test.ts: never repeats a secret’s value, whatever the service echoes',
    'test/e2e/steps/mend.ts: The secret is set, and its value lies nowhere',
  ]],
  [11, 'reading is enforced by the server', [
    'test/sql/readOnly.test.ts: by the server alone, whatever the grammar would say',
    'test/sql/readOnly.test.ts: leaves no transaction and no setting behind on the connection',
    'test/sql/readOnly.test.ts: sends over the API nothing but one statement, in either mode',
    'test/sql/transaction.test.ts: holds reads to reading by the server, and can still write afterwards',
    'test/sql/transaction.test.ts: leaves nothing when it is rolled back, and the connection as it was',
  ]],
  [12, 'nothing locks in the background; trials are short', [
    'test/sql/rolledBack.test.ts: end after two seconds, and wait for a lock a tenth of one',
    'test/sql/parameterTypes.test.ts: wait for no lock',
    'test/sql/serverChecks.test.ts: are not run, and leave the connection as it was',
    'test/sql/serverChecks.test.ts: are not marked while somebody holds a lock, and hold none afterwards',
    'test/unit/features/serverChecks.test.ts: is not prepared by a hosted project, whatever somebody calls it, nor where it is switched off',
    'test/unit/features/tryMigrations.test.ts: offers local stacks and preview branches by name, and never the project that is production',
    'test/sql/tryMigrations.test.ts: run in order in one transaction, of which nothing is left: no row, no table, no lock',
    'test/sql/tryMigrations.test.ts: do not wait for a lock that somebody has',
    'test/unit/core/project/project.test.ts: is a local stack or a preview branch, and nothing that somebody calls production',
  ]],
  [13, 'three connections, named, closed when idle', [
    'test/sql/running.test.ts: uses at most three connections, named opsbook, and closes them',
    'test/unit/adapters/postgres/pool.test.ts: are used again, and closed when idle for a minute',
  ]],
  [14, 'production until somebody says otherwise; names are typed', [
    'test/unit/core/project/session.test.ts: counts every hosted project as production until somebody says otherwise, and remembers what was said in every workspace',
    'test/unit/host/consent.test.ts: to what destroys in production takes the project’s typed name, with the plan as it is',
    'test/unit/host/consent.test.ts: is ended for every project by one click',
  ]],
  [15, 'plans say what cannot be undone; a dismissed prompt ends the command', [
    'test/unit/features/secretsChange.test.ts: says what is replaced, and that it cannot be undone',
    'test/unit/features/secretsChange.test.ts: unsets nothing when it is dismissed',
  ]],
  [16, 'outside text forges no line and hides nothing', [
    'test/unit/core/logs/format.test.ts: indents further rows, whatever breaks them, so that none can pass for a line',
    'test/unit/core/logs/format.test.ts: makes control characters and bidirectional marks visible',
    'test/unit/host/errorMessage.test.ts: shows control characters of outside text, and lets none of it begin a line',
  ]],
  [17, 'no outside text is markup; web views have a strict policy', [
    'test/unit/host/pageHtml.test.ts: lets nothing in but its own script, by its nonce, and its own style',
    'test/unit/host/treeRows.test.ts: draw no icons',
  ]],
  [18, 'CSV of reports holds no formulas', [
    'test/unit/features/functionChanges.test.ts: is CSV that a spreadsheet takes for no formula',
    'test/unit/core/results/formats.test.ts: CSV is exact, and safe for spreadsheets when asked',
  ]],
  [19, 'nothing is written outside its folder', [
    'test/unit/adapters/files/stagingArea.test.ts: refuses every path that could leave the tree or mean a device, before it writes anything',
    'test/unit/features/functionFiles.test.ts: are written whole, never through a link and never outside',
    'test/unit/adapters/supabase/managementApi.test.ts: sends nothing for a ref or a slug that is none',
  ]],
  [20, 'what lies on the disk is private, masked, and dies with its tab', [
    'test/unit/adapters/files/scratchSpace.test.ts: are files of the user alone, in a folder of the user alone, and give back what was written',
    'test/unit/core/logs/format.test.ts: masks credentials unless told not to',
    'test/unit/core/results/rowStore.test.ts: die with the tab: the file is closed, and who still reads hears that it is over',
    'test/unit/features/sqlRun.test.ts: keeps nothing of statements with credentials',
    'test/unit/features/sqlRun.test.ts: keeps neither values of secrets nor what the server says of them, nor statements that hold one',
    'test/unit/adapters/files/rollingJournal.test.ts: keeps entries in order over its files, private ones',
  ]],
  [21, 'the intent is written before; dead owners’ trees are removed', [
    'test/safety/crash.test.ts: is cleaned up after, and what it did is told truly',
    'test/unit/adapters/files/stagingArea.test.ts: sweeps what a killed process left, and nothing of a living one',
  ]],
];

describe('the rules of safety', () => {
  for (const [number, gist, tests] of rules) {
    it(`${number}: ${gist}`, () => {
      const missing = tests.filter((test) => {
        const [file = '', title = ''] = split(test);
        return !readFileSync(path.join(root, file), 'utf8').includes(title);
      });
      assert.deepEqual(missing, [], 'the test is gone, or has another name');
    });
  }

  it('are all there', () => {
    assert.deepEqual(rules.map(([number]) => number), Array.from({ length: 21 }, (_, index) => index + 1));
  });
});

function split(test: string): string[] {
  const end = test.indexOf(': ');
  return [test.slice(0, end), test.slice(end + 2)];
}
