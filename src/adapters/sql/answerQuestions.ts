/** The far side of {@link Questions}: within a worker thread, or a process of its own. */
import { parentPort } from 'node:worker_threads';
import type { Answered, Asked, GivenUp } from './farSide.ts';

/** Questions are answered as they can; each has a signal that aborts when nobody waits any more. */
export function answerQuestions<Q, A>(answer: (question: Q, signal: AbortSignal) => Promise<A> | A): void {
  const controllers = new Map<number, AbortController>();
  const reply = (answered: Answered<A>): void => {
    if (parentPort === null) {
      process.send?.(answered);
    } else {
      parentPort.postMessage(answered);
    }
  };
  const take = async ({ id, question }: Asked<Q>): Promise<void> => {
    const controller = new AbortController();
    controllers.set(id, controller);
    try {
      reply({ id, answer: await answer(question, controller.signal) });
    } catch (error) {
      reply({ id, failure: String(error) });
    } finally {
      controllers.delete(id);
    }
  };
  const listen = (message: Asked<Q> | GivenUp): void => {
    if ('givenUp' in message) {
      controllers.get(message.givenUp)?.abort();
    } else {
      void take(message);
    }
  };
  if (parentPort === null) {
    process.on('message', listen);
    // Whoever asked is gone.
    process.on('disconnect', () => process.exit());
  } else {
    parentPort.on('message', listen);
  }
}
