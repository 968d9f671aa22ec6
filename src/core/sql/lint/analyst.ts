/** Looks after all SQL that is open: one {@link SqlText} per piece of a document, and the files of migrations that belong together. */
import type { SqlGrammar } from '../../ports.ts';
import { checkApiCalls } from '../../postgrest/check.ts';
import { findEmbeddedSql } from '../embedded.ts';
import { defined } from '../../../util/defined.ts';
import { completeAt, type Suggestion } from '../assist/complete.ts';
import { describeAt, type Described } from '../assist/describe.ts';
import { Catalog, emptyCatalog, type CatalogRows } from '../catalog.ts';
import { CatalogOverlay } from '../names/overlay.ts';
import { noneLeftOut, type LeftOut, type PreparableStatements, type PreparableWish, type ServerKnowledge } from '../prepared/preparable.ts';
import { keepVerdicts, type Preparable, type Verdict } from '../prepared/verdict.ts';
import { SqlText, type NameKnowledge, type TextFinding } from './analysis.ts';
import { KnownSchemas } from './knownSchemas.ts';
import { withOtherPieces, type PieceReading } from './otherPieces.ts';
import { findPlace, inProgram, pieceOf, withPieces, type FoundPlace } from './places.ts';
import type { AnalysisRequest, PlaceInRequest, SetFile } from './request.ts';
import type { Rule } from './rule.ts';

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

type NamesOfPiece = (piece: number) => NameKnowledge;

export class Analyst implements SqlAnalyst {
  private readonly grammar: SqlGrammar;
  private readonly rules: readonly Rule[];
  private readonly documents = new Map<string, SqlText[]>();
  /** The pieces of documents that have several, read for what they do alone: that must be known before their names are looked up. */
  private readonly readings = new Map<string, SqlText[]>();
  private readonly schemas: KnownSchemas;
  private readonly verdicts = new Map<string, Map<string, Verdict>>();
  /** The last one that programs were looked at with. */
  private around: { readonly version: string; readonly catalog: Catalog | undefined } | undefined;

  constructor({ grammar, rules }: { grammar: SqlGrammar; rules: readonly Rule[] }) {
    this.grammar = grammar;
    this.rules = rules;
    this.schemas = new KnownSchemas(grammar);
  }

  async analyze(request: AnalysisRequest, signal: AbortSignal): Promise<readonly (readonly TextFinding[])[]> {
    const { program } = request;
    if (program === undefined) {
      return this.analyzePieces(request, await this.namesOfPieces(request, signal), signal);
    }
    const strings = findEmbeddedSql(program);
    const pieced = { ...request, pieces: strings.map(pieceOf) };
    const namesOf = await this.namesOfPieces(pieced, signal);
    const found = await this.analyzePieces(pieced, namesOf, signal);
    const catalog = this.apiCatalog(namesOf(-1));
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
    const catalog = this.schemas.catalog(id);
    const names = (await this.namesOfPieces(withPieces(request), signal))(piece);
    const overlay = names.kind === 'catalog' ? names.overlay() : new CatalogOverlay(catalog ?? emptyCatalog);
    if (catalog === undefined) {
      (await this.schemas.neighbours(set, signal)).before.forEach((effects) => effects.forEach(({ effect }) => overlay.apply(effect)));
    }
    this.documents.get(document)?.[piece]?.effectsBefore(start).forEach((effect) => overlay.apply(effect));
    return overlay;
  }

  setCatalog(id: string, rows: CatalogRows | undefined): void {
    this.schemas.setCatalog(id, rows);
    if (rows === undefined) {
      this.verdicts.delete(id);
    }
  }

  setVerdicts(catalog: string, verdicts: readonly (readonly [key: string, verdict: Verdict])[]): void {
    const kept = this.verdicts.get(catalog) ?? new Map<string, Verdict>();
    keepVerdicts(kept, verdicts);
    if (this.schemas.catalog(catalog) !== undefined) {
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

  private async analyzePieces(request: AnalysisRequest, namesOf: NamesOfPiece, signal: AbortSignal): Promise<readonly (readonly TextFinding[])[]> {
    const { role, exposedSchemas, set, catalog } = request;
    const texts = this.textsOf(request);
    const surroundings = { role, exposedSchemas, ...(await this.schemas.neighbours(set, signal)) };
    const found: (readonly TextFinding[])[] = [];
    for (const [index, text] of texts.entries()) {
      const names = namesOf(index);
      found.push(await text.findings({ ...surroundings, names, ...defined({ server: this.serverKnowledge(catalog, names) }) }, signal));
    }
    return found;
  }

  setFiles(id: string, files: readonly SetFile[]): void {
    this.schemas.setFiles(id, files);
  }

  forget(document: string): void {
    this.documents.delete(document);
    this.readings.delete(document);
  }

  /** What one piece of a document makes, another may name. */
  private async namesOfPieces(request: AnalysisRequest, signal: AbortSignal): Promise<NamesOfPiece> {
    const { document, pieces, program } = request;
    const names = await this.schemas.names(request, signal);
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

  /** What the API may have to offer; `undefined` where that cannot be known. */
  private apiCatalog(names: NameKnowledge): Catalog | undefined {
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
}
