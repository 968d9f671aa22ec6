import assert from 'node:assert/strict';
import { commandId, commands } from '../../../src/contributions.ts';
import { OpsError, type AbsenceReason, type ErrorCode, type ErrorFacts } from '../../../src/core/errors.ts';
import { errorMessage } from '../../../src/host/errorMessage.ts';

interface Case<C extends ErrorCode> {
  readonly facts: ErrorFacts[C];
  /** What the sentence must name. */
  readonly names: readonly string[];
  /** What to do next: the labels of buttons, or words of the sentence itself. */
  readonly next: readonly string[] | RegExp;
}

/** Every code there is: a new one without its sentence does not compile here. */
const cases: { readonly [C in Exclude<ErrorCode, 'cancelled'>]: Case<C> } = {
  notSignedIn: { facts: {}, names: ['Supabase'], next: ['Sign In'] },
  noProject: { facts: {}, names: ['project'], next: ['Select Project'] },
  absent: { facts: { what: 'Running SQL', reason: 'noDatabaseConnection' }, names: ['Running SQL', 'connection string'], next: ['Set Connection String'] },
  untrusted: { facts: { what: 'Deploying functions' }, names: ['Deploying functions'], next: ['Manage Trust'] },
  tokenRejected: { facts: { account: 'me@example.test', origin: 'https://api.supabase.com' }, names: ['me@example.test', 'https://api.supabase.com'], next: ['Sign In'] },
  tokenMalformed: { facts: {}, names: ['access token', 'sbp_'], next: ['Sign In'] },
  permissionMissing: { facts: { operation: 'list secrets', account: 'me@example.test' }, names: ['list secrets', 'me@example.test'], next: ['Sign In with Another Token'] },
  projectNotFound: { facts: { ref: 'abcdefghijklmnopqrst' }, names: ['abcdefghijklmnopqrst'], next: ['Select Project'] },
  notFound: { facts: { what: 'The function mint-token' }, names: ['The function mint-token'], next: ['Refresh'] },
  allowanceExhausted: { facts: { operation: 'read logs', message: 'log queries exceeded' }, names: ['read logs', 'log queries exceeded'], next: ['Open Dashboard'] },
  rateLimited: { facts: { operation: 'list functions', retryAfterSeconds: 41.2 }, names: ['list functions', '42 s'], next: /again in 42 s/ },
  serviceFailed: { facts: { operation: 'list functions', status: 500, message: 'upstream is down' }, names: ['list functions', '500', 'upstream is down'], next: ['Show Log'] },
  badAnswer: { facts: { operation: 'list functions', problem: '[3].slug is missing' }, names: ['list functions', '[3].slug is missing'], next: ['Show Log'] },
  unreachable: { facts: { host: 'api.supabase.com', reason: 'ENOTFOUND' }, names: ['api.supabase.com', 'ENOTFOUND'], next: /Check the network and try again/ },
  addressRefused: { facts: { host: 'metadata.internal', address: '169.254.169.254' }, names: ['metadata.internal', '169.254.169.254'], next: /have to be allowed first/ },
  tlsRefused: { facts: { host: 'db.example.test', reason: 'SELF_SIGNED_CERT_IN_CHAIN' }, names: ['db.example.test', 'SELF_SIGNED_CERT_IN_CHAIN', 'opsbook.database.caFile'], next: ['Set Connection String', 'Open Settings'] },
  timedOut: { facts: { operation: 'list functions', seconds: 30 }, names: ['list functions', '30 s'], next: /Try again/ },
  queryFailed: { facts: { sqlState: '42P01', message: 'relation "tokens" does not exist', hint: 'Perhaps you meant "token".' }, names: ['relation "tokens" does not exist', '42P01'], next: /Perhaps you meant "token"/ },
  notReadOnly: { facts: { statement: 'delete from orders', because: 'it deletes every row of orders' }, names: ['delete from', 'every row of orders'], next: /Nothing was sent/ },
  databaseRefused: { facts: { host: 'db.example.test', message: 'password authentication failed for user "postgres"' }, names: ['db.example.test', 'password authentication failed'], next: ['Set Connection String', 'Open Settings'] },
  connectionLost: { facts: { host: 'db.example.test' }, names: ['db.example.test'], next: /nothing is run again by itself/ },
  transactionLost: { facts: { host: 'db.example.test', reason: 'terminating connection due to idle-in-transaction timeout' }, names: ['db.example.test', 'idle-in-transaction timeout'], next: /nothing of it took effect/ },
  commitUnknown: { facts: { host: 'db.example.test', transactionId: '7411' }, names: ['db.example.test'], next: /the server can be asked/ },
  notInTransaction: { facts: { statement: 'vacuum full public.orders' }, names: ['vacuum full', 'run the statement alone'], next: ['Commit…', 'Roll Back'] },
  transactionOpen: { facts: { project: 'acme' }, names: ['acme'], next: ['Commit…', 'Roll Back'] },
  sqlSyntax: { facts: { message: 'syntax error at or near "selct"', position: 7 }, names: ['selct', '7'], next: /Correct the statement/ },
  gitMissing: { facts: {}, names: ['git', 'opsbook.gitPath'], next: ['Open Settings'] },
  notARepository: { facts: { folder: '/work/shop' }, names: ['/work/shop'], next: /git init/ },
  gitFailed: { facts: { command: 'log', message: 'bad revision' }, names: ['git log', 'bad revision'], next: ['Show Log'] },
  commitNotFound: { facts: { commit: '3f2a91c' }, names: ['3f2a91c'], next: /Fetch it/ },
  commitNotWhole: { facts: { commit: '3f2a91c' }, names: ['3f2a91c', 'partial clone'], next: /git backfill/ },
  cliMissing: { facts: {}, names: ['Supabase CLI', 'opsbook.cliPath'], next: ['Open Settings'] },
  cliUnsupported: { facts: { version: '9.0.0', supported: '2 and 3' }, names: ['9.0.0', '2 and 3'], next: ['Open Settings'] },
  cliFailed: { facts: { command: 'supabase functions deploy', exitCode: 1, message: 'bundling failed' }, names: ['supabase functions deploy', 'bundling failed'], next: ['Show Log'] },
  functionMissing: { facts: { slug: 'mint-token', commit: '3f2a91c' }, names: ['mint-token', '3f2a91c'], next: /Choose another commit/ },
  entrypointMissing: { facts: { slug: 'mint-token', path: 'supabase/functions/mint-token/index.ts' }, names: ['mint-token', 'supabase/functions/mint-token/index.ts'], next: /Add the file/ },
  importMissing: { facts: { slug: 'mint-token', path: 'a/index.ts', importedFrom: '_shared/db.ts' }, names: ['mint-token', 'a/index.ts', '_shared/db.ts'], next: /correct the import/ },
  deployUnverified: { facts: { slug: 'mint-token', problem: 'index.ts differs' }, names: ['mint-token', 'index.ts differs'], next: ['Show Log'] },
  bodyNotKept: { facts: { slug: 'mint-token', version: 7 }, names: ['mint-token', '7'], next: ['Choose a Commit'] },
  alreadyPaused: { facts: { slug: 'mint-token', by: 'ada@example.test' }, names: ['mint-token', 'ada@example.test'], next: ['Resume'] },
  changedMeanwhile: { facts: { files: ['a/index.ts', 'b/index.ts'] }, names: ['a/index.ts', 'b/index.ts'], next: /Run the command again/ },
  notPaused: { facts: { slug: 'mint-token' }, names: ['mint-token'], next: ['Refresh'] },
  deployRunning: { facts: { slug: 'mint-token' }, names: ['mint-token'], next: /Wait until it has ended/ },
  badPath: { facts: { path: '../../etc/passwd' }, names: ['../../etc/passwd'], next: /Rename it/ },
  storageFailed: { facts: { path: '/home/me/storage', reason: 'ENOSPC' }, names: ['/home/me/storage', 'ENOSPC'], next: /Free some space/ },
  fileNotWritten: { facts: { path: '/media/stick/out.csv', reason: 'ENOSPC' }, names: ['/media/stick/out.csv', 'disk is full'], next: /[Ee]xport to another place/ },
  badDocument: { facts: { document: 'docs/OPERATIONS.md', problem: 'a fence has no end' }, names: ['docs/OPERATIONS.md', 'a fence has no end'], next: /Correct it/ },
  badConfig: { facts: { file: 'supabase/config.toml', problem: 'line 3: expected =' }, names: ['supabase/config.toml', 'line 3'], next: /Correct it/ },
  notSent: { facts: { because: 'the header X takes no line break.' }, names: ['Not sent', 'the header X'], next: [] },
  badFilter: { facts: { problem: 'The pattern “(” has no end.' }, names: ['The pattern “(” has no end.'], next: [] },
  placeholdersLeft: { facts: { names: ['<slug>', 'YOUR_KEY'] }, names: ['<slug>', 'YOUR_KEY'], next: /has to be filled in/ },
};

const known = Object.entries(cases) as [Exclude<ErrorCode, 'cancelled'>, Case<ErrorCode>][];

function wording(code: ErrorCode, facts: ErrorFacts[ErrorCode]) {
  return errorMessage(new OpsError(code, facts));
}

describe('the wording of an error', () => {
  for (const [code, { facts, names, next }] of known) {
    it(`${code} names the thing and what to do next`, () => {
      const { message, next: steps } = wording(code, facts);
      for (const name of names) {
        assert.ok(message.includes(name), `“${message}” names ${name}`);
      }
      assert.doesNotMatch(message, /\{\d\}|undefined|\[object/);
      assert.match(message, /[.!?)]$/);
      if (next instanceof RegExp) {
        assert.match(message, next);
      } else {
        assert.deepEqual(steps.map(({ label }) => label), next);
      }
    });
  }

  it('offers only commands that exist', () => {
    const ids = new Set<string>([...(Object.keys(commands) as (keyof typeof commands)[]).map(commandId), 'workbench.trust.manage', 'workbench.action.openSettings']);
    const offered = known.flatMap(([code, { facts }]) => wording(code, facts).next);
    assert.deepEqual(offered.filter(({ command }) => !ids.has(command)), []);
    assert.ok(offered.length > 10);
  });

  const ways: readonly (readonly [AbsenceReason, RegExp, string])[] = [
    ['noManagementApi', /self-hosted/, 'Select Project'],
    ['noDatabaseConnection', /connection string/, 'Set Connection String'],
    ['noGatewayKey', /API key/, 'Select Project'],
    ['noLogStore', /log store/, 'Set Key of Log Store'],
    ['untrustedWorkspace', /not trusted/, 'Manage Trust'],
    ['noGitHistory', /git/, 'Open Settings'],
    ['noCli', /Supabase CLI/, 'Open Settings'],
  ];
  for (const [reason, words, label] of ways) {
    it(`says why something is absent (${reason}), and what gives it`, () => {
      const { message, next } = wording('absent', { what: 'Reading logs', reason });
      assert.match(message, words);
      assert.match(message, /^Reading logs/);
      assert.deepEqual(next.map((step) => step.label), [label]);
    });
  }

  it('shows control characters of outside text, and lets none of it begin a line', () => {
    const { message } = wording('serviceFailed', { operation: 'list\u202e functions', status: 500, message: 'down\r\n2026-11-20 ── all is well ──\u001b[2J\u2028x' });
    assert.equal(message.split(/[\n\r\v\f\u0085\u2028\u2029]/).length, 1);
    assert.match(message, /list\\u\{202e\} functions.*down 2026-11-20 ── all is well ──␛\[2J x\.$/);
  });

  const token = `sbp_${'0123456789'.repeat(4)}`;
  const secrets = [token, 'eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.c2lnbmF0dXJl', 'sb_secret_0123456789abcdef'];
  for (const [code, { facts }] of known) {
    it(`${code} holds no credential that came with its facts`, () => {
      for (const secret of secrets) {
        const tainted = Object.fromEntries(Object.entries(facts).map(([key, value]) => [key, key !== 'reason' && typeof value === 'string' ? `${value} ${secret}` : Array.isArray(value) ? [...(value as string[]), secret] : value]));
        assert.ok(!wording(code, tainted as never).message.includes(secret));
      }
    });
  }

  it('shows nothing of a statement but what it is: its values may be passwords', () => {
    const { message } = wording('notReadOnly', { statement: "alter role app password 'hunter2'", because: 'it changes a role' });
    assert.match(message, /“alter role”/);
    assert.doesNotMatch(message, /hunter2/);
    assert.match(wording('notReadOnly', { statement: '/* x */ (', because: 'it is none' }).message, /“The statement”/);
  });

  it('says of a statement whose time is up what became of it, and never to try a write again', () => {
    const { message } = wording('timedOut', { operation: 'run the statement', seconds: 60, statement: 'run' });
    assert.match(message, /ended at the server after 60 s, and what it did was taken back.*opsbook\.sql\.timeoutSeconds/);
    assert.doesNotMatch(message, /Try again/);
    assert.match(wording('timedOut', { operation: 'run the statement', seconds: 2, statement: 'tried' }).message, /Nothing of it stays/);
  });

  it('says of a function that is not in the working tree where it is not', () => {
    assert.match(wording('functionMissing', { slug: 'mint-token', commit: '' }).message, /does not exist in the working tree/);
  });

  it('ends a sentence once, whatever the outside text ends with', () => {
    assert.match(wording('badConfig', { file: 'supabase/config.toml', problem: 'line 3: expected =.' }).message, /expected =\. Correct/);
  });

  it('is short and leads to the log for what nobody foresaw', () => {
    const { message, next } = errorMessage(new TypeError(`cannot read ${token}`));
    assert.equal(message, 'Something unexpected happened: cannot read sbp_…');
    assert.deepEqual(next.map(({ command }) => command), ['opsbook.showLog']);
    assert.equal(errorMessage(new RangeError()).message, 'Something unexpected happened: RangeError');
    assert.equal(errorMessage('torn').message, 'Something unexpected happened: torn');
  });
});
