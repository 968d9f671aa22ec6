/** Everything that can be said of an SQL text without running it, kept up to date while it is typed. */
import { throwIfCancelled } from '../../errors.ts';
import type { SqlGrammar } from '../../ports.ts';
import { createBreather } from '../../../util/breather.ts';
import type { TextRange } from '../../runbook/document.ts';
import type { Effect, PlacedEffect } from '../effects/effect.ts';
import { readCode } from '../effects/code.ts';
import { effectsOf, effectsOfCode } from '../effects/effectsOf.ts';
import { lookIntoBody } from '../bodies/lookIntoBody.ts';
import type { CatalogOverlay } from '../names/overlay.ts';
import { mentionedNames, resolveNames } from '../names/resolve.ts';
import { worldWithoutDatabase } from '../names/world.ts';
import { Lexer } from '../lexer.ts';
import { disturbanceOf, disturbanceOfMeta, isPlanned, type Disturbance, type Disturbed } from '../prepared/disturbance.ts';
import { preparableStatements, refusals, type PreparableStatements, type PreparableWish, type ServerKnowledge } from '../prepared/preparable.ts';
import type { Statement } from '../split.ts';
import { StatementList, type Entry } from '../statementList.ts';
import { FileJudgement, type FileSurroundings } from './fileJudgement.ts';
import { movedFinding, type Facts, type Finding } from './finding.ts';
import { openingsWithin, type Openings } from './openings.ts';
import { readStatement, type Opening } from './reading.ts';
import type { StatementTree } from './statementTree.ts';
import type { PlacedFinding, Rule, TextRole } from './rule.ts';
import { findingOf } from './rules/names.ts';
import { movedSuppression, suppresses, suppressionMark, suppressionsIn, type Suppression } from './suppressions.ts';

/** What is known of the world around a text. */
export interface Surroundings extends FileSurroundings {
  readonly names: NameKnowledge;
  /** What the server itself said; absent where nobody may ask it. */
  readonly server?: ServerKnowledge;
}

/** What is known of the database in which the text would run. */
export type NameKnowledge =
  /** Nothing; or what the text does is long done, and what it names may be gone since. */
  | { readonly kind: 'none' }
  /** Why nothing can be known, for the person who waits for it. */
  | { readonly kind: 'unknowable'; readonly because: string }
  /** The catalog with what will have been done before. `version` names it; `disturbed` is what the server does not have yet, or not so. */
  | { readonly kind: 'catalog'; readonly version: string; readonly overlay: () => CatalogOverlay; readonly disturbed: () => Disturbed };

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
  /** It was found in the code of DO, into which nobody else looks. */
  readonly isCode?: boolean;
  /** Comments in its code. */
  readonly suppressions?: readonly Suppression[];
  /** What stands for something of somebody's who is not here. */
  readonly filled?: readonly TextRange[];
  /** The server looks at more of it than its syntax when it prepares it. */
  readonly planned: boolean;
  readonly disturbs: Disturbance;
  /** Bare names of what it uses; none without a database. */
  readonly mentions: readonly string[];
  /** What is wrong with its names, for whoever knows as much as `key` says. */
  readonly names?: { readonly key: string; readonly findings: readonly Finding[] };
}

/** What is known of the database, and a name for it. */
interface Around {
  readonly overlay: CatalogOverlay | undefined;
  readonly version: string;
}

export interface AnalysisNeeds {
  readonly grammar: SqlGrammar;
  readonly rules: readonly Rule[];
}

const none: readonly Finding[] = [];

const nothingKnown: Known = { findings: [], effects: [], faulty: false, planned: false, disturbs: { kind: 'nothing' }, mentions: [] };

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
  private readonly file: FileJudgement;

  constructor(needs: AnalysisNeeds) {
    this.needs = needs;
    this.rules = new Map(needs.rules.map((rule) => [rule.code, rule]));
    this.file = new FileJudgement(needs.rules);
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
    const noted = await this.lookAtAll(surroundings.names, signal);
    const { entries } = this.list;
    const last = this.cascadesFrom(entries);
    const suppressions = this.suppressions();
    const found: TextFinding[] = suppressions.flatMap((each) => this.objections(each));
    const ofFile = this.file.findings(entries, surroundings);
    const add = ({ statement: index, finding }: PlacedFinding): void => {
      const entry = entries[index];
      if (entry !== undefined && index <= last && this.applies(finding.code, surroundings.role) && !isSuppressed(finding, entry.statement, suppressions)) {
        const { start } = entry.statement.range;
        found.push({ ...movedFinding(finding, start), ...(entry.known?.isCode === true ? { alsoIn: [] } : {}), statementStart: start + (finding.begins ?? 0) });
      }
    };
    const refused = surroundings.server === undefined ? [] : refusals(this.asRead, surroundings.server);
    for (let statement = 0; statement < entries.length; statement++) {
      const known = entries[statement]?.known;
      // Nearly all of thousands have none.
      for (const finding of known?.findings ?? none) {
        if (this.holds(finding, statement)) {
          add({ statement, finding });
        }
      }
      for (const finding of known?.names?.findings ?? none) {
        add({ statement, finding });
      }
    }
    [...ofFile.filter(({ statement, finding }) => !touchesAny(finding.range, entries[statement]?.known?.filled)), ...noted, ...refused].forEach(add);
    return found;
  }

  /** Those of the text, and those in the code of its functions. */
  private suppressions(): readonly Suppression[] {
    const inCode = this.text.includes(suppressionMark) ? this.list.entries.flatMap(({ statement, known }) => (known?.suppressions ?? []).map((each) => movedSuppression(each, statement.range.start))) : [];
    return [...suppressionsIn(this.text), ...inCode];
  }

  /** No later statement put right what was found in this one. */
  private holds({ code }: Finding, statement: number): boolean {
    const rule = this.rules.get(code);
    return rule?.holds === undefined || this.file.holds(rule, statement);
  }

  /** What of it the server can be asked about. */
  async preparable(names: NameKnowledge, server: ServerKnowledge, wish: PreparableWish, signal: AbortSignal): Promise<PreparableStatements> {
    await this.lookAtAll(names, signal);
    return preparableStatements(this.asRead, server, wish, this.needs.grammar, signal);
  }

  /** What the statements do to the schema. */
  async effects(signal: AbortSignal): Promise<readonly PlacedEffect[]> {
    await this.lookAtAll({ kind: 'none' }, signal);
    return this.file.effectsOf(this.list.entries);
  }

  /** What the statements leave different. */
  async disturbances(signal: AbortSignal): Promise<readonly Disturbance[]> {
    await this.lookAtAll({ kind: 'none' }, signal);
    return this.list.entries.flatMap(({ known }) => known?.disturbs ?? []);
  }

  private get asRead() {
    return { entries: this.list.entries, openingsOf: (statement: Statement) => this.openingsOf(statement) };
  }

  /** What those statements do that are known by now and end before an offset. */
  effectsBefore(offset: number): Effect[] {
    return this.list.entries.filter(({ statement }) => statement.range.end <= offset).flatMap(({ known }) => known?.effects ?? []);
  }

  private applies(code: string, role: TextRole): boolean {
    return this.rules.get(code)?.roles.includes(role) === true;
  }

  /** Everything that is not known yet, in the order of the text: what a statement makes, the next ones may name. Gives what is to be told beside. */
  private async lookAtAll(names: NameKnowledge, signal: AbortSignal): Promise<PlacedFinding[]> {
    const breathe = createBreather();
    const overlay = names.kind === 'catalog' ? names.overlay() : undefined;
    const version = names.kind === 'catalog' ? names.version : '';
    const noted = notCheckedAtAll(names, overlay);
    for (let index = 0; index < this.list.entries.length; index++) {
      const entry = this.list.entries[index];
      if (entry === undefined || (overlay === undefined && isRead(entry, version))) {
        continue;
      }
      const { statement, known: before } = entry;
      const known = this.recall(entry, overlay, version) ?? (await this.look(statement, overlay, version, signal));
      if (known !== before) {
        this.list.learn(statement, known);
        await breathe();
        throwIfCancelled(signal);
      }
      const doubt = overlay?.doubt;
      known.effects.forEach((effect) => overlay?.apply(effect));
      if (overlay !== undefined && overlay.doubt !== doubt && index < this.list.entries.length - 1) {
        noted.push(notChecked(index, firstToken(statement.text), { because: '', doubt: overlay.doubt }));
      }
    }
    if (this.remembered.size > mostRemembered) {
      this.remembered.clear();
    }
    return noted;
  }

  /** What is known of a statement, as long as nothing that it names has changed. */
  private recall({ statement, known: before }: Entry<Known>, overlay: CatalogOverlay | undefined, version: string): Known | undefined {
    const known = before ?? (this.openingsOf(statement).length === 0 ? this.remembered.get(statement.text) : undefined);
    return known !== undefined && (known.faulty || known.names?.key === keyFor(known.mentions, overlay, version)) ? known : undefined;
  }

  private async look(statement: Statement, overlay: CatalogOverlay | undefined, version: string, signal: AbortSignal): Promise<Known> {
    if (statement.kind === 'psql') {
      return { ...nothingKnown, disturbs: disturbanceOfMeta(statement.text), names: { key: keyFor([], overlay, version), findings: [] } };
    }
    const openings = this.openingsOf(statement);
    const learned = await this.read(statement, openings, { overlay, version }, signal);
    if (openings.length === 0) {
      this.remembered.set(statement.text, learned);
    }
    return learned;
  }

  private openingsOf(statement: Statement): readonly Opening[] {
    return statement.kind === 'psql' ? [] : openingsWithin(statement, this.openings, this.isManual);
  }

  private async read({ text }: Statement, openings: readonly Opening[], { overlay, version }: Around, signal: AbortSignal): Promise<Known> {
    const reading = await readStatement(text, openings, this.needs.grammar, signal);
    switch (reading.kind) {
      case 'unknown':
        return { ...nothingKnown, faulty: true };
      case 'invalid':
        return { ...nothingKnown, faulty: true, findings: [{ code: 'OB001', range: reading.range, facts: { message: reading.message }, fixes: [] }] };
      case 'parsed':
        return this.judge(reading.statement, openings, { overlay, version }, signal);
      default:
        return reading satisfies never;
    }
  }

  private async judge(statement: StatementTree, openings: readonly Opening[], { overlay, version }: Around, signal: AbortSignal): Promise<Known> {
    const { grammar, rules } = this.needs;
    const code = statement.type === 'DoStmt' ? await readCode(statement, grammar, signal) : undefined;
    const body = await lookIntoBody(statement, openings, this.needs, overlay, signal);
    const trees = [statement, ...(code?.statements ?? [])];
    const findings = [...body.findings, ...trees.flatMap((tree) => rules.flatMap((rule) => rule.statement?.(tree) ?? []))].filter(({ range }) => !statement.isOpen(range));
    const effects = [...(code === undefined ? effectsOf(statement) : effectsOfCode(code)), ...body.effects];
    const mentions = overlay === undefined ? [] : [...mentionedNames(statement), ...body.mentions];
    const problems = rules.length === 0 ? [] : resolveNames(statement, overlay ?? worldWithoutDatabase);
    const names = { key: keyFor(mentions, overlay, version), findings: [...problems.map(findingOf), ...body.names] };
    return { findings, effects, faulty: false, isCode: code !== undefined, filled: statement.openings, planned: isPlanned(statement), disturbs: disturbanceOf(statement, effects), mentions, names, suppressions: body.suppressions };
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

/** Nothing that was said of it depends on a database. */
function isRead({ known }: Entry<Known>, version: string): boolean {
  return known !== undefined && (known.faulty || known.names?.key === version);
}

function keyFor(mentions: readonly string[], overlay: CatalogOverlay | undefined, version: string): string {
  return overlay === undefined ? version : `${version} ${overlay.keyFor(mentions)}`;
}

/** A name that somebody else fills in is not here to be spoken of. */
function touchesAny({ start, end }: TextRange, ranges: readonly TextRange[] = []): boolean {
  return ranges.some((range) => range.start < end && start < range.end);
}

/** Marked on the first sign of the text. */
function notCheckedAtAll(names: NameKnowledge, overlay: CatalogOverlay | undefined): PlacedFinding[] {
  const doubt = names.kind === 'unknowable' ? 'anything' : (overlay?.doubt ?? 'none');
  const because = names.kind === 'unknowable' ? names.because : (overlay?.doubtfulBecauseOf.split('/').at(-1) ?? '');
  return doubt === 'none' ? [] : [notChecked(0, { start: 0, end: 1 }, { because, doubt })];
}

function firstToken(text: string): TextRange {
  const lexer = new Lexer(text);
  lexer.next();
  return { start: lexer.start, end: lexer.end };
}

function notChecked(statement: number, range: TextRange, facts: Facts): PlacedFinding {
  return { statement, finding: { code: 'OB310', range, facts, fixes: [] } };
}

function isSuppressed(finding: Finding, { whole, range }: Statement, suppressions: readonly Suppression[]): boolean {
  const at = range.start + finding.range.start;
  const isAbout = ({ scope, range: comment }: Suppression): boolean => (scope === undefined ? comment.start >= whole.start && comment.end <= whole.end : at >= scope.start && at < scope.end);
  return suppressions.some((each) => suppresses(each, finding) && (each.file || isAbout(each)));
}
