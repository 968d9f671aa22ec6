/** What the statements of a text do together, and what is to be said of that; kept while they do the same, wherever in the text they move. */
import type { Effect, PlacedEffect } from '../effects/effect.ts';
import { SchemaHistory } from '../schemaHistory.ts';
import type { Entry } from '../statementList.ts';
import { FileContext, type PlacedFinding, type Rule, type TextRole } from './rule.ts';

/** What stands around the text. */
export interface FileSurroundings {
  readonly role: TextRole;
  /** Schemas that the API serves. */
  readonly exposedSchemas: readonly string[];
  /** The effects of the files that come before it and after it, each in order. */
  readonly before: readonly (readonly PlacedEffect[])[];
  readonly after: readonly (readonly PlacedEffect[])[];
}

interface Judged {
  readonly effects: readonly PlacedEffect[];
  readonly surroundings: FileSurroundings;
  readonly context: FileContext;
  readonly findings: readonly PlacedFinding[];
}

type Entries = readonly Entry<{ readonly effects: readonly Effect[] }>[];

export class FileJudgement {
  private readonly rules: readonly Rule[];
  private placed: readonly PlacedEffect[] = [];
  /** Where the statement of each effect stands by now: edits that change none of them move them. */
  private places: readonly number[] = [];
  private judged: Judged | undefined;

  constructor(rules: readonly Rule[]) {
    this.rules = rules;
  }

  /** In order; the same list as before, as long as the statements do the same. Their places are those of the first time. */
  effectsOf(entries: Entries): readonly PlacedEffect[] {
    const places: number[] = [];
    let isSame = true;
    for (let index = 0; index < entries.length; index++) {
      for (const effect of entries[index]?.known?.effects ?? []) {
        isSame &&= this.placed[places.length]?.effect === effect;
        places.push(index);
      }
    }
    if (!isSame || places.length !== this.placed.length) {
      this.placed = entries.flatMap(({ known }, statement) => (known?.effects ?? []).map((effect) => ({ statement, effect })));
    }
    this.places = places;
    return this.placed;
  }

  /** What rules that look at the whole text find. */
  findings(entries: Entries, surroundings: FileSurroundings): readonly PlacedFinding[] {
    const effects = this.effectsOf(entries);
    if (effects.length === 0) {
      this.judged = undefined;
      return [];
    }
    if (this.judged?.effects !== effects || !isSameAround(this.judged.surroundings, surroundings)) {
      const { role, exposedSchemas, before, after } = surroundings;
      const history = new SchemaHistory();
      [...before, effects, ...after].forEach((each) => history.apply(each));
      const lengths = (index: number): number => entries[index]?.statement.text.length ?? 0;
      const context = new FileContext({ effects, history, exposedSchemas, lengths });
      const findings = this.rules.filter(({ roles }) => roles.includes(role)).flatMap((rule) => rule.file?.(context) ?? []);
      this.judged = { effects, surroundings, context, findings };
    }
    return this.judged.findings.map(({ statement, finding }) => ({ statement: this.placeNow(statement), finding }));
  }

  /** No later statement put right what was found in this one. To be asked after {@link findings}. */
  holds({ holds }: Rule, statement: number): boolean {
    const context = this.judged?.context;
    const first = this.placed[indexOf(statement, this.places, (place) => place)];
    return holds === undefined || context === undefined || first === undefined || context.effectsOf(first.statement).every((placed) => holds(context, placed));
  }

  /** Of a statement that stood there when its effects were placed. */
  private placeNow(then: number): number {
    return this.places[indexOf(then, this.placed, ({ statement }) => statement)] ?? then;
  }
}

/** The first of those whose number it is; the numbers never fall. -1 where none has it. */
function indexOf<T>(number: number, all: readonly T[], numberOf: (one: T) => number): number {
  let low = 0;
  let high = all.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numberOf(all[middle] as T) < number) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < all.length && numberOf(all[low] as T) === number ? low : -1;
}

function isSameAround(one: FileSurroundings, other: FileSurroundings): boolean {
  const same = (these: readonly unknown[], those: readonly unknown[]): boolean => these.length === those.length && these.every((each, index) => each === those[index]);
  return one.role === other.role && same(one.exposedSchemas, other.exposedSchemas) && same(one.before, other.before) && same(one.after, other.after);
}
