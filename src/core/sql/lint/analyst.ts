/** Looks after all SQL that is open: one {@link SqlText} per piece of a document, and the files of migrations that belong together. */
import type { SqlGrammar } from '../../ports.ts';
import type { TextRange } from '../../runbook/document.ts';
import type { PlacedEffect } from '../effects/effect.ts';
import { checkApiCalls } from '../../postgrest/check.ts';
import { findEmbeddedSql } from '../embedded.ts';
import { defined } from '../../../util/defined.ts';
import { shortHash } from '../../../util/hash.ts';
import { completeAt, type Suggestion } from '../assist/complete.ts';
import { describeAt, type Described } from '../assist/describe.ts';
import { Catalog, emptyCatalog, toCatalog, type CatalogRows } from '../catalog.ts';
import { splitStatements } from '../split.ts';
import { CatalogOverlay } from '../names/overlay.ts';
import { Disturbed } from '../prepared/disturbance.ts';
import { noneLeftOut, type LeftOut, type PreparableStatements, type PreparableWish, type ServerKnowledge } from '../prepared/preparable.ts';
import { keepVerdicts, type Preparable, type Verdict } from '../prepared/verdict.ts';
import { SqlText, type NameKnowledge, type TextFinding } from './analysis.ts';
import type { Openings } from './openings.ts';
import { withOtherPieces, type PieceReading } from './otherPieces.ts';
import { allPending, pendingMigrations, type FileInSet } from './roles.ts';
import type { Rule, TextRole } from './rule.ts';

/** A piece of SQL: a whole file, a fence, a string. */
export interface SqlPiece {
  readonly text: string;
  /** Places that a program fills in. */
  readonly openings: Openings;
  /** Of a manual, whose words stand for what its reader knows. */
  readonly manual: boolean;
}

export interface AnalysisRequest {
  /** The document's URI as text. */
  readonly document: string;
  readonly pieces: readonly SqlPiece[];
  /** In place of pieces: a program in whose strings there may be SQL, and which may call the API. Its findings are one list, in its offsets. */
  readonly program?: string;
  readonly role: TextRole;
  /** Schemas that the API serves. */
  readonly exposedSchemas: readonly string[];
  readonly set?: FileInSet;
  /** A set whose pending migrations it may run before or after: what they make may be there, and what they drop too. */
  readonly aroundPending?: string;
  /** The database in which it would run; see {@link SqlAnalyst.setCatalog}. */
  readonly catalog?: string;
}

/** A place in a request: of a piece, or of the program (whatever `piece` says). */
export interface PlaceInRequest {
  readonly piece: number;
  /** UTF-16, in the piece or the program. */
  readonly offset: number;
}

export interface SetFile {
  /** Their order is the order in which they are applied. */
  readonly path: string;
  readonly text: string;
}

/** What is asked of whoever analyses: in this thread, or in another. */
export interface SqlAnalyst {
  /** The findings of each piece, in its own offsets. A question about a document that is asked again before it is answered may be given up. */
  analyze(request: AnalysisRequest, signal: AbortSignal): Promise<readonly (readonly TextFinding[])[]>;
  /**
   * What of a document the server can be asked about: its answers are told by {@link SqlAnalyst.setVerdicts}, and are among the findings
   * from then on. None without a catalog, and none of a migration that was applied or where it is not known which were.
   */
  preparable(request: AnalysisRequest, wish: PreparableWish, signal: AbortSignal): Promise<PreparableStatements>;
  /** What can be written at a place; empty outside of SQL. */
  complete(request: AnalysisRequest, at: PlaceInRequest, signal: AbortSignal): Promise<readonly Suggestion[]>;
  /** What the name at a place means, with its range in the offsets of the piece or the program. */
  describe(request: AnalysisRequest, at: PlaceInRequest, signal: AbortSignal): Promise<Described | undefined>;
  /** The document was closed. */
  forget(document: string): void;
  /** All files of a set, as they are now. */
  setFiles(id: string, files: readonly SetFile[]): void;
  /** What a database has, by a name that changes whenever this is read again; without rows it is forgotten. */
  setCatalog(id: string, rows: CatalogRows | undefined): void;
  /** What the server said of statements, by {@link Preparable.key}: true as long as the catalog is. */
  setVerdicts(catalog: string, verdicts: readonly (readonly [key: string, verdict: Verdict])[]): void;
}

interface KnownFile {
  readonly path: string;
  readonly text: SqlText;
}

type NamesOfPiece = (piece: number) => NameKnowledge;

export class Analyst implements SqlAnalyst {
  private readonly grammar: SqlGrammar;
  private readonly rules: readonly Rule[];
  private readonly documents = new Map<string, SqlText[]>();
  /** The pieces of documents that have several, read for what they do alone: that must be known before their names are looked up. */
  private readonly readings = new Map<string, SqlText[]>();
  private readonly sets = new Map<string, readonly KnownFile[]>();
  private readonly catalogs = new Map<string, Catalog>();
  private readonly verdicts = new Map<string, Map<string, Verdict>>();
  /** The last one that programs were looked at with. */
  private around: { readonly version: string; readonly catalog: Catalog | undefined } | undefined;

  constructor({ grammar, rules }: { grammar: SqlGrammar; rules: readonly Rule[] }) {
    this.grammar = grammar;
    this.rules = rules;
  }

  async analyze(request: AnalysisRequest, signal: AbortSignal): Promise<readonly (readonly TextFinding[])[]> {
    const { program } = request;
    if (program === undefined) {
      return this.analyzePieces(request, signal);
    }
    const strings = findEmbeddedSql(program);
    const pieced = { ...request, pieces: strings.map(pieceOf) };
    const found = await this.analyzePieces(pieced, signal);
    const catalog = await this.apiCatalog(pieced, signal);
    const calls = catalog === undefined ? [] : checkApiCalls(program, catalog, request.exposedSchemas);
    return [[...found.flatMap((findings, index) => findings.map((finding) => inProgram(finding, strings[index]?.offsets ?? []))), ...calls]];
  }

  async complete(request: AnalysisRequest, at: PlaceInRequest, signal: AbortSignal): Promise<readonly Suggestion[]> {
    const place = findPlace(request, at);
    return place === undefined ? [] : completeAt(place.statement, place.offset, await this.knowledgeAt(request, place, signal));
  }

  async describe(request: AnalysisRequest, at: PlaceInRequest, signal: AbortSignal): Promise<Described | undefined> {
    const place = findPlace(request, at);
    const found = place && describeAt(place.statement, place.offset, await this.knowledgeAt(request, place, signal));
    return found && place && { ...found, range: { start: place.toRequest(found.range.start), end: place.toRequest(found.range.end) } };
  }

  /** The schema as the statement will meet it: the database's, with what the files and statements before it make. */
  private async knowledgeAt(request: AnalysisRequest, { piece, start }: FoundPlace, signal: AbortSignal): Promise<CatalogOverlay> {
    const { set, catalog: id, document } = request;
    const catalog = id === undefined ? undefined : this.catalogs.get(id);
    const names = (await this.namesOfPieces(withPieces(request), signal))(piece);
    const overlay = names.kind === 'catalog' ? names.overlay() : new CatalogOverlay(catalog ?? emptyCatalog);
    if (catalog === undefined) {
      (await this.neighbours(set, signal)).before.forEach((effects) => effects.forEach(({ effect }) => overlay.apply(effect)));
    }
    this.documents.get(document)?.[piece]?.effectsBefore(start).forEach((effect) => overlay.apply(effect));
    return overlay;
  }

  setCatalog(id: string, rows: CatalogRows | undefined): void {
    if (rows === undefined) {
      this.catalogs.delete(id);
      this.verdicts.delete(id);
    } else {
      this.catalogs.set(id, new Catalog(toCatalog(rows)));
    }
  }

  setVerdicts(catalog: string, verdicts: readonly (readonly [key: string, verdict: Verdict])[]): void {
    const kept = this.verdicts.get(catalog) ?? new Map<string, Verdict>();
    keepVerdicts(kept, verdicts);
    if (this.catalogs.has(catalog)) {
      this.verdicts.set(catalog, kept);
    }
  }

  async preparable(request: AnalysisRequest, wish: PreparableWish, signal: AbortSignal): Promise<PreparableStatements> {
    const pieced = withPieces(request);
    const texts = this.textsOf(pieced);
    const namesOf = await this.namesOfPieces(pieced, signal);
    const statements = new Map<string, Preparable>();
    const left = { ...noneLeftOut };
    for (const [index, text] of texts.entries()) {
      const names = namesOf(index);
      const knowledge = this.serverKnowledge(request.catalog, names);
      const most = wish.most - statements.size;
      if (knowledge === undefined || most <= 0) {
        break;
      }
      const found = await text.preparable(names, knowledge, { ...wish, most }, signal);
      found.statements.forEach((each) => statements.set(each.key, each));
      (Object.keys(left) as (keyof LeftOut)[]).forEach((why) => (left[why] += found.left[why]));
    }
    return { statements: [...statements.values()], left };
  }

  private textsOf({ document, pieces }: Pick<AnalysisRequest, 'document' | 'pieces'>): readonly SqlText[] {
    const known = this.documents.get(document) ?? [];
    const texts = pieces.map((_, index) => known[index] ?? new SqlText({ grammar: this.grammar, rules: this.rules }));
    this.documents.set(document, texts);
    pieces.forEach((piece, index) => texts[index]?.update(piece.text, piece.openings, piece.manual));
    return texts;
  }

  private serverKnowledge(catalog: string | undefined, names: NameKnowledge): ServerKnowledge | undefined {
    return catalog === undefined || names.kind !== 'catalog' ? undefined : { verdicts: this.verdicts.get(catalog) ?? new Map<string, Verdict>(), disturbed: names.disturbed() };
  }

  private async analyzePieces(request: AnalysisRequest, signal: AbortSignal): Promise<readonly (readonly TextFinding[])[]> {
    const { role, exposedSchemas, set, catalog } = request;
    const texts = this.textsOf(request);
    const namesOf = await this.namesOfPieces(request, signal);
    const surroundings = { role, exposedSchemas, ...(await this.neighbours(set, signal)) };
    const found: (readonly TextFinding[])[] = [];
    for (const [index, text] of texts.entries()) {
      const names = namesOf(index);
      found.push(await text.findings({ ...surroundings, names, ...defined({ server: this.serverKnowledge(catalog, names) }) }, signal));
    }
    return found;
  }

  forget(document: string): void {
    this.documents.delete(document);
    this.readings.delete(document);
  }

  setFiles(id: string, files: readonly SetFile[]): void {
    const known = new Map(this.sets.get(id)?.map(({ path, text }) => [path, text]));
    const taken = files.map(({ path, text }) => {
      const file = known.get(path) ?? new SqlText({ grammar: this.grammar, rules: [] });
      file.update(text);
      return { path, text: file };
    });
    this.sets.set(id, taken.sort((one, other) => (one.path < other.path ? -1 : 1)));
  }

  /** What one piece of a document makes, another may name. */
  private async namesOfPieces(request: AnalysisRequest, signal: AbortSignal): Promise<NamesOfPiece> {
    const { document, pieces, program } = request;
    const names = await this.names(request, signal);
    if (names.kind !== 'catalog' || pieces.length < (program === undefined ? 2 : 1)) {
      return () => names;
    }
    const known = this.readings.get(document) ?? [];
    const texts = pieces.map((_, index) => known[index] ?? new SqlText({ grammar: this.grammar, rules: [] }));
    this.readings.set(document, texts);
    const read: PieceReading[] = [];
    for (const [index, { text, openings, manual }] of pieces.entries()) {
      texts[index]?.update(text, openings, manual);
      read.push({ effects: (await texts[index]?.effects(signal)) ?? [], disturbances: (await texts[index]?.disturbances(signal)) ?? [] });
    }
    return withOtherPieces(names, read, program === undefined ? 'followOnEachOther' : 'anyOrder');
  }

  /** Of a migration: the schema as it will be once those before it have been applied. What was applied itself names what may be gone. */
  private async names({ set, catalog: id, aroundPending }: Pick<AnalysisRequest, 'set' | 'catalog' | 'aroundPending'>, signal: AbortSignal): Promise<NameKnowledge> {
    const catalog = id === undefined ? undefined : this.catalogs.get(id);
    if (id === undefined || catalog === undefined) {
      return { kind: 'none' };
    }
    if (set === undefined) {
      return this.namesAround(id, catalog, aroundPending, signal);
    }
    const pending = pendingMigrations(set.path, this.sets.get(set.id)?.map(({ path }) => path) ?? [], catalog.data.migrations);
    if (pending.kind !== 'pending') {
      return pending.kind === 'unknown' ? { kind: 'unknowable', because: 'migrations' } : { kind: 'none' };
    }
    const { files, disturbed } = await this.filesOf(set.id, pending.before, catalog, signal);
    return { kind: 'catalog', version: `${id} ${versionOf(files)}`, overlay: () => overlayAfter(catalog, files), disturbed };
  }

  /** Of what runs by itself: in the database as it is, or with what is pending. */
  private async namesAround(id: string, catalog: Catalog, set: string | undefined, signal: AbortSignal): Promise<Extract<NameKnowledge, { kind: 'catalog' }>> {
    const { migrations } = catalog.data;
    const pending = set === undefined || migrations === undefined ? [] : allPending((this.sets.get(set) ?? []).map(({ path }) => path), migrations).map(({ path }) => path);
    const { files, disturbed } = await this.filesOf(set ?? '', pending, catalog, signal);
    return { kind: 'catalog', version: files.length === 0 ? id : `${id} around ${versionOf(files)}`, overlay: () => overlayAround(catalog, files), disturbed };
  }

  private async filesOf(set: string, paths: readonly string[], catalog: Catalog, signal: AbortSignal): Promise<{ readonly files: readonly FileEffects[]; readonly disturbed: () => Disturbed }> {
    const texts = (this.sets.get(set) ?? []).filter(({ path }) => paths.includes(path));
    const files = await Promise.all(texts.map(async ({ path, text }) => ({ path, effects: await text.effects(signal) })));
    const disturbances = (await Promise.all(texts.map(async ({ text }) => text.disturbances(signal)))).flat();
    const disturbed = (): Disturbed => {
      const all = new Disturbed(catalog.data.extensions);
      disturbances.forEach((each) => all.add(each));
      return all;
    };
    return { files, disturbed };
  }

  /** What the API may have to offer; `undefined` where that cannot be known. */
  private async apiCatalog(request: AnalysisRequest, signal: AbortSignal): Promise<Catalog | undefined> {
    const names = (await this.namesOfPieces(request, signal))(-1);
    if (names.kind !== 'catalog') {
      return undefined;
    }
    const known = this.around;
    if (known?.version === names.version) {
      return known.catalog;
    }
    const data = names.overlay().toCatalogData();
    const catalog = data && new Catalog(data);
    this.around = { version: names.version, catalog };
    return catalog;
  }

  private async neighbours(set: FileInSet | undefined, signal: AbortSignal): Promise<{ readonly before: readonly (readonly PlacedEffect[])[]; readonly after: readonly (readonly PlacedEffect[])[] }> {
    const before: (readonly PlacedEffect[])[] = [];
    const after: (readonly PlacedEffect[])[] = [];
    for (const { path, text } of set === undefined ? [] : (this.sets.get(set.id) ?? [])) {
      if (path !== set?.path) {
        (path < (set?.path ?? '') ? before : after).push(await text.effects(signal));
      }
    }
    return { before, after };
  }
}

/** The pieces of a document, whatever it is. */
function withPieces(request: AnalysisRequest): AnalysisRequest {
  return request.program === undefined ? request : { ...request, pieces: findEmbeddedSql(request.program).map(pieceOf) };
}

function pieceOf({ text, openings }: Pick<SqlPiece, 'text' | 'openings'>): SqlPiece {
  return { text, openings, manual: false };
}

interface FileEffects {
  readonly path: string;
  readonly effects: readonly PlacedEffect[];
}

function overlayAfter(catalog: Catalog, files: readonly FileEffects[]): CatalogOverlay {
  const overlay = new CatalogOverlay(catalog);
  for (const { path, effects } of files) {
    overlay.beginFile(path);
    effects.forEach(({ effect }) => overlay.apply(effect));
  }
  overlay.beginFile('');
  return overlay;
}

function overlayAround(catalog: Catalog, files: readonly FileEffects[]): CatalogOverlay {
  const overlay = new CatalogOverlay(catalog);
  for (const { path, effects } of files) {
    overlay.beginFile(path);
    effects.forEach(({ effect }) => overlay.allow(effect));
  }
  overlay.beginFile('');
  return overlay;
}

function versionOf(files: readonly FileEffects[]): string {
  return files.length === 0 ? '' : shortHash(JSON.stringify(files));
}

interface FoundPlace {
  /** The statement around the place, as far as it goes; what stands before the first semicolon where none is. */
  readonly statement: string;
  /** In the statement. */
  readonly offset: number;
  readonly piece: number;
  /** Of the statement, in its piece. */
  readonly start: number;
  /** From an offset of the statement to one of the request. */
  readonly toRequest: (offset: number) => number;
}

function findPlace({ pieces, program }: AnalysisRequest, { piece, offset }: PlaceInRequest): FoundPlace | undefined {
  if (program !== undefined) {
    const strings = findEmbeddedSql(program);
    const index = strings.findIndex(({ offsets }) => (offsets[0] ?? Infinity) <= offset && offset <= (offsets.at(-1) ?? -1));
    const string = strings[index];
    if (string === undefined) {
      return undefined;
    }
    const inside = string.offsets.findIndex((each) => each >= offset);
    return placeIn(string.text, inside, index, (at) => string.offsets[at] ?? 0);
  }
  const text = pieces[piece]?.text;
  return text === undefined ? undefined : placeIn(text, offset, piece, (at) => at);
}

function placeIn(text: string, offset: number, piece: number, toRequest: (offset: number) => number): FoundPlace {
  const statements = splitStatements(text);
  const around = statements.find(({ range, terminated }) => range.start <= offset && (offset <= range.end || !terminated));
  const start = around?.range.start ?? offset;
  const end = Math.max(around?.range.end ?? offset, offset);
  return { statement: text.slice(start, end), offset: offset - start, piece, start, toRequest: (at) => toRequest(start + at) };
}

/** What would need escapes in a string is no fix that can be made by inserting it. */
function inProgram(finding: TextFinding, offsets: readonly number[]): TextFinding {
  const at = (offset: number): number => offsets[offset] ?? offsets.at(-1) ?? 0;
  const moved = ({ start, end }: TextRange): TextRange => ({ start: at(start), end: at(end) });
  const plain = finding.fixes.filter(({ edits }) => edits.every(({ text }) => !/['"`\\$\n]/.test(text)));
  const fixes = plain.map((fix) => ({ ...fix, edits: fix.edits.map((edit) => ({ ...edit, range: moved(edit.range) })) }));
  return { ...finding, range: moved(finding.range), statementStart: at(finding.statementStart), fixes };
}
