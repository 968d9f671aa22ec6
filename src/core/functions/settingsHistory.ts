import { isOpsError } from '../errors.ts';
import type { TomlReader } from '../ports.ts';
import { configPath, emptyConfig, readConfig, type ProjectConfig } from '../project/config.ts';
import type { ChangeGraph } from './changeGraph.ts';

export interface SettingsNeeds {
  /** Contents by id. */
  readonly read: (oids: readonly string[], signal: AbortSignal) => Promise<ReadonlyMap<string, Uint8Array>>;
  readonly toml: TomlReader;
}

/** Contents of `config.toml` that are read together; what is older is read one by one. */
const readTogether = 200;

/** What `config.toml` said about functions along a history. Functions go by several names: the first that has a section counts. */
export class SettingsHistory {
  private readonly graph: ChangeGraph;
  private readonly needs: SettingsNeeds;
  private readonly ids: readonly (string | undefined)[];
  private readonly configs = new Map<string, Promise<ProjectConfig>>();

  /** `path`: of `config.toml`, from the repository's root. */
  constructor(graph: ChangeGraph, path: string, needs: SettingsNeeds) {
    this.graph = graph;
    this.needs = needs;
    this.ids = graph.idsOf(path);
  }

  /** Reads what a walk through all commits may ask for. */
  async prepare(signal: AbortSignal): Promise<void> {
    await this.needs.read([...new Set(this.ids)].flatMap((id) => id ?? []).slice(0, readTogether), signal);
  }

  /** The section says of the JWT what is live, or nothing. */
  async agrees(names: readonly string[], verifyJwt: boolean | undefined, commit: number, signal: AbortSignal): Promise<boolean> {
    const said = verifyJwt === undefined ? undefined : (await this.section(names, commit, signal))?.verifyJwt;
    return said === undefined || said === verifyJwt;
  }

  async differ(names: readonly string[], one: number, other: number, signal: AbortSignal): Promise<boolean> {
    if (this.ids[one] === this.ids[other]) {
      return false;
    }
    const [left, right] = await Promise.all([one, other].map(async (commit) => JSON.stringify(await this.section(names, commit, signal))));
    return left !== right;
  }

  async isChangedAt(names: readonly string[], commit: number, signal: AbortSignal): Promise<boolean> {
    const before = this.graph.base(commit);
    return before !== undefined && this.differ(names, before, commit, signal);
  }

  /** A file that cannot be read has none. */
  private async section(names: readonly string[], commit: number, signal: AbortSignal) {
    const id = this.ids[commit];
    if (id === undefined) {
      return undefined;
    }
    const reading = this.configs.get(id) ?? this.config(id, signal);
    this.configs.set(id, reading);
    const { functions } = await reading;
    return names.map((name) => functions.get(name)).find((config) => config !== undefined);
  }

  private async config(id: string, signal: AbortSignal): Promise<ProjectConfig> {
    try {
      return await readConfig(new TextDecoder().decode((await this.needs.read([id], signal)).get(id)), this.needs.toml, configPath);
    } catch (error) {
      if (isOpsError(error, 'badConfig')) {
        return emptyConfig;
      }
      throw error;
    }
  }
}
