import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { root } from '../../build.ts';
import { readResults, tellAll, type Outcome } from '../../world/results.ts';

describe('the results of npm test', function () {
  this.timeout(20_000);
  let folder: string;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'opsbook-results-'));
  });

  after(() => rm(folder, { recursive: true, force: true }));

  /** Runs mocha itself on a suite, for its JSON is what is read. */
  async function runSuite(body: string): Promise<Outcome> {
    const spec = path.join(folder, 'spec.mjs');
    const output = path.join(folder, 'results.json');
    const skip = JSON.stringify(path.join(root, 'test', 'world', 'skip.ts'));
    await writeFile(spec, `import { skipFor } from ${skip};\n${body}`);
    const mocha = path.join(root, 'node_modules', 'mocha', 'bin', 'mocha.js');
    await execa(process.execPath, [mocha, '--reporter', 'json', '--reporter-option', `output=${output}`, spec], { reject: false });
    return readResults('trial', output);
  }

  it('count what passed, failed, and was skipped for a reason', async () => {
    const outcome = await runSuite(`
      it('passes', () => {});
      it('fails', () => { throw new Error('on purpose'); });
      it('waits', function () { skipFor(this, 'needs Docker'); });
      describe('all of them', () => { before(function () { skipFor(this, 'needs ../shared'); }); it('a', () => {}); it('b', () => {}); });
      describe('one of them', () => { beforeEach(function () { skipFor(this, 'needs Docker'); }); it('c', () => {}); });`);
    assert.equal(outcome.passed, 1);
    assert.deepEqual(outcome.failures.map(({ title }) => title), ['fails']);
    assert.match(outcome.failures[0]?.text ?? '', /on purpose\n\s+at .*spec\.mjs/);
    assert.equal(
      tellAll([outcome, { suite: 'lint', passed: 1, failures: [], skipped: [] }]),
      'skipped: 4 (needs Docker: 2, needs ../shared: 2)\n2 passed, 1 failed',
    );
  });

  it('fail when a test is skipped for any other reason', async () => {
    const { passed, failures, skipped } = await runSuite("it('now', () => {}); it.skip('later', () => {}); it('never');");
    assert.deepEqual([passed, failures.map(({ title }) => title), skipped], [1, ['later', 'never'], []]);
  });

  it('fail when a suite holds no test', async () => {
    const { failures } = await runSuite('');
    assert.deepEqual(failures, [{ title: 'trial', text: 'It holds no test.' }]);
  });

  it('fail when all of a suite was skipped', async () => {
    const { failures, skipped } = await runSuite("it('waits', function () { skipFor(this, 'needs Docker'); });");
    assert.deepEqual([failures, skipped], [[{ title: 'trial', text: 'All its tests were skipped: nothing was tried.' }], ['needs Docker']]);
  });

  it('say before all else what was run twice', () => {
    const outcome = { suite: 'e2e', passed: 2, failures: [], skipped: [], again: true } as const;
    assert.equal(tellAll([{ ...outcome, failures: [], skipped: [] }]), 'failed at first, see above, and run again: e2e\nskipped: 0\n2 passed, 0 failed');
  });
});
