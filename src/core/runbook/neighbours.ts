/** Commands that mean something together, and nothing good one by one. */
import { argumentOf } from './meaning.ts';
import type { Meaning } from './meaning.ts';
import type { Placeholder } from './operation.ts';

/** A command line as its neighbours see it: program and words, flags among them. */
export interface NeighbourLine {
  readonly program: string;
  readonly words: readonly string[];
  readonly redirects: readonly { readonly operator: string; readonly target: string }[];
  readonly placeholders: readonly Placeholder[];
}

/** What the first `count` lines mean together. */
export interface Group {
  readonly count: number;
  readonly meaning: Meaning;
}

/** Looks at a line with those right below it. */
export function groupOf(lines: readonly NeighbourLine[]): Group | undefined {
  return rollback(lines) ?? restore(lines);
}

/**
 * `git checkout <commit>`, `supabase functions deploy <function>`, `git checkout main`: one rollback, for which nothing is checked
 * out. Of several deploys between, the first takes the first checkout with it and the last the second one.
 */
function rollback(lines: readonly NeighbourLine[]): Group | undefined {
  const [first] = lines;
  const commit = first === undefined ? undefined : checkedOut(first);
  if (first === undefined || commit === undefined) {
    return undefined;
  }
  const deploy = lines[1];
  const slug = deploy === undefined ? undefined : deployedFunction(deploy);
  if (deploy === undefined || slug === undefined) {
    return undefined;
  }
  const after = lines[2];
  const count = after !== undefined && checkedOut(after) !== undefined ? 3 : 2;
  return {
    count,
    meaning: {
      operation: { kind: 'functions.rollback', slug: argumentOf(slug, deploy.placeholders), commit: argumentOf(commit, first.placeholders) },
      remark: 'One rollback: the function is deployed from that commit, and the working tree is not touched.',
    },
  };
}

/** `supabase db reset` with a file that is loaded after it. */
function restore(lines: readonly NeighbourLine[]): Group | undefined {
  const [reset, load] = lines;
  if (reset === undefined || load === undefined || !isReset(reset)) {
    return undefined;
  }
  const file = loadedFile(load);
  return file === undefined
    ? undefined
    : {
        count: 2,
        meaning: {
          operation: { kind: 'restore', command: `supabase db push --file ${file}`, file },
          remark: 'Never run as written: the reset would lose every row before the file is known to be good. This is a guided restore.',
        },
      };
}

function checkedOut({ program, words }: NeighbourLine): string | undefined {
  const [command, commit = ''] = words;
  return program === 'git' && (command === 'checkout' || command === 'switch') && commit !== '' && (commit === '-' || !commit.startsWith('-')) ? commit : undefined;
}

function deployedFunction({ program, words }: NeighbourLine): string | undefined {
  const [command, verb, slug] = words;
  return program === 'supabase' && command === 'functions' && verb === 'deploy' && slug?.startsWith('-') === false ? slug : undefined;
}

function isReset({ program, words }: NeighbourLine): boolean {
  return program === 'supabase' && words[0] === 'db' && words[1] === 'reset' && !words.includes('--local');
}

function loadedFile({ program, words, redirects }: NeighbourLine): string | undefined {
  if (program !== 'psql' && !(program === 'supabase' && words[0] === 'db' && words[1] === 'push')) {
    return undefined;
  }
  const flag = words.findIndex((word) => /^(?:-f|--file)(?:=|$)/.test(word));
  const word = words[flag] ?? '';
  const named = word.includes('=') ? word.slice(word.indexOf('=') + 1) : flag === -1 ? undefined : words[flag + 1];
  return named ?? redirects.find(({ operator }) => operator === '<')?.target;
}
