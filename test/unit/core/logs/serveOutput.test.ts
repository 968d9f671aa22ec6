import assert from 'node:assert/strict';
import { OpsError, isOpsError } from '../../../../src/core/errors.ts';
import { HeldLines } from '../../../../src/core/logs/heldLines.ts';
import { ServeOutput, toServedLine, type Served } from '../../../../src/core/logs/serveOutput.ts';
import { logLine } from '../../../fakes/logStore.ts';

/** Shaped after the CLI's own template of the local runtime; recorded output needs Docker. */
const session = `Serving functions on http://127.0.0.1:54321/functions/v1/<function-name>
 - http://127.0.0.1:54321/functions/v1/hello
Using supabase-edge-runtime-1.69.4 (compatible with Deno v2.1.4)
serving the request with supabase/functions/hello
[Info] Hello from Functions!

[Warning] careful
serving the request with /home/ada/acme/supabase/functions/mint-token
[Error] TypeError: no wallet
    at mint (file:///home/ada/acme/supabase/functions/mint-token/index.ts:12:5)
    at async file:///home/ada/acme/supabase/functions/mint-token/index.ts:3:1
worker boot error: failed to bootstrap runtime
[Debug] [not a level] x
`;

function readAll(text: string): Served[] {
  const output = new ServeOutput();
  return [...text.split('\n').flatMap((line) => output.feed(line)), ...output.flush()];
}

describe('the output of functions that are served locally', () => {
  it('becomes messages with their level, their function and all their rows', () => {
    assert.deepEqual(readAll(session).map(({ slug, level, message }) => [slug, level, message]), [
      [undefined, 'info', 'Serving functions on http://127.0.0.1:54321/functions/v1/<function-name>\n - http://127.0.0.1:54321/functions/v1/hello'],
      [undefined, 'info', 'Using supabase-edge-runtime-1.69.4 (compatible with Deno v2.1.4)'],
      ['hello', 'info', 'Hello from Functions!'],
      ['hello', 'warn', 'careful'],
      [
        'mint-token',
        'error',
        'TypeError: no wallet\n    at mint (file:///home/ada/acme/supabase/functions/mint-token/index.ts:12:5)\n    at async file:///home/ada/acme/supabase/functions/mint-token/index.ts:3:1',
      ],
      ['mint-token', 'error', 'worker boot error: failed to bootstrap runtime'],
      ['mint-token', 'debug', '[not a level] x'],
    ]);
  });

  it('is a line of a log, whose function is named by its slug', () => {
    assert.deepEqual(toServedLine({ slug: 'hello', level: 'warn', message: 'careful' }, 3, 1000), { id: 'served-000000003', time: 1000, service: 'functions', level: 'warn', message: 'careful', functionId: 'hello' });
  });
});

describe('lines that this window holds', () => {
  const options = { signal: new AbortController().signal, priority: 'tail', limit: 2, order: 'newest' } as const;
  const window = { from: 0, to: 100 };

  it('are read like those of any other log', async () => {
    const held = new HeldLines();
    held.add(logLine({ time: 3, message: 'c' }), logLine({ time: 1, message: 'a' }), logLine({ time: 2, message: 'b', level: 'error' }));
    const read = async (filter: object, change: object = {}) => (await held.read({ services: ['functions'], ...filter }, window, { ...options, ...change })).map(({ message }) => message);
    assert.deepEqual(await read({}), ['b', 'c']);
    assert.deepEqual(await read({}, { order: 'oldest' }), ['a', 'b']);
    assert.deepEqual(await read({ levels: ['error'] }), ['b']);
    assert.deepEqual(await read({ services: ['postgres'] }), []);
  });

  it('are given out before the reason why there are no more', async () => {
    const held = new HeldLines();
    let grown = 0;
    held.onDidGrow(() => grown++);
    held.add(logLine({ time: 1, message: 'last words' }));
    held.fail(new OpsError('cliFailed', { command: 'supabase functions serve', exitCode: 1, message: 'Cannot connect to the Docker daemon' }));
    assert.equal(grown, 2);
    assert.equal((await held.read({ services: ['functions'] }, window, options)).length, 1);
    await assert.rejects(held.read({ services: ['functions'] }, window, options), (error) => isOpsError(error, 'cliFailed'));
  });

  it('are the newest twenty thousand', async () => {
    const held = new HeldLines();
    for (let at = 0; at < 50_000; at++) {
      held.add(logLine({ time: at, message: String(at) }));
    }
    const kept = await held.read({ services: ['functions'] }, { from: 0, to: 50_000 }, { ...options, limit: 50_000 });
    assert.ok(kept.length >= 20_000 && kept.length <= 22_000, String(kept.length));
    assert.equal(kept.at(-1)?.message, '49999');
  });
});
