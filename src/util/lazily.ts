import { once } from './once.ts';

/** The methods of `T`, each of which answers by a promise; what is no method is left out. */
export type Promised<T> = { readonly [K in keyof T as T[K] extends (...given: never[]) => unknown ? K : never]: T[K] extends (...given: infer G) => infer R ? (...given: G) => Promise<Awaited<R>> : never };

/** Stands for an object, or a module, that is loaded when one of its methods is first called. */
export function lazily<T extends object>(load: () => Promise<T>): Promised<T> {
  const target = once(load);
  const method =
    (name: string) =>
    async (...given: readonly unknown[]): Promise<unknown> => {
      const loaded = (await target()) as Record<string, (...given: readonly unknown[]) => unknown>;
      return loaded[name]?.(...given);
    };
  // Whoever awaits the stand-in itself must not take it for a promise.
  return new Proxy({} as Promised<T>, { get: (_, name) => (typeof name === 'string' && name !== 'then' ? method(name) : undefined) });
}
