/** Questions and answers over a channel that only carries messages, such as that between a web view and its host. */

/** What can be asked: for each name the question and its answer, both plain data. */
export type Questions = Readonly<Record<string, { readonly ask: unknown; readonly answer: unknown }>>;

export type RequestMessage =
  | { readonly type: 'request'; readonly id: number; readonly name: string; readonly ask: unknown }
  | { readonly type: 'reply'; readonly id: number; readonly answer: unknown }
  /** A handler that threw: whoever asked is told, too. */
  | { readonly type: 'refusal'; readonly id: number; readonly message: string };

export type Handlers<Q extends Questions> = { readonly [N in keyof Q]: (ask: Q[N]['ask']) => Promise<Q[N]['answer']> };

/** One end of the channel: it asks `Theirs` of the other end and answers `Ours` itself. */
export class RequestPort<Theirs extends Questions, Ours extends Questions> {
  private readonly post: (message: RequestMessage) => void;
  private readonly handlers: Handlers<Ours>;
  private readonly explain: (error: unknown) => string;
  private readonly waiting = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>();
  private last = 0;

  /** `explain` words what a handler threw. */
  constructor(needs: { readonly post: (message: RequestMessage) => void; readonly handlers: Handlers<Ours>; readonly explain?: (error: unknown) => string }) {
    this.post = needs.post;
    this.handlers = needs.handlers;
    this.explain = needs.explain ?? String;
  }

  /** Rejects with the other end's words when it could not answer. */
  ask<N extends keyof Theirs & string>(name: N, ask: Theirs[N]['ask']): Promise<Theirs[N]['answer']> {
    const id = ++this.last;
    return new Promise<unknown>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.post({ type: 'request', id, name, ask });
    });
  }

  /** To be given every message of these types that arrives. */
  receive(message: RequestMessage): void {
    switch (message.type) {
      case 'request':
        void this.answer(message.id, message.name, message.ask);
        break;
      case 'reply':
        this.settle(message.id)?.resolve(message.answer);
        break;
      case 'refusal':
        this.settle(message.id)?.reject(new Error(message.message));
        break;
      default:
        message satisfies never;
    }
  }

  private settle(id: number): { resolve(answer: unknown): void; reject(error: Error): void } | undefined {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    return waiting;
  }

  private async answer(id: number, name: string, ask: unknown): Promise<void> {
    try {
      const handler = Object.hasOwn(this.handlers, name) ? this.handlers[name] : undefined;
      if (handler === undefined) {
        throw new Error(`nobody answers ${name}`);
      }
      this.post({ type: 'reply', id, answer: await handler(ask) });
    } catch (error) {
      this.post({ type: 'refusal', id, message: this.explain(error) });
    }
  }
}

export function isRequestMessage(message: { readonly type: string }): message is RequestMessage {
  return message.type === 'request' || message.type === 'reply' || message.type === 'refusal';
}
