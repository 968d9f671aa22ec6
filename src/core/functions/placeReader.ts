import { isOpsError } from '../errors.ts';
import type { PlaceFiles, TomlReader } from '../ports.ts';
import { emptyConfig } from '../project/config.ts';
import type { Place } from '../project/project.ts';
import { readsOfEnvironment } from '../secrets/environmentReads.ts';
import type { SqlFile } from '../sql/whereMade.ts';
import type { SecretRead } from '../secrets/secretMap.ts';
import { resolveRelative } from '../../util/relativePath.ts';
import { functionsFolder, functionsIn, projectConfig } from './source.ts';
import { workingTree, type SourceTree } from './sourceTree.ts';

/** What the code of a place says, read as it lies there; without a place there is nothing. Nothing is executed. */
export class PlaceReader {
  private readonly filesOf: (place: Place) => PlaceFiles;
  private readonly toml: TomlReader;

  constructor({ filesOf, toml }: { filesOf: (place: Place) => PlaceFiles; toml: TomlReader }) {
    this.filesOf = filesOf;
    this.toml = toml;
  }

  tree(place: Place): SourceTree {
    return workingTree(this.filesOf(place));
  }

  async functions(place: Place | undefined, signal: AbortSignal): Promise<readonly string[]> {
    return place ? functionsIn(this.tree(place), this.toml, signal) : [];
  }

  /** Path of a function's entrypoint within the place, as config.toml says or by convention; whether it exists is not asked. */
  async entrypoint(place: Place, slug: string, signal: AbortSignal): Promise<string> {
    const config = (await projectConfig(this.tree(place), this.toml, signal)).functions.get(slug);
    const configured = config?.entrypoint === undefined ? undefined : resolveRelative('supabase', config.entrypoint);
    return configured ?? `${functionsFolder}/${slug}/index.ts`;
  }

  /** Schemas that the API of the place's project serves, as `config.toml` says; what the CLI would serve where the file cannot be read. */
  async exposedSchemas(place: Place, signal: AbortSignal): Promise<readonly string[]> {
    try {
      return (await projectConfig(this.tree(place), this.toml, signal)).exposedSchemas;
    } catch (error) {
      if (isOpsError(error, 'badConfig', 'badPath')) {
        return emptyConfig.exposedSchemas;
      }
      throw error;
    }
  }

  /** SQL files below a folder of the place, in the order in which the CLI applies them. */
  async sqlFiles(place: Place, folder: string, signal: AbortSignal): Promise<readonly SqlFile[]> {
    const tree = this.tree(place);
    const paths = (await tree.list(folder, signal)).filter((path) => path.endsWith('.sql'));
    const contents = await tree.read(paths, signal);
    return paths.map((path) => ({ path, text: new TextDecoder().decode(contents.get(path)) }));
  }

  /** Scripts of the place that a manual may name: `scripts/deploy.sh`. */
  async scripts(place: Place | undefined, signal: AbortSignal): Promise<readonly string[]> {
    return place ? this.tree(place).list('scripts', signal) : [];
  }

  /** `complete`: no code here makes up the name of a variable as it runs, so what is not read is not used. */
  async secretReads(place: Place | undefined, signal: AbortSignal): Promise<{ readonly reads: readonly SecretRead[]; readonly complete: boolean }> {
    if (!place) {
      return { reads: [], complete: false };
    }
    const tree = this.tree(place);
    const sources = (await tree.list(functionsFolder, signal)).filter((path) => /\.[cm]?[jt]sx?$/.test(path));
    const contents = await tree.read(sources, signal);
    const reads: SecretRead[] = [];
    let complete = sources.length > 0;
    for (const [path, content] of contents) {
      const found = readsOfEnvironment(new TextDecoder().decode(content));
      complete &&= !found.dynamic;
      reads.push(...found.reads.map(({ name, offset }) => ({ name, path, offset })));
    }
    return { reads, complete };
  }
}
