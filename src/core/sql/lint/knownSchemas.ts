/** What is known of the schemas that texts are written for: catalogs of databases, and the files of migrations that belong together. */
import { shortHash } from '../../../util/hash.ts';
import type { SqlGrammar } from '../../ports.ts';
import { Catalog, toCatalog, type CatalogRows } from '../catalog.ts';
import type { PlacedEffect } from '../effects/effect.ts';
import { CatalogOverlay } from '../names/overlay.ts';
import { Disturbed } from '../prepared/disturbance.ts';
import { SqlText, type NameKnowledge } from './analysis.ts';
import type { AnalysisRequest, SetFile } from './request.ts';
import { allPending, pendingMigrations, type FileInSet } from './roles.ts';

interface KnownFile {
  readonly path: string;
  readonly text: SqlText;
}

export class KnownSchemas {
  private readonly grammar: SqlGrammar;
  private readonly sets = new Map<string, readonly KnownFile[]>();
  private readonly catalogs = new Map<string, Catalog>();

  constructor(grammar: SqlGrammar) {
    this.grammar = grammar;
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

  /** Without rows it is forgotten. */
  setCatalog(id: string, rows: CatalogRows | undefined): void {
    if (rows === undefined) {
      this.catalogs.delete(id);
    } else {
      this.catalogs.set(id, new Catalog(toCatalog(rows)));
    }
  }

  catalog(id: string | undefined): Catalog | undefined {
    return id === undefined ? undefined : this.catalogs.get(id);
  }

  /** Of a migration: the schema as it will be once those before it have been applied. What was applied itself names what may be gone. */
  async names({ set, catalog: id, aroundPending }: Pick<AnalysisRequest, 'set' | 'catalog' | 'aroundPending'>, signal: AbortSignal): Promise<NameKnowledge> {
    const catalog = this.catalog(id);
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
    return { kind: 'catalog', version: `${id} ${versionOf(files)}`, overlay: () => overlayOf(catalog, files, 'apply'), disturbed };
  }

  /** Of what runs by itself: in the database as it is, or with what is pending. */
  private async namesAround(id: string, catalog: Catalog, set: string | undefined, signal: AbortSignal): Promise<Extract<NameKnowledge, { kind: 'catalog' }>> {
    const { migrations } = catalog.data;
    const pending = set === undefined || migrations === undefined ? [] : allPending((this.sets.get(set) ?? []).map(({ path }) => path), migrations).map(({ path }) => path);
    const { files, disturbed } = await this.filesOf(set ?? '', pending, catalog, signal);
    return { kind: 'catalog', version: files.length === 0 ? id : `${id} around ${versionOf(files)}`, overlay: () => overlayOf(catalog, files, 'allow'), disturbed };
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

  /** What the other files of a set do, before a file and after it. */
  async neighbours(set: FileInSet | undefined, signal: AbortSignal): Promise<{ readonly before: readonly (readonly PlacedEffect[])[]; readonly after: readonly (readonly PlacedEffect[])[] }> {
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

interface FileEffects {
  readonly path: string;
  readonly effects: readonly PlacedEffect[];
}

/** `apply`: what they do is done before; `allow`: before or after. */
function overlayOf(catalog: Catalog, files: readonly FileEffects[], how: 'apply' | 'allow'): CatalogOverlay {
  const overlay = new CatalogOverlay(catalog);
  for (const { path, effects } of files) {
    overlay.beginFile(path);
    effects.forEach(({ effect }) => overlay[how](effect));
  }
  overlay.beginFile('');
  return overlay;
}

function versionOf(files: readonly FileEffects[]): string {
  return files.length === 0 ? '' : shortHash(JSON.stringify(files));
}
