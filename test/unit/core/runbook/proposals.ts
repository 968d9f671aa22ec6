import type { Argument, Instruction, Operation } from '../../../../src/core/runbook/operation.ts';

/** An operation as the table of the manuals' steps writes it: `logs.tail{function=mint-token,follow}`. */
export interface Proposal {
  readonly name: string;
  readonly args: Readonly<Record<string, string>>;
}

/** Reads `name{key=value,"quoted, text",flag}`; what has no key stands under `''`. */
export function parseProposal(text: string): Proposal {
  const [, name = '', list = ''] = /^([\w.]+)(?:\{(.*)\})?$/s.exec(text) ?? [];
  const args: Record<string, string> = {};
  for (const part of list.match(/(?:"[^"]*"|\([^)]*\)|\[[^\]]*\]|[^,])+/g) ?? []) {
    const [, key, value = ''] = /^(\w+)=(.*)$/s.exec(part) ?? [];
    if (key !== undefined) {
      args[key] = value.replace(/^"(.*)"$/s, '$1');
    } else if (/^(?:follow|header|noVerifyJwt|json|oneline|slowQueries)$/.test(part)) {
      args[part] = '';
    } else {
      args[''] = part;
    }
  }
  return { name, args };
}

/** The one place where our operations and the names of the table meet. */
export function proposalOf({ operation, text, remark }: Pick<Instruction, 'operation' | 'text' | 'remark'>): Proposal {
  switch (operation.kind) {
    case 'sql':
      return sqlProposal(operation);
    case 'http':
      return httpProposal(operation);
    case 'logs':
      return logsProposal(operation);
    case 'functions.deploy': {
      const slugs = operation.slugs === '*' ? '*' : operation.slugs.map(textOf).join('+');
      return { name: operation.kind, args: { slugs, ...flag('noVerifyJwt', operation.noVerifyJwt), ...(operation.intent === 'restart' ? { intent: 'restart' } : {}) } };
    }
    case 'functions.rollback':
      return { name: operation.kind, args: { function: textOf(operation.slug), commit: textOf(operation.commit) } };
    case 'functions.serve':
      return { name: operation.kind, args: { slug: lastWord(operation.command) } };
    case 'secrets.list':
      return { name: operation.kind, args: given({ grep: operation.grep }) };
    case 'secrets.set':
      return secretsProposal(operation);
    case 'database.inspect':
      return { name: 'db.inspect', args: {} };
    case 'database.stats':
      return { name: 'db.stats', args: {} };
    case 'database.analyze':
      return { name: 'db.analyze', args: flag('slowQueries', operation.slowQueries) };
    case 'health':
      return { name: 'health.report', args: operation.scope === 'project' ? {} : { scope: operation.scope } };
    case 'migrations.new':
      return { name: operation.kind, args: { name: lastWord(operation.command) } };
    case 'migrations.rollback':
      return { name: operation.kind, args: given({ last: operation.last?.toString(), to: operation.to && textOf(operation.to) }) };
    case 'backup':
      return { name: 'backup.dump', args: given({ file: operation.file, table: operation.table }) };
    case 'restore':
      return { name: 'db.restore', args: given({ file: operation.file }) };
    case 'cliUpdate':
      return { name: 'cli.update', args: { package: lastWord(operation.command) } };
    case 'gitLog':
      return { name: 'git.log', args: given({ since: /--since="([^"]*)"/.exec(operation.command)?.[1], oneline: operation.command.includes('--oneline') ? '' : undefined }) };
    case 'link':
      return { name: operation.kind, args: { ref: textOf(operation.ref) } };
    case 'tlsCheck':
      return { name: 'tls.check', args: { host: textOf(operation.host), port: String(operation.port) } };
    case 'changeFolder':
      return { name: 'cd', args: { '': textOf(operation.folder) } };
    case 'frontendRollback':
      return { name: 'frontend.rollback', args: { '': operation.command.split(' ')[0] ?? '' } };
    case 'terminal':
      return { name: operation.kind, args: { '': operation.command } };
    case 'note':
      return noteProposal(operation, text, remark);
    default:
      return { name: operation.kind, args: {} };
  }
}

function sqlProposal(operation: Extract<Operation, { kind: 'sql' }>): Proposal {
  if (operation.file === undefined) {
    return { name: `sql.${operation.statementKind}`, args: {} };
  }
  const { name, format, header } = operation.file;
  return { name: 'sql.export', args: { query: operation.statement, file: name, format, ...flag('header', header) } };
}

function httpProposal({ method, target, timings, body }: Extract<Operation, { kind: 'http' }>): Proposal {
  const name = `http.${method.toLowerCase()}`;
  const shown = { ...(timings ? { show: 'timings' } : {}), ...(body?.startsWith('[') === true ? { body } : {}) };
  switch (target.kind) {
    case 'function':
      return { name, args: { function: textOf(target.slug) + target.path, ...shown } };
    case 'project':
      return { name, args: { path: target.path, ...shown } };
    case 'url':
      return { name, args: { url: textOf(target.url), ...shown } };
  }
}

function logsProposal(operation: Extract<Operation, { kind: 'logs' }>): Proposal {
  const { functions, services, level, grep, limit, sinceMinutes } = operation;
  const what =
    functions === '*'
      ? { functions: '*' }
      : functions !== undefined
        ? { function: functions.map(textOf).join('+') }
        : services.length === 1
          ? { service: services[0] }
          : { services: '*' };
  return {
    name: 'logs.tail',
    args: given({
      ...what,
      ...flag('follow', operation.follow),
      // Postgres calls its plain lines LOG.
      level: level === 'info' ? 'log' : level,
      grep,
      limit: limit?.toString(),
      since: sinceMinutes === undefined ? undefined : `${sinceMinutes / 60}h`,
      stat: operation.statistics ? 'execution_time_ms' : undefined,
    }),
  };
}

function secretsProposal({ secrets }: Extract<Operation, { kind: 'secrets.set' }>): Proposal {
  const random = secrets.map(({ source }) => source).find((source) => source.kind === 'random');
  const generate = random === undefined ? undefined : `random:${random.bytes}:${random.encoding}`;
  return { name: 'secrets.set', args: given({ names: secrets.map(({ name }) => name).join('+'), generate }) };
}

/** The dashboard's own addresses stand for the ones that the table proposes. */
const pages: Readonly<Record<string, string>> = {
  'logs/postgres-logs': 'database/logs',
  'settings/jwt': 'settings/api-keys',
  'database/backups/pitr': 'database/backups',
  'database/backups/scheduled': 'database/backups',
};

function noteProposal({ page, expects, offers }: Extract<Operation, { kind: 'note' }>, text: string, remark: string | undefined): Proposal {
  const table = offers?.kind === 'sql' ? /public\.(\w+)/.exec(offers.statement)?.[1] : undefined;
  const isPlan = text === 'EXPLAIN ANALYZE' && remark?.includes('plan') === true;
  return {
    name: 'note',
    args: given({
      page: page === undefined ? undefined : (pages[page] ?? page),
      expect: expects?.status?.toString(),
      json: expects?.json === undefined ? undefined : '',
      offer: table === undefined ? (isPlan ? 'sql.explain' : undefined) : `sql.read ${table}`,
    }),
  };
}

export function textOf(argument: Argument): string {
  return argument.kind === 'value' ? argument.value : argument.placeholder.text;
}

function flag(name: string, isSet: boolean): Record<string, string> {
  return isSet ? { [name]: '' } : {};
}

function given(args: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(args).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
}

function lastWord(command: string): string {
  return command.split(' ').at(-1) ?? '';
}
