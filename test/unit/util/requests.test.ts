import assert from 'node:assert/strict';
import { isRequestMessage, RequestPort, type RequestMessage } from '../../../src/util/requests.ts';

type Sums = { add: { ask: readonly [number, number]; answer: number } };
type Names = { name: { ask: undefined; answer: string } };

describe('questions over a channel of messages', () => {
  function ends(): { left: RequestPort<Sums, Names>; right: RequestPort<Names, Sums>; sent: RequestMessage[] } {
    const sent: RequestMessage[] = [];
    const carry = (to: () => { receive(message: RequestMessage): void }) => (message: RequestMessage) => {
      sent.push(message);
      queueMicrotask(() => to().receive(structuredClone(message)));
    };
    const left: RequestPort<Sums, Names> = new RequestPort<Sums, Names>({ post: carry(() => right), handlers: { name: async () => 'left' } });
    const add = async ([a, b]: readonly [number, number]): Promise<number> => {
      if (a > 100) {
        throw new Error('too large');
      }
      return a + b;
    };
    const right: RequestPort<Names, Sums> = new RequestPort<Names, Sums>({ post: carry(() => left), handlers: { add }, explain: (error) => `sorry: ${error instanceof Error ? error.message : ''}` });
    return { left, right, sent };
  }

  it('are answered, whoever asks, each by its own answer', async () => {
    const { left, right } = ends();
    assert.deepEqual(await Promise.all([left.ask('add', [1, 2]), left.ask('add', [3, 4]), right.ask('name', undefined)]), [3, 7, 'left']);
  });

  it('that cannot be answered are refused, in the words of the other end', async () => {
    const { left, sent } = ends();
    await assert.rejects(left.ask('add', [101, 0]), /^Error: sorry: too large$/);
    await assert.rejects(left.ask('toString' as 'add', [1, 1]), /nobody answers toString/);
    assert.ok(sent.every(isRequestMessage));
    assert.equal(isRequestMessage({ type: 'state' }), false);
  });

  it('an answer that nobody waits for is let go', () => {
    const { left } = ends();
    left.receive({ type: 'reply', id: 7, answer: 1 });
    left.receive({ type: 'refusal', id: 7, message: '' });
  });
});
