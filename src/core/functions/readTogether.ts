import type { GitHistory, TreeEntry } from '../ports.ts';

/** What the files of a commit are read with. */
export type ObjectReader = Pick<GitHistory, 'prefix' | 'tree' | 'blobs'>;

/**
 * Questions of the same moment in one answer: the closures of many commits grow in step, and would else start a process for each commit
 * and depth. The signal of the first who asks ends it for all of them.
 */
export function readTogether(git: Pick<GitHistory, 'prefix' | 'tree' | 'trees' | 'blobs'>): ObjectReader {
  const contents = gather<string, ReadonlyMap<string, Uint8Array>>(async (oids, signal) => git.blobs([...new Set(oids)], signal));
  const listings = gather<{ readonly commit: string; readonly paths: readonly string[] }, ReadonlyMap<string, readonly TreeEntry[]>>(async (asked, signal) => {
    const commits = [...new Set(asked.map(({ commit }) => commit))];
    return git.trees(commits, [...new Set(asked.flatMap(({ paths }) => paths))], signal);
  });
  return {
    prefix: git.prefix,
    // No paths at all means everything, which is not asked for together with parts of it.
    tree: async (commit, paths, signal) => (paths.length === 0 ? git.tree(commit, paths, signal) : ((await listings([{ commit, paths }], signal)).get(commit) ?? [])),
    blobs: async (oids, signal) => contents(oids, signal),
  };
}

/** Collects what is asked until the running work has come to rest, then asks once. */
function gather<Q, A>(ask: (questions: readonly Q[], signal: AbortSignal) => Promise<A>): (questions: readonly Q[], signal: AbortSignal) => Promise<A> {
  let open: { readonly questions: Q[]; readonly answer: Promise<A> } | undefined;
  const begin = (signal: AbortSignal) => {
    const questions: Q[] = [];
    const answer = new Promise((resolve) => setTimeout(resolve)).then(async () => {
      open = undefined;
      return ask(questions, signal);
    });
    return { questions, answer };
  };
  return async (questions, signal) => {
    open ??= begin(signal);
    open.questions.push(...questions);
    return open.answer;
  };
}
