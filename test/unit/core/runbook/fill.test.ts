import assert from 'node:assert/strict';
import { loadShellGrammar } from '../../../../src/adapters/text/shell.ts';
import { isOpsError } from '../../../../src/core/errors.ts';
import type { Step } from '../../../../src/core/runbook/document.ts';
import { fill } from '../../../../src/core/runbook/fill.ts';
import { interpret } from '../../../../src/core/runbook/interpret.ts';
import type { Instruction, Operation } from '../../../../src/core/runbook/operation.ts';
import type { ShellGrammar } from '../../../../src/core/runbook/shell.ts';

describe('filling in', () => {
  let shell: ShellGrammar;

  before(async () => {
    shell = await loadShellGrammar();
  });

  function instructionOf(text: string, language: 'shell' | 'sql' = 'shell'): Instruction {
    const range = { start: 0, end: text.length };
    const step: Step = { id: 'x', documentUri: 'file:///m.md', sectionPath: [], origin: 'fence', language, languageTag: '', range, codeRange: range, text, lines: [], options: { other: {} }, title: '' };
    return interpret(step, { shell })[0] ?? assert.fail('nothing was read');
  }

  const filled = (text: string, answers: Record<string, string>, language: 'shell' | 'sql' = 'shell'): Operation =>
    fill(instructionOf(text, language), new Map(Object.entries(answers))).operation;
  const statement = (text: string, answers: Record<string, string>): string => {
    const operation = filled(text, answers, 'sql');
    return operation.kind === 'sql' ? operation.statement : assert.fail(operation.kind);
  };
  const command = (text: string, answers: Record<string, string>): string => {
    const operation = filled(text, answers);
    return 'command' in operation ? operation.command : assert.fail(operation.kind);
  };

  it('puts values in the places of arguments', () => {
    assert.deepEqual(filled('supabase functions logs <f>', { '<f>': 'hello' }), {
      kind: 'logs',
      services: ['functions', 'invocations'],
      functions: [{ kind: 'value', value: 'hello' }],
      follow: false,
      statistics: false,
    });
    assert.deepEqual(filled('git checkout [commit]\nsupabase functions deploy [function]\ngit checkout main', { '[commit]': 'abc', '[function]': 'hello' }), {
      kind: 'functions.rollback',
      slug: { kind: 'value', value: 'hello' },
      commit: { kind: 'value', value: 'abc' },
    });
    assert.deepEqual(filled('supabase secrets set <NAME>=x', { '<NAME>': 'KEY' }), { kind: 'secrets.set', secrets: [{ name: 'KEY', source: { kind: 'offer', value: 'x' } }] });
  });

  it('leaves nothing open: what has no answer is named', () => {
    const instruction = instructionOf('curl -X POST [webhook_url] [test_payload]');
    for (const answers of [{}, { '[webhook_url]': 'https://x.test' }, { '[webhook_url]': 'https://x.test', '[test_payload]': ' ' }]) {
      assert.throws(
        () => fill(instruction, new Map(Object.entries(answers))),
        (error) => isOpsError(error, 'placeholdersLeft') && error.facts.names.includes('[test_payload]'),
      );
    }
    const done = fill(instruction, new Map([['[webhook_url]', 'https://x.test'], ['[test_payload]', '{}']]));
    assert.deepEqual(done.placeholders, []);
    assert.equal(instruction.placeholders.length, 2);
  });

  it('changes nothing where nothing is open', () => {
    const instruction = instructionOf('supabase functions list');
    assert.deepEqual(fill(instruction, new Map([['functions', 'x']])), instruction);
  });

  it('takes no control characters where a line must stay a line', () => {
    for (const bad of ['a\nb', 'a\x1b[0m', 'a\0', '\x7f', '\x9b']) {
      assert.throws(() => filled('ls <folder>', { '<folder>': bad }), (error) => isOpsError(error, 'placeholdersLeft'));
    }
  });

  it('never searches an answer for placeholders', () => {
    assert.equal(command('cp <a> <b>', { '<a>': '<b>', '<b>': '<a>' }), `cp '<b>' '<a>'`);
    assert.equal(statement(`select '<a>', '<b>' from <t>`.replaceAll('<a>', '{{a}}').replaceAll('<b>', '{{b}}'), { '{{a}}': '{{b}}', '{{b}}': '1', '<t>': 't' }), `select '{{b}}', '1' from t`);
  });

  describe('for a shell', () => {
    const cases: readonly [string, string, string][] = [
      ['ls <x>', 'plain-1.0/a', 'ls plain-1.0/a'],
      ['ls <x>', 'a b; rm -rf /', `ls 'a b; rm -rf /'`],
      ['ls <x>', `it's`, `ls 'it'\\''s'`],
      ['ls <x>', '$(reboot)', `ls '$(reboot)'`],
      ['ls "<x>/y"', 'a "$(b)" \\', 'ls "a \\"\\$(b)\\" \\\\/y"'],
      [`ls '<x>'`, `it's $HOME`, `ls 'it'\\''s $HOME'`],
      [`ls 'a"b' <x>`, 'c d', `ls 'a"b' 'c d'`],
    ];
    for (const [text, answer, expected] of cases) {
      it(`${text} with ${answer}`, () => {
        assert.equal(command(text, { '<x>': answer }), expected);
      });
    }

    it('whole words only', () => {
      assert.equal(command('cp function-name my-function-name/function-name', { 'function-name': 'hello', 'my-function-name': 'world' }), 'cp hello world/hello');
    });
  });

  describe('for SQL', () => {
    const cases: readonly [string, string, string, string][] = [
      [`select 1 from t where a = 'problem-token'`, 'problem-token', `x' or '1'='1`, `select 1 from t where a = 'x'' or ''1''=''1'`],
      [`select 1 from t where a = E'{{x}}'`, '{{x}}', `\\' or 1=1 --`, `select 1 from t where a = E'\\\\'' or 1=1 --'`],
      ['select 1 from t where a = <id>', '<id>', '42', 'select 1 from t where a = 42'],
      ['select 1 from t where a = <id>', '<id>', `1; drop table t`, `select 1 from t where a = '1; drop table t'`],
      ['select 1 from t where a = $ID', '$ID', `a'b`, `select 1 from t where a = 'a''b'`],
      ['select 1 from <table>', '<table>', 'public.tokens', 'select 1 from public.tokens'],
      ['select 1 from <table>', '<table>', 'a; drop table b', 'select 1 from "a; drop table b"'],
      ['select 1 from public.<table>', '<table>', 'My"Table', 'select 1 from public."My""Table"'],
      ['create index i on public.table_name(id)', 'table_name', 'tokens', 'create index i on public.tokens(id)'],
      ['select /* {{a}} */ {{a}}', '{{a}}', 'b', `select /* {{a}} */ 'b'`],
    ];
    for (const [text, name, answer, expected] of cases) {
      it(`${text} with ${answer}`, () => {
        assert.equal(statement(text, { [name]: answer }), expected);
      });
    }
  });

  describe('for a request', () => {
    const http = (text: string, answers: Record<string, string>): Extract<Operation, { kind: 'http' }> => {
      const operation = filled(text, answers);
      return operation.kind === 'http' ? operation : assert.fail(operation.kind);
    };

    it('escapes in JSON, encodes in paths, and leaves hosts and whole bodies alone', () => {
      assert.equal(http(`curl -X POST /functions/v1/a -d '{"id": "test-123", "n": {count}}'`, { 'test-123': 'a"b\\c', '{count}': '3' }).body, '{"id": "a\\"b\\\\c", "n": 3}');
      assert.deepEqual(http('curl "/rest/v1/t?id=eq.{id}"', { '{id}': 'a&b=c d' }).target, { kind: 'project', path: '/rest/v1/t?id=eq.a%26b%3Dc%20d' });
      assert.deepEqual(http('curl https://your-domain.com/a/<part>', { 'your-domain.com': 'acme.test:8080', '<part>': '../x' }).target, { kind: 'url', url: { kind: 'value', value: 'https://acme.test:8080/a/..%2Fx' } });
      assert.equal(http('curl -X POST [url] [payload]', { '[url]': 'https://x.test', '[payload]': '{"a": "b"}' }).body, '{"a": "b"}');
      assert.deepEqual(http('curl -H "Authorization: Bearer <token>" https://x.test', { '<token>': 'abc' }).headers, { Authorization: 'Bearer abc' });
    });
  });
});
