import { CatFileParser, type CatFileObject } from './parse.ts';
import { runGit, type Git } from './runGit.ts';

/** Reads objects by name in one process, in order; `undefined` for one that is missing. An error thrown by `onObject` is thrown again at the end. */
export async function catFile(
  git: Git,
  names: readonly string[],
  signal: AbortSignal,
  onObject: (name: string, object: CatFileObject | undefined) => void,
): Promise<void> {
  await batch(git, '--batch', names, signal, onObject);
}

/** As {@link catFile}, without the contents. */
export async function catFileHeaders(
  git: Git,
  names: readonly string[],
  signal: AbortSignal,
  onObject: (name: string, object: CatFileObject | undefined) => void,
): Promise<void> {
  await batch(git, '--batch-check', names, signal, onObject);
}

async function batch(
  git: Git,
  mode: '--batch' | '--batch-check',
  names: readonly string[],
  signal: AbortSignal,
  onObject: (name: string, object: CatFileObject | undefined) => void,
): Promise<void> {
  if (names.length === 0) {
    return;
  }
  let index = 0;
  const errors: unknown[] = [];
  const parser = new CatFileParser((object) => {
    try {
      onObject(names[index++] ?? '', object);
    } catch (error) {
      errors.push(error);
    }
  }, mode === '--batch');
  await runGit(git, { args: ['cat-file', mode], input: `${names.join('\n')}\n`, onChunk: (chunk) => parser.feed(chunk) }, signal);
  if (errors.length > 0) {
    throw errors[0];
  }
}

/** Those of these objects that are in the repository itself: in a partial clone `cat-file` gives up at the first that is not. */
export async function heldObjects(git: Git, wanted: ReadonlySet<string>, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const held = new Set<string>();
  const decoder = new TextDecoder('latin1');
  let rest = '';
  const feed = (chunk: Uint8Array) => {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    lines.filter((oid) => wanted.has(oid)).forEach((oid) => held.add(oid));
  };
  await runGit(git, { args: ['cat-file', '--batch-all-objects', '--batch-check=%(objectname)', '--buffer', '--unordered'], onChunk: feed }, signal);
  return held;
}
