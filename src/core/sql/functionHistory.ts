/** Functions as the statements of several files make and change them. What was there before them is not known here. */
import type { Effect, PlacedEffect } from './effects/effect.ts';

interface FunctionState {
  readonly args: string | undefined;
  readonly volatile: boolean;
  findsByPath: boolean;
  /** What gave it its owner's rights. */
  definer: PlacedEffect | undefined;
}

/** The effects that have a function's name. */
export type FunctionEffect = Extract<Effect, { readonly kind: 'createFunction' | 'alterFunction' | 'dropFunction' }>;

/** `key` is a function's name with its schema. */
export class FunctionHistory {
  private readonly overloads = new Map<string, readonly FunctionState[]>();
  private readonly definers = new Map<PlacedEffect, FunctionState>();

  apply(key: string, placed: PlacedEffect, effect: FunctionEffect): void {
    switch (effect.kind) {
      case 'createFunction':
        this.create(key, placed, effect);
        break;
      case 'alterFunction':
        for (const state of this.meant(key, effect.args)) {
          state.findsByPath = effect.findsByPath ?? state.findsByPath;
          if (effect.definer !== undefined) {
            this.setDefiner(state, effect.definer === 'off' ? undefined : placed);
          }
        }
        break;
      case 'dropFunction':
        this.forget(key, this.meant(key, effect.args));
        break;
      default:
        effect satisfies never;
    }
  }

  /** To another name, in another schema or the same. */
  move(from: string, to: string, { args }: Extract<Effect, { readonly kind: 'moveFunction' }>): void {
    const moving = this.meant(from, args);
    this.overloads.set(from, (this.overloads.get(from) ?? []).filter((each) => !moving.includes(each)));
    this.overloads.set(to, [...(this.overloads.get(to) ?? []), ...moving]);
  }

  /** It is there in the end, has its owner's rights by this effect, and finds names by its caller's path. */
  isOpenBy(placed: PlacedEffect): boolean {
    return this.definers.get(placed)?.findsByPath === true;
  }

  /** Each of that name gives another value with each call, by its declaration. */
  isVolatile(key: string): boolean {
    const named = this.overloads.get(key) ?? [];
    return named.length > 0 && named.every(({ volatile }) => volatile);
  }

  has(key: string): boolean {
    return (this.overloads.get(key) ?? []).length > 0;
  }

  dropSchema(name: string): void {
    for (const [key, states] of [...this.overloads].filter(([each]) => each.startsWith(`${name}.`))) {
      this.forget(key, states);
    }
  }

  moveSchema(from: string, to: string): void {
    for (const [key, states] of [...this.overloads].filter(([each]) => each.startsWith(`${from}.`))) {
      this.overloads.delete(key);
      this.overloads.set(`${to}.${key.slice(from.length + 1)}`, states);
    }
  }

  private create(key: string, placed: PlacedEffect, { args, volatile, findsByPath, definer }: Extract<FunctionEffect, { kind: 'createFunction' }>): void {
    const state: FunctionState = { args: args?.join(), volatile, findsByPath, definer: undefined };
    this.forget(key, (this.overloads.get(key) ?? []).filter((each) => each.args === state.args));
    this.overloads.set(key, [...(this.overloads.get(key) ?? []), state]);
    this.setDefiner(state, definer === undefined ? undefined : placed);
  }

  private setDefiner(state: FunctionState, placed: PlacedEffect | undefined): void {
    if (state.definer !== undefined) {
      this.definers.delete(state.definer);
    }
    state.definer = placed;
    if (placed !== undefined) {
      this.definers.set(placed, state);
    }
  }

  /** Where the types do not fit any, they are written in another way: then all of that name are meant. */
  private meant(key: string, args: readonly string[] | undefined): readonly FunctionState[] {
    const named = this.overloads.get(key) ?? [];
    const exact = named.filter((each) => each.args === args?.join());
    return args === undefined || exact.length === 0 ? named : exact;
  }

  private forget(key: string, states: readonly FunctionState[]): void {
    states.forEach((state) => this.setDefiner(state, undefined));
    this.overloads.set(key, (this.overloads.get(key) ?? []).filter((each) => !states.includes(each)));
  }
}
