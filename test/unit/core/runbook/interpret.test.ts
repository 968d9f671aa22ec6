import assert from 'node:assert/strict';
import { loadMarkdownGrammar } from '../../../../src/adapters/text/markdown.ts';
import { loadShellGrammar } from '../../../../src/adapters/text/shell.ts';
import type { Step } from '../../../../src/core/runbook/document.ts';
import { interpret } from '../../../../src/core/runbook/interpret.ts';
import type { Surroundings } from '../../../../src/core/runbook/interpret.ts';
import type { MarkdownGrammar } from '../../../../src/core/runbook/markdown.ts';
import type { Instruction, Operation } from '../../../../src/core/runbook/operation.ts';
import { parseDocument } from '../../../../src/core/runbook/parseDocument.ts';
import { gravest } from '../../../../src/core/runbook/risk.ts';
import type { ShellGrammar } from '../../../../src/core/runbook/shell.ts';
import { parseProposal, proposalOf } from './proposals.ts';

describe('interpretation', () => {
  let markdown: MarkdownGrammar;
  let shell: ShellGrammar;

  before(async () => {
    [markdown, shell] = await Promise.all([loadMarkdownGrammar(), loadShellGrammar()]);
  });

  const stepsOf = (text: string): Step[] => parseDocument('file:///m.md', text, markdown).sections.flatMap((section) => section.steps);

  function read(code: string, { heading = 'H', tag = 'bash', ...known }: Surroundings & { heading?: string; tag?: string } = {}): readonly Instruction[] {
    const [step] = stepsOf(`# Top\n## ${heading}\n\`\`\`\`${tag}\n${code}\n\`\`\`\`\n`);
    assert.ok(step);
    const instructions = interpret(step, { shell, files: new Set(), ...known });
    for (const { range, text } of instructions) {
      assert.equal(step.text.slice(range.start, range.end), text);
    }
    return instructions;
  }

  function only(code: string, known?: Parameters<typeof read>[1]): Instruction {
    const [instruction, ...others] = read(code, known);
    assert.equal(others.length, 0, code);
    return instruction ?? assert.fail('nothing was read');
  }

  const kinds = (code: string, known?: Parameters<typeof read>[1]): string[] => read(code, known).map(({ operation }) => operation.kind);

  /** The commands of all kinds of manuals, with what they mean. */
  const table: readonly (readonly [string, string, string])[] = [
    ['supabase functions list', 'functions.list', 'reads'],
    ['supabase functions logs', 'logs.tail{functions=*}', 'reads'],
    ['supabase functions logs --tail -f', 'logs.tail{functions=*,follow}', 'reads'],
    ['supabase functions logs hello --limit 20 --since 90m', 'logs.tail{function=hello,limit=20,since=1.5h}', 'reads'],
    ['supabase functions logs hello | grep -i "timed out"', 'logs.tail{function=hello,grep="timed out"}', 'reads'],
    ['supabase functions logs hello | grep "Duration" | head -5', 'logs.tail{function=hello,grep=Duration,limit=5,stat=execution_time_ms}', 'reads'],
    ['supabase logs --type=function --filter="function_name=hello" --since="2d"', 'logs.tail{function=hello,since=48h}', 'reads'],
    ['supabase logs --type db --level error', 'logs.tail{service=postgres,level=error}', 'reads'],
    ['supabase logs --service auth -f', 'logs.tail{service=auth,follow}', 'reads'],
    ['supabase logs', 'logs.tail{services=*}', 'reads'],
    ['supabase logs --type mainframe', 'terminal{supabase logs --type mainframe}', 'writes'],
    ['supabase db logs', 'logs.tail{service=postgres}', 'reads'],
    ['supabase secrets list | grep CIRCLE', 'secrets.list{grep=CIRCLE}', 'reads'],
    ['supabase secrets set A=1', 'secrets.set{names=A}', 'secret'],
    ['supabase secrets set A=$(openssl rand -hex 16) B=x', 'secrets.set{names=A+B,generate=random:16:hex}', 'secret'],
    ['supabase secrets set --env-file .env', 'terminal{supabase secrets set --env-file .env}', 'secret'],
    ['supabase secrets unset A', 'terminal{supabase secrets unset A}', 'secret'],
    ['supabase functions deploy', 'functions.deploy{slugs=*}', 'deploys'],
    ['supabase functions deploy a b --no-verify-jwt --project-ref x', 'functions.deploy{slugs=a+b,noVerifyJwt}', 'deploys'],
    ['supabase functions deploy --prune', 'terminal{supabase functions deploy --prune}', 'writes'],
    ['supabase functions delete a', 'terminal{supabase functions delete a}', 'destroys'],
    ['npx -y supabase@latest functions deploy a', 'functions.deploy{slugs=a}', 'deploys'],
    ['pnpm exec supabase db push', 'migrations.push', 'writes'],
    ['sudo npx supabase functions list', 'functions.list', 'reads'],
    ['supabase db push --local', 'terminal{supabase db push --local}', 'writes'],
    ['supabase inspect db db-stats --linked', 'db.stats', 'reads'],
    ['supabase inspect db outliers', 'db.analyze{slowQueries}', 'reads'],
    ['supabase inspect db bloat', 'db.inspect', 'reads'],
    ['supabase db analyze --slow-queries', 'db.analyze{slowQueries}', 'reads'],
    ['supabase db query "select 1;"', 'sql.read', 'reads'],
    ['supabase db query "drop table t"', 'sql.ddl', 'destroys'],
    ['psql "$DATABASE_URL" -c "delete from t"', 'sql.write', 'destroys'],
    ['psql -h host -f seed.sql', 'terminal{psql -h host -f seed.sql}', 'writes'],
    ['supabase db dump -f a.sql --table users', 'backup.dump{file=a.sql,table=users}', 'reads'],
    ['pg_dump "$DATABASE_URL" > all.sql', 'backup.dump{file=all.sql}', 'reads'],
    ['supabase db dump | gzip > a.gz', 'terminal{supabase db dump | gzip > a.gz}', 'writes'],
    ['supabase link --project-ref abcdefghijklmnopqrst', 'link{ref=abcdefghijklmnopqrst}', 'writes'],
    ['supabase status', 'health.report', 'reads'],
    ['supabase start', 'terminal{supabase start}', 'writes'],
    ['vercel rollback', 'frontend.rollback{vercel}', 'deploys'],
    ['vercel --prod', 'terminal{vercel --prod}', 'deploys'],
    ['vercel list --prod', 'terminal{vercel list --prod}', 'reads'],
    ['brew upgrade supabase', 'cli.update{package=supabase}', 'writes'],
    ['npm install', 'terminal{npm install}', 'writes'],
    ['openssl s_client -connect host.test:8443 -servername host.test', 'tls.check{host=host.test,port=8443}', 'reads'],
    ['git log --oneline', 'git.log{oneline}', 'reads'],
    ['git status', 'terminal{git status}', 'reads'],
    ['git checkout main', 'terminal{git checkout main}', 'writes'],
    ['rm -rf dist', 'terminal{rm -rf dist}', 'destroys'],
    ['cd apps/api', 'cd{apps/api}', 'none'],
    ['./scripts/nightly-backup.sh', 'backup.dump', 'reads'],
    ['./scripts/unknown.sh', 'terminal{./scripts/unknown.sh}', 'writes'],
    ['for f in a b; do supabase functions deploy $f; done', 'terminal{for f in a b; do supabase functions deploy $f; done}', 'writes'],
    ['supabase db push || exit 1', 'terminal{supabase db push || exit 1}', 'writes'],
  ];
  for (const [command, proposal, risk] of table) {
    it(command, () => {
      const instruction = only(command);
      assert.deepEqual(proposalOf(instruction), parseProposal(proposal));
      assert.equal(instruction.risk, risk);
    });
  }

  describe('of a fence', () => {
    it('goes command by command, with the comment above as the reason', () => {
      const instructions = read('# Look\nsupabase functions list\nsupabase secrets list\n\nsupabase status # is it up?\n', { heading: 'Morning' });
      assert.deepEqual(instructions.map(({ reason }) => reason), ['Look', 'Look', 'is it up?']);
      assert.equal(only('supabase status', { heading: 'Morning' }).reason, 'Morning');
    });

    it('reads `&&` and `;` as several commands', () => {
      assert.deepEqual(kinds('supabase db push && supabase functions deploy a; supabase functions list'), ['migrations.push', 'functions.deploy', 'functions.list']);
    });

    it('reads commands of which the whole is no shell', () => {
      const code = 'supabase functions list\necho "never closed\nsupabase secrets list\n) oops\nsupabase status';
      assert.deepEqual(kinds(code).filter((kind) => kind !== 'terminal'), ['functions.list', 'secrets.list', 'health']);
    });

    it('takes prompts away and leaves out what a session printed', () => {
      const session = '$ supabase functions list\nNAME  VERSION\nhello 3\n$ curl https://x.test/a \\\n> -H "A: b"\n# Done\n{"ok": true}';
      const [list, curl, note] = read(session, { tag: 'console' });
      assert.equal(list?.operation.kind, 'functions.list');
      assert.equal(curl?.operation.kind === 'http' && curl.operation.headers['A'], 'b');
      assert.equal(note?.operation.kind, 'note');
      assert.deepEqual(kinds('$ supabase status\nall good'), ['health']);
      assert.deepEqual(kinds('supabase status\nsupabase functions list', { tag: 'console' }), ['health', 'functions.list']);
    });

    it('takes pasted JSON for what must come back', () => {
      const [call, note, list] = read('curl https://x.test/health\n# Expected response (201 Created):\n{\n  "status": "it\'s fine",\n  "n": [1, 2]\n}\nsupabase functions list');
      assert.equal(call?.operation.kind, 'http');
      assert.deepEqual(note?.operation.kind === 'note' && note.operation.expects, { status: 201, json: '{\n  "status": "it\'s fine",\n  "n": [1, 2]\n}' });
      assert.equal(list?.operation.kind, 'functions.list');
    });

    it('leaves JSON in quotes and in a here-document where it is', () => {
      const quoted = only(`curl -X POST https://x.test/a -d '\n{\n  "a": 1\n}\n'`);
      assert.equal(quoted.operation.kind === 'http' && quoted.operation.body?.trim(), '{\n  "a": 1\n}');
      const document = only('cat <<EOF\n{\n  "a": 1\n}\nEOF');
      assert.equal(document.operation.kind === 'terminal' && document.operation.command, 'cat <<EOF\n{\n  "a": 1\n}\nEOF');
    });

    it('keeps comments that belong to no command as notes, with the page they name', () => {
      const [note] = read('# Check the database\n# Supabase Dashboard > Database > Logs');
      assert.deepEqual(note?.operation, {
        kind: 'note',
        text: 'Check the database\nSupabase Dashboard > Database > Logs',
        page: 'logs/postgres-logs',
        offers: { kind: 'logs', services: ['postgres'], follow: false, statistics: false },
      });
      assert.deepEqual(kinds('# Make new keys\n# Set them\nsupabase secrets set A=x\n# Then tell the team'), ['note', 'secrets.set', 'note']);
      assert.deepEqual(kinds('# This takes a minute,\n# so be patient\nsupabase db push'), ['migrations.push']);
    });

    it('understands variables that the fence sets', () => {
      const [set, deploy] = read('SLUG=hello\nsupabase functions deploy $SLUG');
      assert.equal(set?.operation.kind, 'note');
      assert.deepEqual(deploy && proposalOf(deploy), { name: 'functions.deploy', args: { slugs: 'hello' } });
      assert.deepEqual(deploy?.placeholders, []);
      assert.deepEqual(read('SLUG=your-function\nsupabase functions deploy $SLUG')[1]?.placeholders.map(({ text }) => text), ['$SLUG']);
    });

    it('of Windows is the same', () => {
      const [step] = stepsOf('# A\r\n```bash\r\n# c\r\ncurl https://x.test/a \\\r\n  -X POST\r\nsupabase status\r\n```\r\n');
      assert.ok(step);
      assert.deepEqual(interpret(step, { shell }).map(({ operation }) => operation.kind), ['http', 'health']);
    });
  });

  describe('by the words around', () => {
    it('tells migrations from health', () => {
      assert.deepEqual(kinds('# Verify migration success\nsupabase db status'), ['migrations.list']);
      assert.deepEqual(kinds('# Check database status\nsupabase db status'), ['health']);
      assert.deepEqual(kinds('# Check migration status\nsupabase db diff'), ['migrations.list']);
      assert.deepEqual(kinds('supabase db diff -f new'), ['terminal']);
    });

    it('tells a restart from a deploy', () => {
      const intent = (code: string): unknown => Object.entries(only(code).operation).find(([key]) => key === 'intent')?.[1];
      assert.equal(intent('# Restart it\nsupabase functions deploy a'), 'restart');
      assert.equal(intent('# Ship it\nsupabase functions deploy a'), 'deploy');
    });

    it('tells the function `auth` from the service', () => {
      const tail = (slugs?: readonly string[]): unknown => proposalOf(only('supabase functions logs auth', slugs === undefined ? {} : { functionSlugs: new Set(slugs) })).args;
      assert.deepEqual(tail(), { function: 'auth' });
      assert.deepEqual(tail(['auth', 'hello']), { function: 'auth' });
      assert.deepEqual(tail(['hello']), { service: 'auth' });
    });

    it('never resets a database', () => {
      const cases: readonly [string, string, Operation['kind']][] = [
        ['supabase db reset', 'Rollback', 'migrations.rollback'],
        ['# Rollback last migration\nsupabase db reset', 'H', 'migrations.rollback'],
        ['supabase db reset --version 20240101000000', 'H', 'migrations.rollback'],
        ['supabase db reset --last 2', 'Undo', 'migrations.rollback'],
        ['supabase db reset', 'Development', 'note'],
        ['# Start afresh on the local stack\nsupabase db reset', 'Rollback', 'note'],
        ['supabase db reset --local', 'Rollback', 'migrations.rollback'],
        ['supabase db reset --linked && supabase db push --file dump.sql', 'H', 'restore'],
        ['supabase db reset\npsql -f dump.sql', 'H', 'restore'],
        ['supabase db reset\npsql < dump.sql', 'H', 'restore'],
      ];
      for (const [code, heading, kind] of cases) {
        const instruction = only(code, { heading });
        assert.equal(instruction.operation.kind, kind, code);
        assert.match(instruction.remark ?? '', /Never run as written/);
      }
      assert.deepEqual(kinds('supabase db reset\nsupabase db push', { heading: 'Migration rollback' }), ['migrations.rollback', 'migrations.push']);
      assert.deepEqual(proposalOf(only('# Rollback last migration\nsupabase db reset')).args, { last: '1' });
    });

    it('takes a checkout, a deploy and a checkout for one rollback', () => {
      const code = 'git checkout <commit>\nsupabase functions deploy hello\ngit checkout main';
      const rollback = only(code);
      assert.deepEqual(proposalOf(rollback), { name: 'functions.rollback', args: { function: 'hello', commit: '<commit>' } });
      assert.equal(rollback.risk, 'deploys');
      assert.deepEqual(rollback.placeholders.map(({ text }) => text), ['<commit>']);
      assert.deepEqual(kinds('git checkout abc123\nsupabase functions deploy hello'), ['functions.rollback']);
      assert.deepEqual(kinds('git checkout -b fix\nsupabase functions deploy hello'), ['terminal', 'functions.deploy']);
      assert.deepEqual(kinds('git checkout abc123\nsupabase functions deploy'), ['terminal', 'functions.deploy']);
    });

    it('does what an absent script is named after', () => {
      const script = './scripts/production-health-check.sh';
      assert.deepEqual(kinds(script), ['health']);
      assert.deepEqual(kinds(script, { files: new Set(['scripts/production-health-check.sh']) }), ['terminal']);
      const [step] = stepsOf(`\`\`\`sh\n${script}\n\`\`\``);
      assert.deepEqual(step && interpret(step, { shell }).map(({ operation }) => operation.kind), ['terminal']);
    });
  });

  describe('of secrets', () => {
    const sources = (code: string): unknown => {
      const { operation, placeholders } = only(code);
      assert.deepEqual(placeholders, []);
      return operation.kind === 'secrets.set' ? operation.secrets.map(({ source }) => source) : assert.fail(operation.kind);
    };

    it('asks for what a manual leaves open, and keeps nothing of it', () => {
      assert.deepEqual(sources('supabase secrets set A=your_key B=<key> C="$KEY" D='), [{ kind: 'ask' }, { kind: 'ask' }, { kind: 'ask' }, { kind: 'ask' }]);
      assert.deepEqual(sources('supabase secrets set A=https://x.test/?k=YOUR_KEY'), [{ kind: 'ask', template: { before: 'https://x.test/?k=', after: '' } }]);
      assert.deepEqual(sources('supabase secrets set A=$(cat key.pem) B=$KEY-x'), [{ kind: 'ask' }, { kind: 'ask', template: { before: '', after: '-x' } }]);
    });

    it('offers what a manual writes out', () => {
      assert.deepEqual(sources(`supabase secrets set ALERT_EMAIL=ops@acme.test B='a b'`), [
        { kind: 'offer', value: 'ops@acme.test' },
        { kind: 'offer', value: 'a b' },
      ]);
    });

    it('asks for the name as well', () => {
      assert.deepEqual(only('supabase secrets set <NAME>=<value>').placeholders.map(({ text }) => text), ['<NAME>']);
    });
  });

  describe('of SQL', () => {
    const sql = (code: string, known: Surroundings = {}): readonly Instruction[] => read(code, { ...known, tag: 'sql' });

    it('goes statement by statement, with comments as reasons and notes', () => {
      const instructions = sql('-- Slow ones\nselect 1;\n\n-- by itself\n\nselect 2; -- two\n/* Last */ delete from t where true\n;\n-- end');
      assert.deepEqual(
        instructions.map(({ operation, reason }) => (operation.kind === 'sql' ? [operation.statement, reason] : [operation.kind, 'text' in operation ? operation.text : ''])),
        [
          ['select 1', 'Slow ones'],
          ['note', 'by itself'],
          ['select 2', 'H'],
          ['delete from t where true', 'Last'],
          ['note', 'end'],
        ],
      );
    });

    const statements: readonly [string, string, string][] = [
      ['select * from t', 'read', 'reads'],
      ['with a as (select 1) select * from a', 'read', 'reads'],
      ['with a as (delete from t returning *) select * from a', 'write', 'destroys'],
      ['select pg_terminate_backend(1)', 'write', 'writes'],
      ['explain select 1', 'read', 'reads'],
      ['explain analyze delete from t', 'write', 'writes'],
      ['insert into t values (1)', 'write', 'writes'],
      ['truncate t', 'write', 'destroys'],
      ['create index a on t (b)', 'ddl', 'writes'],
      ['drop table t', 'ddl', 'destroys'],
      ['alter table t drop column a', 'ddl', 'destroys'],
      ['vacuum t', 'unknown', 'writes'],
      [`copy t from '/tmp/x'`, 'write', 'writes'],
    ];
    for (const [statement, kind, risk] of statements) {
      it(statement, () => {
        const [instruction] = sql(statement);
        assert.equal(instruction?.operation.kind === 'sql' && instruction.operation.statementKind, kind);
        assert.equal(instruction?.risk, risk);
      });
    }

    it('exports what a server cannot write', () => {
      const exported = (code: string): unknown => sql(code)[0]?.operation;
      assert.deepEqual(exported(`COPY (SELECT * FROM a) TO 'a.csv' CSV HEADER;`), { kind: 'sql', statement: 'SELECT * FROM a', statementKind: 'export', file: { name: 'a.csv', format: 'csv', header: true } });
      assert.deepEqual(exported('copy public.a (b, c) to stdout'), { kind: 'sql', statement: 'SELECT b, c FROM public.a', statementKind: 'export', file: { name: 'export.csv', format: 'text', header: false } });
      assert.deepEqual(exported(`copy (select ' to ' -- ) to\n from "a to b") to '/tmp/o''k.csv' with (format csv, header false)`), {
        kind: 'sql',
        statement: `select ' to ' -- ) to\n from "a to b"`,
        statementKind: 'export',
        file: { name: "/tmp/o'k.csv", format: 'csv', header: false },
      });
      assert.deepEqual(exported(`copy (delete from a returning 1) to stdout`), { kind: 'sql', statement: 'copy (delete from a returning 1) to stdout', statementKind: 'write' });
    });

    it('reads words in comments and strings as what they are', () => {
      const facts = (code: string) => sql(code).map(({ operation, risk }) => (operation.kind === 'sql' ? [operation.statementKind, risk, operation.statement] : []));
      assert.deepEqual(facts(`insert into t values ('alter table a drop b')`), [['write', 'writes', `insert into t values ('alter table a drop b')`]]);
      assert.deepEqual(facts(`alter table t /* drop */ add column a int`), [['ddl', 'writes', `alter table t /* drop */ add column a int`]]);
      assert.deepEqual(facts(`select 'from a', 'sum(a->>''b'')::int', tablename from pg_stat_user_tables`), [['read', 'reads', `select 'from a', 'sum(a->>''b'')::int', relname from pg_stat_user_tables`]]);
    });

    it('runs corrected what is known to fail', () => {
      const [slow] = sql('select query, total_time as total_time from pg_stat_statements order by mean_time');
      assert.equal(slow?.operation.kind === 'sql' && slow.operation.statement, 'select query, total_exec_time as total_time from pg_stat_statements order by mean_exec_time');
      assert.match(slow?.remark ?? '', /total_exec_time for total_time, mean_exec_time for mean_time/);
      const [tables] = sql('select tablename from pg_stat_user_tables');
      assert.equal(tables?.operation.kind === 'sql' && tables.operation.statement, 'select relname from pg_stat_user_tables');
      const joined = 'select t.tablename from pg_tables t join pg_stat_user_tables s on s.relname = t.tablename';
      assert.equal(sql(joined)[0]?.remark, undefined);
      const [size] = sql(`select sum(metadata->>'size')::bigint from storage.objects`);
      assert.equal(size?.operation.kind === 'sql' && size.operation.statement, `select sum((metadata->>'size')::bigint) from storage.objects`);
    });

    it('knows psql from SQL', () => {
      const [list, plan] = sql('\\d users\nEXPLAIN ANALYZE;');
      assert.equal(list?.operation.kind, 'note');
      assert.equal(plan?.operation.kind, 'note');
    });
  });

  describe('of requests', () => {
    it('reads HTTP fences', () => {
      const [get, post] = read('# look\nGET https://x.test/a HTTP/1.1\nA: b\n\n###\nPOST /functions/v1/hello?x=1\nContent-Type: application/json\n\n{"a": "<value>"}\n', { tag: 'http' });
      assert.deepEqual(get?.operation, { kind: 'http', method: 'GET', target: { kind: 'url', url: { kind: 'value', value: 'https://x.test/a' } }, headers: { A: 'b' }, timings: false });
      assert.equal(get.reason, 'look');
      assert.deepEqual(post?.operation, {
        kind: 'http',
        method: 'POST',
        target: { kind: 'function', slug: { kind: 'value', value: 'hello' }, path: '?x=1' },
        headers: { 'Content-Type': 'application/json' },
        body: '{"a": "<value>"}',
        timings: false,
      });
      assert.deepEqual(post.placeholders.map(({ text }) => text), ['<value>']);
    });

    it('leaves other languages alone', () => {
      assert.equal(only('const a = 1;', { tag: 'typescript' }).risk, 'none');
    });
  });

  it('knows the gravest of several risks', () => {
    assert.equal(gravest(['reads', 'destroys', 'writes']), 'destroys');
    assert.equal(gravest([]), 'none');
  });

  it('never throws, and its instructions stand in order without overlap', () => {
    const parts = ['supabase functions logs', ' <x>', ' "', " '", '\n', '\\\n', ' | grep x', '# c', ' $(', ')', ' {', '}', '{"a": 1}', ' `', ' && ', ';', ' <<EOF', '\nEOF\n', '-- c', "select '", ' $X', ' [y]', '\0', '\ud800', '\ue000', ' git checkout', ' supabase db reset', 'curl -X', ' -d', '/*', '$$', '\\d ', 'GET /x', ' &'];
    let state = 11;
    const random = (below: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    for (let turn = 0; turn < 3000; turn++) {
      const text = Array.from({ length: random(12) }, () => parts[random(parts.length)]).join('');
      for (const language of ['shell', 'sql', 'http'] as const) {
        const step: Step = { ...(stepsOf('```sh\nx\n```')[0] ?? assert.fail()), language, languageTag: random(3) === 0 ? 'console' : '', text };
        let end = 0;
        for (const instruction of interpret(step, { shell, files: new Set() })) {
          assert.ok(instruction.range.start >= end && instruction.range.end <= text.length && instruction.range.end >= instruction.range.start, JSON.stringify(text));
          assert.equal(text.slice(instruction.range.start, instruction.range.end), instruction.text);
          end = instruction.range.end;
        }
      }
    }
  });

  it('takes no more than a moment for a fence of any size', () => {
    const [step] = stepsOf('```sh\nx\n```');
    assert.ok(step);
    for (const text of ['{\n'.repeat(50_000), 'echo "\n'.repeat(20_000), 'supabase functions deploy <a>\n'.repeat(3000), '# c\n'.repeat(50_000), `curl ${'-s '.repeat(50_000)}`, ') \n'.repeat(20_000)]) {
      interpret({ ...step, text }, { shell });
    }
  });
});
