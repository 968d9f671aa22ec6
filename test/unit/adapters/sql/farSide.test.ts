import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Questions, startProcess, startThread, type FarSide } from '../../../../src/adapters/sql/farSide.ts';

const answering = new URL('../../../../src/adapters/sql/answerQuestions.ts', import.meta.url).href;

for (const [what, start] of [['a thread', startThread], ['a process', startProcess]] as const) {
  describe(`questions to ${what}`, () => {
    let folder: string;
    let questions: Questions<string, string>;
    let starts: number;

    async function ask(program: string): Promise<(question: string, signal?: AbortSignal) => Promise<string>> {
      const file = path.join(folder, 'far.mjs');
      await writeFile(file, `import { answerQuestions } from '${answering}';\n${program}`);
      const counted = (): FarSide => {
        starts++;
        return start(file);
      };
      questions = new Questions<string, string>(counted, 10_000, (tell) => tell('hello'));
      return async (question, signal = new AbortController().signal) => questions.ask(question, signal);
    }

    beforeEach(async () => {
      starts = 0;
      folder = await mkdtemp(path.join(tmpdir(), 'opsbook-far-'));
    });

    afterEach(async () => {
      await questions.close();
      await rm(folder, { recursive: true, force: true });
    });

    it('are answered by one that was introduced first', async () => {
      const put = await ask("const heard = [];\nanswerQuestions((question) => { heard.push(question); return heard.join(' '); });");
      assert.equal(await put('one'), 'hello one');
      assert.deepEqual(await Promise.all([put('two'), put('three')]), ['hello one two', 'hello one two three']);
      assert.equal(starts, 1);
    });

    it('are given up where nobody waits any more, and it hears of that', async () => {
      const put = await ask("let gone = 'no';\nanswerQuestions((question, signal) => question === 'wait' ? new Promise((resolve) => signal.addEventListener('abort', () => { gone = 'yes'; resolve(''); })) : gone);");
      const controller = new AbortController();
      const waiting = put('wait', controller.signal);
      controller.abort();
      await assert.rejects(waiting, { code: 'cancelled' });
      assert.equal(await put('gone?'), 'yes');
    });

    it('fail when it dies, and the next one starts another', async () => {
      const put = await ask("answerQuestions((question) => question === 'die' ? process.exit(3) : new Promise((resolve) => setTimeout(() => resolve('alive'), question === 'slow' ? 5000 : 0)));");
      const slow = assert.rejects(put('slow'), /ended/);
      await assert.rejects(put('die'), /ended/);
      await slow;
      assert.equal(await put('again'), 'alive');
      assert.equal(starts, 2);
    });

    it('fail when it cannot be started', async () => {
      const put = await ask('');
      await rm(path.join(folder, 'far.mjs'));
      await assert.rejects(put('anything'));
    });
  });
}

describe('a process beside', () => {
  it('knows nothing of this one’s environment', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'opsbook-far-'));
    const file = path.join(folder, 'far.mjs');
    await writeFile(file, `import { answerQuestions } from '${answering}';\nanswerQuestions(() => Object.keys(process.env).join(' '));`);
    const questions = new Questions<string, string>(() => startProcess(file), 10_000);
    try {
      const names = (await questions.ask('names', new AbortController().signal)).split(' ');
      assert.ok(!names.includes('PATH') && !names.includes('HOME'), names.join(' '));
    } finally {
      await questions.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
