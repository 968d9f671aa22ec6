/** What is to be said of the code of a function, a procedure or DO, in the offsets of the statement that it stands in. */
import type { SqlGrammar } from '../../ports.ts';
import type { TextRange } from '../../runbook/document.ts';
import type { Effect } from '../effects/effect.ts';
import { changesOfEveryRow, effectsOf } from '../effects/effectsOf.ts';
import { Lexer } from '../lexer.ts';
import { mappedFinding, type Finding } from '../lint/finding.ts';
import type { Opening } from '../lint/reading.ts';
import type { Rule } from '../lint/rule.ts';
import { findingOf } from '../lint/rules/names.ts';
import type { StatementTree } from '../lint/statementTree.ts';
import { suppressionMark, suppressionsIn, type Suppression } from '../lint/suppressions.ts';
import type { CatalogOverlay } from '../names/overlay.ts';
import { mentionedNames } from '../names/resolve.ts';
import { namesInBody, systemNamesInBody } from './bodyNames.ts';
import { rangeInStatement, type CodeBody } from './codeBody.ts';
import { readBody, type CodeStatement, type ReadBody } from './readBody.ts';

export interface LookedInto {
  readonly findings: readonly Finding[];
  /** Those that depend on what the database has. */
  readonly names: readonly Finding[];
  /** Bare names of what the code uses; none without a database. */
  readonly mentions: readonly string[];
  /** What is done whenever the code runs. */
  readonly effects: readonly Effect[];
  readonly suppressions: readonly Suppression[];
}

interface Needs {
  readonly grammar: SqlGrammar;
  readonly rules: readonly Rule[];
}

const nothing: LookedInto = { findings: [], names: [], mentions: [], effects: [], suppressions: [] };

/** Without rules nobody asks. `openings` are those of the statement. */
export async function lookIntoBody(statement: StatementTree, openings: readonly Opening[], { grammar, rules }: Needs, overlay: CatalogOverlay | undefined, signal: AbortSignal): Promise<LookedInto> {
  const body = rules.length === 0 ? undefined : await readBody(statement, openings, grammar, signal);
  if (body === undefined) {
    return nothing;
  }
  const { code, statements, faults } = body;
  const lasting = rules.filter(({ inBodies }) => inBodies !== undefined);
  const found = statements.flatMap((each) => lasting.flatMap((rule) => rule.statement?.(each.tree) ?? []).filter(({ range }) => !each.tree.isOpen(range)).map((finding) => placed(finding, each, code)));
  return {
    findings: [...faults, ...found],
    names: [...namesInBody(statement, body, overlay), ...systemNamesInBody(body)].map(({ within, problem }) => placed(findingOf(problem), within, code)),
    mentions: overlay === undefined ? [] : statements.flatMap(({ tree }) => mentionedNames(tree)),
    effects: changes(body),
    suppressions: code === undefined ? [] : suppressionsInCode(code),
  };
}

/** Within simple quotes a comment and a fix would have to mind them. */
function placed(finding: Finding, { toStatement }: CodeStatement, code: CodeBody | undefined): Finding {
  const fixes = isPlain(code) ? finding.fixes : code?.offsets === undefined ? [] : finding.fixes.filter(({ edits }) => edits.every(({ text }) => !/['\\]/.test(text)));
  return mappedFinding({ ...finding, fixes, ...(isPlain(code) ? { begins: 0 } : {}) }, toStatement);
}

/** As it is written elsewhere. */
function isPlain(code: CodeBody | undefined): boolean {
  return code === undefined || code.isPlain;
}

/** Of what the code itself made, all rows are its own. */
function changes({ code, statements, isWhole }: ReadBody): Effect[] {
  const all = statements.flatMap((each) => changesOfEveryRow(each.tree).map((change) => ({ change, each })));
  if (all.length === 0) {
    return [];
  }
  const own = new Set(statements.flatMap(({ tree }) => effectsOf(tree)).flatMap((effect) => (effect.kind === 'createRelation' ? [effect.name.name] : [])));
  return all
    .filter(({ change, each }) => !own.has(change.table.name) && !each.tree.isOpen(change.at))
    .map(({ change: { table, verb, isWithin, at }, each: { toStatement } }) => ({ kind: 'everyRowLater', of: table, verb, isAlone: code?.language === 'sql' && isWhole && statements.length === 1 && !isWithin, at: toStatement(at), begins: isPlain(code) ? toStatement({ start: 0, end: 0 }).start : 0 }));
}

/** A comment is about what stands between the semicolons around it; behind one, on its line, about what that ends. */
function suppressionsInCode(code: CodeBody): Suppression[] {
  if (!code.text.includes(suppressionMark)) {
    return [];
  }
  const ends = semicolonsIn(code.text);
  return suppressionsIn(code.text).map((each) => {
    const next = ends.findIndex((end) => end > each.range.start);
    const index = next === -1 ? ends.length : next;
    const isBehind = index > 0 && !code.text.slice(ends[index - 1], each.range.start).includes('\n');
    const of = isBehind ? index - 1 : index;
    const scope: TextRange = { start: ends[of - 1] ?? 0, end: ends[of] ?? code.text.length };
    return { ...each, range: rangeInStatement(code, each.range), scope: rangeInStatement(code, scope) };
  });
}

function semicolonsIn(text: string): number[] {
  const ends: number[] = [];
  const lexer = new Lexer(text);
  while (lexer.next()) {
    if (lexer.kind === 'symbol' && lexer.value === ';') {
      ends.push(lexer.end);
    }
  }
  return ends;
}
