/**
 * What the commands of the Supabase CLI mean here, those included that manuals use and no CLI has (SUPABASE CLI 2.122.1 and 3.1.0
 * were asked). The first line that fits counts.
 */
import { functionLogs, logRemark, logValueFlags, serviceLogs } from './logCommands.ts';
import type { Call, CommandMeaning } from './meaning.ts';
import type { Operation, SecretSource } from './operation.ts';
import { quotedStatement } from './sqlMeaning.ts';

const dumpFlags = ['--file', '-f', '--table', '-t', '--schema', '-s', '--exclude', '-x', '--role'];

export const supabaseCommands: readonly CommandMeaning[] = [
  // Functions
  { command: 'functions list', means: () => ({ kind: 'functions.list' }) },
  { command: 'functions logs', valueFlags: logValueFlags, means: functionLogs, remark: logRemark },
  {
    command: 'functions deploy',
    valueFlags: ['--import-map', '--jobs', '-j'],
    when: /\brestart/i,
    means: deploy('restart'),
    remark: 'A restart deploys again exactly what is live; unfinished work of the working tree stays out.',
  },
  { command: 'functions deploy', valueFlags: ['--import-map', '--jobs', '-j'], means: deploy('deploy'), remark: deployRemark },
  {
    command: 'functions serve',
    valueFlags: ['--env-file', '--import-map', '--inspect-mode'],
    means: ({ command }) => ({ kind: 'functions.serve', command }),
    remark: 'Serving functions locally needs Docker.',
  },

  // Logs
  { command: 'logs', valueFlags: logValueFlags, means: serviceLogs, remark: logRemark },
  { command: 'db logs', valueFlags: logValueFlags, means: (call) => postgresLogs(call) },

  // Secrets
  { command: 'secrets list', means: ({ greps: [grep] }) => ({ kind: 'secrets.list', ...(grep === undefined ? {} : { grep }) }) },
  { command: 'secrets set', valueFlags: ['--env-file'], means: setSecrets, remark: secretRemark },

  // The database as it is
  { command: 'inspect db db-stats', means: () => ({ kind: 'database.stats' }) },
  { command: 'inspect db outliers', means: () => ({ kind: 'database.analyze', slowQueries: true }) },
  { command: 'inspect db calls', means: () => ({ kind: 'database.analyze', slowQueries: true }) },
  { command: 'inspect', means: () => ({ kind: 'database.inspect' }) },
  { command: 'db inspect', means: () => ({ kind: 'database.inspect' }) },
  { command: 'db stats', means: () => ({ kind: 'database.stats' }) },
  { command: 'db analyze', means: (call) => ({ kind: 'database.analyze', slowQueries: call.has('--slow-queries') }) },
  { command: 'db advisors', valueFlags: ['--type', '--level', '--fail-on'], means: () => ({ kind: 'database.analyze', slowQueries: false }) },
  { command: 'db status', when: /migrat/i, means: () => ({ kind: 'migrations.list' }), remark: 'Shows which migrations are applied and which are pending.' },
  { command: 'db status', means: () => ({ kind: 'health', scope: 'database' }) },
  {
    command: 'status',
    means: () => ({ kind: 'health', scope: 'project' }),
    remark: 'Asks the project. The command of the CLI asks Docker about the local stack.',
  },
  { command: 'projects health', means: () => ({ kind: 'health', scope: 'project' }) },
  { command: 'db query', valueFlags: ['--file', '-f'], means: query },
  { command: 'db execute', valueFlags: ['--file', '-f'], means: query },

  // Migrations
  { command: 'migration list', means: () => ({ kind: 'migrations.list' }) },
  { command: 'migrations list', means: () => ({ kind: 'migrations.list' }) },
  { command: 'migration new', means: ({ command }) => ({ kind: 'migrations.new', command }) },
  {
    command: 'db diff',
    when: /\bstatus\b|pending/i,
    means: () => ({ kind: 'migrations.list' }),
    remark: 'Shows which migrations are applied and which are pending. The real diff needs Docker and compares with the local stack.',
  },
  {
    command: 'db push',
    valueFlags: ['--file', '-f'],
    means: (call) => restoreFile(call, call.flag('--file', '-f')),
    remark: 'No CLI pushes a file: this is a guided restore of it.',
  },
  { command: 'db push', means: ({ command }) => ({ kind: 'migrations.push', command }) },
  {
    command: 'db reset',
    valueFlags: ['--version', '--last'],
    means: rollBackMigrations,
    remark: resetRemark,
  },

  // Backups
  {
    command: 'db dump',
    valueFlags: dumpFlags,
    means: backup,
    remark: 'The CLI dumps the schema alone and needs Docker: this backs up the schema with its data.',
  },

  // The account and the link
  { command: 'login', valueFlags: ['--token', '--name'], means: () => ({ kind: 'login', command: 'supabase login' }), remark: "Opsbook's own sign-in." },
  { command: 'link', means: link, remark: 'Chooses the project that Opsbook works with.' },
];

function deploy(intent: 'deploy' | 'restart'): (call: Call) => Operation | undefined {
  return (call) => {
    // `--prune` deletes functions as well: that is no deploy.
    if (call.has('--prune')) {
      return undefined;
    }
    const slugs = call.operands.length === 0 ? '*' : call.operands.map((word) => call.argument(word));
    return { kind: 'functions.deploy', slugs, noVerifyJwt: call.has('--no-verify-jwt'), intent };
  };
}

function deployRemark(call: Call): string | undefined {
  return call.has('--no-verify-jwt') ? 'Functions deployed with --no-verify-jwt answer anybody, without a token.' : undefined;
}

function postgresLogs(call: Call): Operation {
  const follow = call.has('--tail', '-f', '--follow');
  const [grep] = call.greps;
  return { kind: 'logs', services: ['postgres'], follow, ...(grep === undefined ? {} : { grep }), statistics: false };
}

function setSecrets(call: Call): Operation | undefined {
  // With a file the values are not in the manual, and which they are only the file says.
  if (call.has('--env-file') || call.operands.length === 0) {
    return undefined;
  }
  const secrets = call.operands.map((word) => {
    const equals = word.indexOf('=');
    const name = equals === -1 ? word : word.slice(0, equals);
    return { name, source: equals === -1 ? ({ kind: 'ask' } as const) : secretSource(word.slice(equals + 1), call) };
  });
  return { kind: 'secrets.set', secrets };
}

/** A placeholder is never sent, so it does not even stand in the operation. */
function secretSource(value: string, call: Call): SecretSource {
  const random = /^\$\(\s*openssl\s+rand\s+-(base64|hex)\s+(\d+)\s*\)$/.exec(value);
  if (random !== null) {
    return { kind: 'random', bytes: Number(random[2]), encoding: random[1] === 'hex' ? 'hex' : 'base64' };
  }
  const [placeholder, another] = call.placeholders.filter(({ text }) => value.includes(text));
  const [before = '', after = ''] = placeholder === undefined ? [value] : splitOnce(value, placeholder.text);
  if (another !== undefined || before + after === '' || /\$[({\w]|`/.test(before + after)) {
    return { kind: 'ask' };
  }
  return placeholder === undefined ? { kind: 'offer', value } : { kind: 'ask', template: { before, after } };
}

function splitOnce(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  return [text.slice(0, at), text.slice(at + separator.length)];
}

function secretRemark(call: Call, operation: Operation): string | undefined {
  const remarks: string[] = [];
  if (operation.kind === 'secrets.set' && operation.secrets.some(({ source }) => source.kind === 'ask') && call.placeholders.length > 0) {
    remarks.push('What the manual writes as the value stands for yours: it is asked for and never sent.');
  }
  if (call.operands.some((word) => /^(?:\w*_)?JWT_SECRET(?:=|$)/.test(word))) {
    remarks.push('Sessions signed with the old secret end.');
  }
  return remarks.length === 0 ? undefined : remarks.join(' ');
}

function query(call: Call): Operation | undefined {
  const [statement] = call.operands;
  return statement === undefined || call.has('--file', '-f') ? undefined : quotedStatement(statement);
}

const undoWords = /roll(?:ing|ed)?[\s-]?back|revert|undo|previous|recover|restore|emergency/i;

/** Whatever it was meant for, a reset is never what runs; where nothing speaks of undoing, nothing does. */
function rollBackMigrations(call: Call): Operation {
  const { command } = call;
  const version = call.flag('--version');
  const last = Number(call.flag('--last') ?? (/\b(?:last|previous|latest)\b/i.test(call.reason) ? 1 : Number.NaN));
  if (/\blocal\b/i.test(call.reason) || (version === undefined && !call.says(undoWords))) {
    return { kind: 'note', text: call.text };
  }
  return {
    kind: 'migrations.rollback',
    command,
    ...(version === undefined ? {} : { to: call.argument(version) }),
    ...(Number.isSafeInteger(last) && version === undefined ? { last } : {}),
  };
}

function resetRemark(_call: Call, operation: Operation): string {
  const danger = 'Never run as written: it rebuilds the database and loses every row.';
  return operation.kind === 'note' ? danger : `${danger} Opsbook rolls migrations back instead.`;
}

/** Also what `psql -f dump.sql` means after a reset. */
export function restoreFile(call: Pick<Call, 'command'>, file: string | undefined): Operation | undefined {
  return file === undefined ? undefined : { kind: 'restore', command: call.command, file };
}

function backup(call: Call): Operation {
  const file = call.flag('--file', '-f') ?? call.savedTo;
  const table = call.flag('--table', '-t');
  return { kind: 'backup', command: call.command, ...(file === undefined ? {} : { file }), ...(table === undefined ? {} : { table }) };
}

function link(call: Call): Operation {
  const ref = call.flag('--project-ref') ?? '';
  return { kind: 'link', ref: call.argument(ref), command: call.command };
}
