import { readConfig, type ProjectConfig } from './config.ts';
import { projectRefPattern, type Place } from './project.ts';
import type { TomlReader } from '../ports.ts';
import { isOpsError } from '../errors.ts';

const linkFile = 'supabase/.temp/project-ref';

/**
 * The folders of a workspace that hold `supabase/`, told from paths relative to it, with `/`: whatever lies in a folder of that name
 * (`config.toml`, `functions/…`, `migrations/…`) will do. Empty text is the workspace's own folder. Sorted; outer ones first.
 */
export function findPlaceFolders(files: readonly string[]): readonly string[] {
  const folders = new Set<string>();
  for (const file of files) {
    const match = /^(?:(.*)\/)?supabase\/(?:config\.toml$|functions\/|migrations\/|\.temp\/project-ref$)/.exec(file);
    if (match && !/(^|\/)node_modules\//.test(file)) {
      folders.add(match[1] ?? '');
    }
  }
  return [...folders].sort();
}

/** Reads a file of the place as text; `undefined` when there is none. */
export type ReadText = (path: string) => Promise<string | undefined>;

/**
 * What the files say the project is: the CLI's own link first, then a `project_id` that is a ref. Anything else in them, a bad
 * `config.toml` included, says nothing.
 */
export async function findLinkedProject(read: ReadText, toml: TomlReader): Promise<Place['linked']> {
  const linked = (await read(linkFile))?.trim();
  if (linked !== undefined && projectRefPattern.test(linked)) {
    return { ref: linked, from: linkFile };
  }
  const { projectId } = await configOrNothing(await read('supabase/config.toml'), toml);
  return projectId !== undefined && projectRefPattern.test(projectId) ? { ref: projectId, from: 'config.toml' } : undefined;
}

async function configOrNothing(text: string | undefined, toml: TomlReader): Promise<Pick<ProjectConfig, 'projectId'>> {
  try {
    return text === undefined ? {} : await readConfig(text, toml);
  } catch (error) {
    if (isOpsError(error, 'badConfig')) {
      return {};
    }
    throw error;
  }
}
