/** Everything that can be said of an SQL text without running it, kept up to date while it is typed. */
import { throwIfCancelled } from '../../errors.ts';
import type { SqlGrammar } from '../../ports.ts';
import { createBreather } from '../../../util/breather.ts';
import { effectsOf, type Effect, type PlacedEffect } from '../effects.ts';
import { SchemaHistory } from '../schemaHistory.ts';
import type { Statement } from '../split.ts';
import { StatementList, type Entry } from '../statementList.ts';
import { movedFinding, type Finding } from './finding.ts';
import { openingsWithin, type Openings } from './openings.ts';
import { readStatement } from './reading.ts';
import { FileContext, type Rule, type TextRole } from './rule.ts';
import { suppresses, suppressionsIn, type Suppression } from './suppressions.ts';

/** What is known of the world around a text. */
export interface Surroundings {
  readonly role: TextRole;
  /** Schemas that the API serves. */
  readonly exposedSchemas: readonly string[];
  /** The effects of the files that come before it and after it, each in order. */
  readonly before: readonly (readonly PlacedEffect[])[];
  readonly after: readonly (readonly PlacedEffect[])[];
}

/** A finding in the offsets of a whole text. */
export interface TextFinding extends Finding {
  /** Where its statement begins: a comment there puts it aside. */
  readonly statementStart: number;
}

/** What one statement's text gives, whatever stands around it. */
interface Known {
  readonly findings: readonly Finding[];
  readonly effects: readonly Effect[];
  readonly faulty: boolean;
}

export interface AnalysisNeeds {
  readonly grammar: SqlGrammar;
  readonly rules: readonly Rule[];
}

const nothingKnown: Known = { findings: [], effects: [], faulty: false };

/** Sizes of the memory for statements that were there before: undoing and moving them about finds them again. */
const mostRemembered = 20_000;

export class SqlText {
  private readonly needs: AnalysisNeeds;
  private readonly rules: ReadonlyMap<string, Rule>;
  private readonly list = new StatementList<Known>();
  private readonly remembered = new Map<string, Known>();
  private text = '';
  private openings: Openings = [];
  private isManual = false;

  constructor(needs: AnalysisNeeds) {
    this.needs = needs;
    this.rules = new Map(needs.rules.map((rule) => [rule.code, rule]));
  }

  /** Takes up the text as it is now. `manual`: words such as `<name>` and `your_table` in it stand for what the reader knows. */
  update(text: string, openings: Openings = [], isManual = false): void {
    this.text = text;
    this.openings = openings;
    this.isManual = isManual;
    this.list.update(text);
  }

  /** All findings, in the offsets of the text, in no order. Only what is new is parsed; other work on the thread gets its turn. */
  async findings(surroundings: Surroundings, signal: AbortSignal): Promise<TextFinding[]> {
    await this.learnAll(signal);
    const { entries } = this.list;
    const last = this.cascadesFrom(entries);
    const suppressions = suppressionsIn(this.text);
    const found: TextFinding[] = suppressions.flatMap((each) => this.objections(each));
    const add = (index: number, finding: Finding): void => {
      const entry = entries[index];
      if (entry !== undefined && index <= last && !isSuppressed(finding, entry.statement, suppressions)) {
        const { start } = entry.statement.range;
        found.push({ ...movedFinding(finding, start), statementStart: start });
      }
    };
    entries.forEach(({ known }, index) => known?.findings.filter(({ code }) => this.applies(code, surroundings.role)).forEach((finding) => add(index, finding)));
    for (const { statement, finding } of this.fileFindings(entries, surroundings)) {
      add(statement, finding);
    }
    return found;
  }

  /** What the statements do to the schema. */
  async effects(signal: AbortSignal): Promise<readonly PlacedEffect[]> {
    await this.learnAll(signal);
    return placedEffects(this.list.entries);
  }

  private applies(code: string, role: TextRole): boolean {
    return this.rules.get(code)?.roles.includes(role) === true;
  }

  private async learnAll(signal: AbortSignal): Promise<void> {
    const breathe = createBreather();
    for (const { statement, known } of this.list.entries) {
      if (known === undefined) {
        this.list.learn(statement, await this.know(statement, signal));
        await breathe();
        throwIfCancelled(signal);
      }
    }
    if (this.remembered.size > mostRemembered) {
      this.remembered.clear();
    }
  }

  private async know(statement: Statement, signal: AbortSignal): Promise<Known> {
    if (statement.kind === 'psql') {
      return nothingKnown;
    }
    const openings = openingsWithin(statement, this.openings, this.isManual);
    if (openings.length > 0) {
      return this.read(statement, openings, signal);
    }
    const known = this.remembered.get(statement.text) ?? (await this.read(statement, [], signal));
    this.remembered.set(statement.text, known);
    return known;
  }

  private async read({ text }: Statement, openings: ReturnType<typeof openingsWithin>, signal: AbortSignal): Promise<Known> {
    const reading = await readStatement(text, openings, this.needs.grammar, signal);
    switch (reading.kind) {
      case 'unknown':
        return nothingKnown;
      case 'invalid':
        return { ...nothingKnown, faulty: true, findings: [{ code: 'OB001', range: reading.range, facts: { message: reading.message }, fixes: [] }] };
      case 'parsed': {
        const { statement } = reading;
        const findings = this.needs.rules.flatMap((rule) => rule.statement?.(statement) ?? []).filter(({ range }) => !statement.isOpen(range));
        return { findings, effects: effectsOf(statement), faulty: false };
      }
      default:
        return reading satisfies never;
    }
  }

  private fileFindings(entries: readonly Entry<Known>[], { role, exposedSchemas, before, after }: Surroundings) {
    const effects = placedEffects(entries);
    if (effects.length === 0) {
      return [];
    }
    const history = new SchemaHistory();
    [...before, effects, ...after].forEach((each) => history.apply(each));
    const context = new FileContext({ effects, history, exposedSchemas, lengths: (index) => entries[index]?.statement.text.length ?? 0 });
    return this.needs.rules.filter(({ roles }) => roles.includes(role)).flatMap((rule) => rule.file?.(context) ?? []);
  }

  /** Where the text ends within a quote, what comes after the first fault may be its inside: nothing is said of it. */
  private cascadesFrom(entries: readonly Entry<Known>[]): number {
    const unfinished = entries.at(-1)?.statement.unfinished !== undefined;
    const firstFault = unfinished ? entries.findIndex(({ known }) => known?.faulty === true) : -1;
    return firstFault === -1 ? Infinity : firstFault;
  }

  private objections({ codes, reason, range }: Suppression): TextFinding[] {
    const unknown = codes.filter((code) => !this.rules.has(code));
    const names = reason === '' || codes.length === 0 ? [''] : unknown;
    return names.map((code) => ({ code: 'OB002', range, facts: { code }, fixes: [], statementStart: range.start }));
  }
}

function placedEffects(entries: readonly Entry<Known>[]): PlacedEffect[] {
  return entries.flatMap(({ known }, statement) => known?.effects.map((effect) => ({ statement, effect })) ?? []);
}

function isSuppressed(finding: Finding, { whole }: Statement, suppressions: readonly Suppression[]): boolean {
  return suppressions.some((each) => suppresses(each, finding) && (each.file || (each.range.start >= whole.start && each.range.end <= whole.end)));
}
