/** Which statements of a text the server can be asked about, and what its answers are worth now. */
import { throwIfCancelled } from '../../errors.ts';
import type { SqlGrammar } from '../../ports.ts';
import type { TextRange } from '../../runbook/document.ts';
import type { Finding } from '../lint/finding.ts';
import type { Opening } from '../lint/reading.ts';
import type { PlacedFinding } from '../lint/rule.ts';
import { prepareStatement, type Candidate } from '../placeholders.ts';
import type { Statement } from '../split.ts';
import type { Entry } from '../statementList.ts';
import type { Disturbance, Disturbed } from './disturbance.ts';
import { findingOfRefusal, isSaidBy, type Preparable, type Verdict } from './verdict.ts';

/** What is known of a statement by reading it. */
export interface Read {
  readonly faulty: boolean;
  /** The server would look at more than its syntax. */
  readonly planned: boolean;
  readonly disturbs: Disturbance;
  readonly names?: { readonly findings: readonly Finding[] };
}

export interface ReadText {
  readonly entries: readonly Entry<Read>[];
  readonly openingsOf: (statement: Statement) => readonly Opening[];
}

/** What the server has said of this database by {@link Preparable.key}, and what is different from it before the text begins; the walk over the text adds to that. */
export interface ServerKnowledge {
  readonly verdicts: ReadonlyMap<string, Verdict>;
  readonly disturbed: Disturbed;
}

/** Where to look, and how many statements at most; all of them without `within`. */
export interface PreparableWish {
  readonly within?: readonly TextRange[];
  readonly most: number;
}

/** What is to be asked, and how many statements are not and why. */
export interface PreparableStatements {
  readonly statements: readonly Preparable[];
  readonly left: LeftOut;
}

export interface LeftOut {
  /** The server has spoken. */
  readonly known: number;
  /** Of these the server would check the syntax alone. */
  readonly syntaxOnly: number;
  /** A name, or more than a value, is still open. */
  readonly open: number;
  /** They name what is made or changed before them, and was not yet. */
  readonly dependent: number;
  readonly faulty: number;
}

export const noneLeftOut: LeftOut = { known: 0, syntaxOnly: 0, open: 0, dependent: 0, faulty: 0 };

export async function preparableStatements({ entries, openingsOf }: ReadText, { verdicts, disturbed }: ServerKnowledge, { within, most }: PreparableWish, grammar: SqlGrammar, signal: AbortSignal): Promise<PreparableStatements> {
  const statements: Preparable[] = [];
  const left = { ...noneLeftOut };
  for (const { statement, known } of entries) {
    const isWanted = within === undefined || within.some(({ start, end }) => statement.range.start <= end && start <= statement.range.end);
    if (known !== undefined && isWanted) {
      const why = whyNot(statement, known, disturbed);
      const found = why ?? (verdicts.has(keyOf(statement, openingsOf(statement))) ? 'known' : await prepare(statement, openingsOf(statement), grammar, signal));
      throwIfCancelled(signal);
      if (typeof found === 'string') {
        left[found]++;
      } else {
        statements.push(found);
      }
      if (statements.length >= most) {
        break;
      }
    }
    disturbed.add(known?.disturbs ?? { kind: 'nothing' });
  }
  return { statements, left };
}

/** What the server refused, where that still holds and nobody else says it. */
export function refusals({ entries, openingsOf }: ReadText, { verdicts, disturbed }: ServerKnowledge): PlacedFinding[] {
  const found: PlacedFinding[] = [];
  if (verdicts.size === 0) {
    return found;
  }
  for (const [index, { statement, known }] of entries.entries()) {
    if (known?.planned === true && !disturbed.isEverything) {
      const openings = openingsOf(statement);
      const verdict = verdicts.get(keyOf(statement, openings));
      const finding = verdict?.kind === 'refused' && !disturbed.touches(statement.text) ? findingOfRefusal(statement.text, verdict, openings.map(({ range }) => range)) : undefined;
      if (finding !== undefined && !isSaidBy(finding, known.names?.findings ?? [])) {
        found.push({ statement: index, finding });
      }
    }
    disturbed.add(known?.disturbs ?? { kind: 'nothing' });
  }
  return found;
}

function whyNot({ kind, text }: Statement, { faulty, planned }: Read, disturbed: Disturbed): keyof LeftOut | undefined {
  if (faulty) {
    return 'faulty';
  }
  if (!planned || kind === 'psql') {
    return 'syntaxOnly';
  }
  return disturbed.touches(text) ? 'dependent' : undefined;
}

/** Brought before the server as the runner does it; what a manual leaves to its reader can only be a parameter. */
async function prepare(statement: Statement, openings: readonly Opening[], grammar: SqlGrammar, signal: AbortSignal): Promise<Preparable | 'open' | 'faulty'> {
  const holes = openings.filter(({ certain }) => certain).map(({ range }): Candidate => ({ name: `hole ${range.start}`, range }));
  const prepared = await prepareStatement(statement.text, grammar, signal, holes);
  if (prepared.kind === 'invalid') {
    return 'faulty';
  }
  const { text, placeholders } = prepared;
  const isBound = ({ range }: Opening): boolean => placeholders.some(({ ranges }) => ranges.some((each) => each.start <= range.start && range.end <= each.end));
  if (placeholders.some(({ parameter }) => parameter === undefined) || !openings.filter(({ isMark }) => isMark !== true).every(isBound)) {
    return 'open';
  }
  return { key: keyOf(statement, openings), text, hasValues: placeholders.some(({ name, parameter }) => name !== `$${parameter}`) };
}

/** With openings the same text may stand for something else. */
function keyOf({ text }: Statement, openings: readonly Opening[]): string {
  return openings.length === 0 ? text : `${text}\n\0${JSON.stringify(openings.map(({ range, certain }) => [range.start, range.end, certain]))}`;
}
