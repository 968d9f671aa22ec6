import type { StepLanguage } from './document.ts';

const languages: Readonly<Record<string, StepLanguage>> = {
  sql: 'sql',
  pgsql: 'sql',
  postgres: 'sql',
  postgresql: 'sql',
  plpgsql: 'sql',
  psql: 'sql',
  bash: 'shell',
  sh: 'shell',
  shell: 'shell',
  zsh: 'shell',
  console: 'shell',
  terminal: 'shell',
  shellsession: 'shell',
  'shell-session': 'shell',
  'sh-session': 'shell',
  http: 'http',
  rest: 'http',
};

/** Programs that the commands of manuals begin with: an untagged fence or inline code that starts with one is a command. */
const programs = new Set(
  (
    'supabase curl wget git gh npm npx pnpm pnpx yarn bun bunx deno node vercel netlify fly flyctl docker docker-compose kubectl psql ' +
    'pg_dump pg_dumpall pg_restore openssl ssh scp cd cat ls grep tail head echo export sudo brew scoop apt apt-get dig nslookup ping ' +
    'aws gcloud make python python3 pip systemctl journalctl'
  ).split(' '),
);

/** What a fence is written in: by its tag, or for an untagged one by its first command. */
export function languageOf(tag: string, code: string): StepLanguage {
  return tag === '' ? (startsWithCommand(code) ? 'shell' : 'other') : (languages[tag.toLowerCase()] ?? 'other');
}

/** The language of inline code that is a whole command or statement; `undefined` for a name, a path, a flag or a value. */
export function languageOfInlineCode(code: string): StepLanguage | undefined {
  const words = code.trim().split(/\s+/);
  const first = words[0] ?? '';
  if (isScript(first) || (words.length > 1 && programs.has(first))) {
    return 'shell';
  }
  return words.length > 1 && /^(select|explain|vacuum|reindex|refresh)$/i.test(first) ? 'sql' : undefined;
}

function startsWithCommand(code: string): boolean {
  const line = code.split('\n').find((each) => each.trim() !== '' && !each.trimStart().startsWith('#')) ?? '';
  const first = line.trimStart().split(/\s+/)[0] ?? '';
  return first === '$' || isScript(first) || programs.has(first);
}

function isScript(word: string): boolean {
  return /^\.\.?\/[\w./-]+$/.test(word) && /\.(sh|bash|ts|js|mjs|py)$/.test(word);
}
