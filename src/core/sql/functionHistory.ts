/** Functions as the statements of several files make and change them. What was there before them is not known here. */
import type { Effect, PlacedEffect } from './effects/effect.ts';

interface FunctionState {
  readonly key: string;
  readonly args: readonly string[] | undefined;
  readonly volatile: boolean;
  findsByPath: boolean;
  /** What gave it its owner's rights. */
  definer: PlacedEffect | undefined;
}

/** The effects that have a function's name; `key` is that name with its schema. */
export type FunctionEffect = Extract<Effect, { readonly kind: 'createFunction' | 'alterFunction' | 'dropFunction' }>;

export class FunctionHistory {
  private states: FunctionState[] = [];

  apply(key: string, placed: PlacedEffect, effect: FunctionEffect): void {
    switch (effect.kind) {
      case 'createFunction':
        this.forget(this.states.filter((each) => each.key === key && isSame(each.args, effect.args)));
        this.states.push({ key, args: effect.args, volatile: effect.volatile, findsByPath: effect.findsByPath, definer: effect.definer === undefined ? undefined : placed });
        break;
      case 'alterFunction':
        for (const state of this.meant(key, effect.args)) {
          state.findsByPath = effect.findsByPath ?? state.findsByPath;
          state.definer = effect.definer === 'off' ? undefined : effect.definer === undefined ? state.definer : placed;
        }
        break;
      case 'dropFunction':
        this.forget(this.meant(key, effect.args));
        break;
      default:
        effect satisfies never;
    }
  }

  /** It is there in the end, has its owner's rights by this effect, and finds names by its caller's path. */
  isOpenBy(placed: PlacedEffect): boolean {
    return this.states.some(({ definer, findsByPath }) => definer === placed && findsByPath);
  }

  /** Each of that name gives another value with each call, by its declaration. */
  isVolatile(key: string): boolean {
    const named = this.states.filter((each) => each.key === key);
    return named.length > 0 && named.every(({ volatile }) => volatile);
  }

  moveSchema(from: string, to: string): void {
    const prefix = `${from}.`;
    this.states = this.states.map((state) => (state.key.startsWith(prefix) ? { ...state, key: `${to}.${state.key.slice(prefix.length)}` } : state));
  }

  /** Where the types do not fit any, they are written in another way: then all of that name are meant. */
  private meant(key: string, args: readonly string[] | undefined): readonly FunctionState[] {
    const named = this.states.filter((each) => each.key === key);
    const exact = named.filter((each) => isSame(each.args, args));
    return args === undefined || exact.length === 0 ? named : exact;
  }

  private forget(states: readonly FunctionState[]): void {
    this.states = this.states.filter((each) => !states.includes(each));
  }
}

function isSame(one: readonly string[] | undefined, other: readonly string[] | undefined): boolean {
  return one?.join() === other?.join();
}
