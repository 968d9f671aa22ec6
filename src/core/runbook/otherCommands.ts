/** What the commands of other programs mean here; whatever is not in these tables runs in a terminal, shown first. */
import type { Call, CommandMeaning } from './meaning.ts';
import type { Operation } from './operation.ts';
import { quotedStatement } from './sqlMeaning.ts';
import { restoreFile } from './supabaseCommands.ts';

const git: readonly CommandMeaning[] = [
  { command: 'log', valueFlags: ['--since', '--until', '-n', '--author'], means: ({ text }) => ({ kind: 'gitLog', command: text }) },
];

const vercel: readonly CommandMeaning[] = [
  { command: 'rollback', means: frontend },
  { command: 'promote', means: frontend },
];

/** Package managers that people install the Supabase CLI with. */
const installers: readonly CommandMeaning[] = ['install', 'i', 'update', 'upgrade', 'add'].map((command) => ({
  command,
  means: (call) => (call.operands.some(isSupabaseCli) ? { kind: 'cliUpdate', command: call.text } : undefined),
  remark: 'Changes the Supabase CLI of this machine.',
}));

const openssl: readonly CommandMeaning[] = [{ command: 's_client', valueFlags: ['-connect', '-servername', '-host', '-port'], means: tlsCheck }];

const psqlFlags = ['-c', '--command', '-f', '--file', '-d', '--dbname', '-h', '--host', '-p', '--port', '-U', '--username', '-v', '--set', '-P', '-o', '--output'];

const psql: readonly CommandMeaning[] = [
  { command: '', valueFlags: psqlFlags, means: (call) => quotedStatement(call.flag('-c', '--command') ?? '') },
  {
    command: '',
    valueFlags: psqlFlags,
    when: /restor|recover/i,
    means: (call) => restoreFile(call, call.flag('-f', '--file')),
    remark: 'A guided restore of the file.',
  },
];

const dumpFlags = ['-f', '--file', '-t', '--table', '-n', '--schema', '-d', '--dbname', '-h', '-p', '-U', '-F', '-j'];

const pgDump: readonly CommandMeaning[] = [{ command: '', valueFlags: dumpFlags, means: backup }];

const cd: readonly CommandMeaning[] = [{ command: '', means: changeFolder }];

export const otherCommands: Readonly<Record<string, readonly CommandMeaning[]>> = {
  git,
  vercel,
  npm: installers,
  pnpm: installers,
  yarn: installers,
  bun: installers,
  brew: installers,
  scoop: installers,
  openssl,
  psql,
  pg_dump: pgDump,
  cd,
};

function frontend(call: Call): Operation {
  return { kind: 'frontendRollback', command: call.text };
}

function isSupabaseCli(name: string): boolean {
  return /^(?:supabase(?:@.*)?|supabase\/tap\/supabase(?:-beta)?)$/.test(name);
}

function tlsCheck(call: Call): Operation | undefined {
  const address = call.flag('-connect') ?? `${call.flag('-host') ?? ''}:${call.flag('-port') ?? '443'}`;
  const [, host = '', port] = /^(.+?)(?::(\d+))?$/.exec(address) ?? [];
  return host === '' || host.startsWith(':') ? undefined : { kind: 'tlsCheck', host: call.argument(host), port: Number(port ?? 443), command: call.text };
}

function backup(call: Call): Operation {
  const file = call.flag('-f', '--file') ?? call.savedTo;
  const table = call.flag('-t', '--table');
  return { kind: 'backup', command: call.text, ...(file === undefined ? {} : { file }), ...(table === undefined ? {} : { table }) };
}

function changeFolder(call: Call): Operation | undefined {
  const [folder] = call.operands;
  return folder === undefined ? undefined : { kind: 'changeFolder', folder: call.argument(folder) };
}
