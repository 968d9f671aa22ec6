/** The far side of {@link WorkerThread}: within a worker. */
import { parentPort } from 'node:worker_threads';
import type { Answered, Asked, GivenUp } from './workerThread.ts';

/** Questions are answered as they can; each has a signal that aborts when nobody waits any more. */
export function answerQuestions<Q, A>(answer: (question: Q, signal: AbortSignal) => Promise<A> | A): void {
  const controllers = new Map<number, AbortController>();
  const reply = (answered: Answered<A>): void => parentPort?.postMessage(answered);
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
  parentPort?.on('message', (message: Asked<Q> | GivenUp) => {
    if ('givenUp' in message) {
      controllers.get(message.givenUp)?.abort();
    } else {
      void take(message);
    }
  });
}
