import { readWords } from '../sql/words.ts';
import type { Operation, Risk } from './operation.ts';

const gravity: readonly Risk[] = ['none', 'reads', 'writes', 'deploys', 'secret', 'destroys'];

/** The gravest of several, `none` of none. */
export function gravest(risks: Iterable<Risk>): Risk {
  let worst: Risk = 'none';
  for (const risk of risks) {
    worst = gravity.indexOf(risk) > gravity.indexOf(worst) ? risk : worst;
  }
  return worst;
}

/** What an operation does to the project, known before it runs. */
export function riskOf(operation: Operation): Risk {
  switch (operation.kind) {
    case 'sql':
      return statementRisk(operation.statement, operation.statementKind);
    case 'http':
      return methodRisk(operation.method);
    case 'terminal':
      return terminalRisk(operation.command);
    case 'functions.deploy':
    case 'functions.rollback':
    case 'frontendRollback':
      return 'deploys';
    case 'secrets.set':
    case 'login':
      return 'secret';
    case 'migrations.new':
    case 'migrations.push':
    case 'cliUpdate':
    case 'link':
      return 'writes';
    case 'migrations.rollback':
    case 'restore':
      return 'destroys';
    case 'note':
    case 'changeFolder':
      return 'none';
    case 'logs':
    case 'functions.list':
    case 'functions.serve':
    case 'secrets.list':
    case 'database.inspect':
    case 'database.stats':
    case 'database.analyze':
    case 'health':
    case 'migrations.list':
    case 'gitLog':
    case 'backup':
    case 'tlsCheck':
      return 'reads';
  }
}

function statementRisk(statement: string, kind: Extract<Operation, { kind: 'sql' }>['statementKind']): Risk {
  if (kind === 'read' || kind === 'export') {
    return 'reads';
  }
  const words = readWords(statement).flatMap(({ kind: of, lower }) => (of === 'word' ? [lower] : []));
  const [first = '', second = ''] = words;
  const isGone =
    ['delete', 'truncate', 'drop'].includes(first) ||
    (first === 'with' && words.some((word, index) => word === 'delete' && words[index + 1] === 'from')) ||
    (first === 'alter' && second === 'table' && words.includes('drop'));
  return isGone ? 'destroys' : 'writes';
}

function methodRisk(method: string): Risk {
  return method === 'DELETE' ? 'destroys' : ['GET', 'HEAD', 'OPTIONS'].includes(method) ? 'reads' : 'writes';
}

/** First words of commands that change nothing. */
const readers = [
  ...'ls cat head tail grep rg wc find pwd which whoami env printenv date uptime df du ps top dig nslookup ping host traceroute jq echo'.split(' '),
  ...['git status', 'git diff', 'git show', 'git log', 'git branch', 'git blame', 'git remote'],
  ...['vercel list', 'vercel ls', 'vercel inspect', 'vercel logs', 'vercel whoami', 'vercel env ls'],
  ...['npm ls', 'npm list', 'npm outdated', 'npm audit', 'npm view', 'npm test', 'deno check', 'deno lint', 'deno test', 'deno info'],
  ...['docker ps', 'docker logs', 'docker stats', 'openssl s_client', 'openssl x509', 'openssl rand', 'kubectl get', 'kubectl logs'],
  ...['supabase projects list', 'supabase branches list', 'supabase gen types', 'supabase --version', 'supabase --help', 'node --version'],
];

const destroyers = /(?:^|[;&|(]\s*|\bsudo\s+)(?:rm|dropdb|shred|mkfs\S*)\s|\bgit\s+(?:reset\s+--hard|clean)\b|\bsupabase\b.*\b(?:delete|reset)\b/;

/** Commands of a terminal are taken for changes unless they are known to read. */
function terminalRisk(command: string): Risk {
  if (destroyers.test(command)) {
    return 'destroys';
  }
  if (/\bsupabase\b.*\bsecrets (?:set|unset)\b/.test(command)) {
    return 'secret';
  }
  if (/^vercel(?:\s+deploy\b|\s+--prod\b|\s*$)|^netlify deploy\b|^fly(?:ctl)? deploy\b/.test(command)) {
    return 'deploys';
  }
  const reads = readers.some((reader) => command === reader || command.startsWith(`${reader} `));
  return reads && !/[;&>]/.test(command.replace(/[12&]?>&?\s*(?:\/dev\/null|[12])/g, '')) ? 'reads' : 'writes';
}
