import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { loadMarkdownGrammar } from '../../../../src/adapters/text/markdown.ts';
import { loadShellGrammar } from '../../../../src/adapters/text/shell.ts';
import { toDocumentRange } from '../../../../src/core/runbook/code.ts';
import { interpret } from '../../../../src/core/runbook/interpret.ts';
import type { InterpretContext } from '../../../../src/core/runbook/interpret.ts';
import type { Instruction, Risk } from '../../../../src/core/runbook/operation.ts';
import { parseDocument } from '../../../../src/core/runbook/parseDocument.ts';
import { skipFor } from '../../../world/skip.ts';
import { parseProposal, proposalOf } from './proposals.ts';

const shared = path.resolve(import.meta.dirname, '../../../../../shared');

interface Row {
  readonly seed: string;
  readonly line: number;
  readonly language: string;
  readonly command: string;
  readonly operation: string;
  readonly risk: string;
}

/** The names that the table of steps has for risks; notes count as reading there. */
const risks: Readonly<Record<string, readonly Risk[]>> = {
  read: ['reads', 'none'],
  write: ['writes'],
  destroy: ['destroys'],
  deploy: ['deploys'],
  secret: ['secret'],
};

/** Two names for one operation: `supabase status` asks the project. */
const synonyms: Readonly<Record<string, string>> = { status: 'health.report' };

/** Every instruction of a manual with the lines it stands on. */
interface Placed {
  readonly instruction: Instruction;
  readonly origin: string;
  readonly from: number;
  readonly to: number;
}

describe('the manuals, line by line', () => {
  let placed: ReadonlyMap<string, readonly Placed[]>;

  before(async function () {
    if (!existsSync(path.join(shared, 'seed-steps.tsv'))) {
      skipFor(this, 'needs ../shared');
    }
    placed = await readManuals();
  });

  const rows = existsSync(path.join(shared, 'seed-steps.tsv')) ? readRows() : [];

  it('are all there', () => {
    assert.equal(rows.length, 167);
  });

  for (const row of rows) {
    it(`${row.seed}:${row.line} ${row.command.slice(0, 60)}`, () => {
      const origin = row.language === 'inline' ? 'inline' : 'fence';
      const found = placed.get(row.seed)?.filter((each) => each.origin === origin && each.from <= row.line && row.line <= each.to) ?? [];
      assert.equal(found.length, 1, `instructions on line ${row.line}`);
      const { instruction } = found[0] as Placed;
      const expected = parseProposal(row.operation);
      const actual = proposalOf(instruction);
      assert.equal(actual.name, synonyms[expected.name] ?? expected.name);
      if (expected.name === 'note') {
        // A note may know more than the table asks for.
        assert.deepEqual({ ...actual.args, ...expected.args }, actual.args);
      } else {
        assert.deepEqual(actual.args, expected.args);
      }
      assert.ok(risks[row.risk]?.includes(instruction.risk), `risk ${instruction.risk} for ${row.risk}`);
    });
  }

  it('have no command that the table does not know', () => {
    for (const [seed, instructions] of placed) {
      const lines = rows.filter((row) => row.seed === seed).map(({ line }) => line);
      const unknown = instructions.filter(({ from, to }) => !lines.some((line) => from <= line && line <= to));
      assert.deepEqual(
        unknown.map(({ instruction }) => instruction.text),
        [],
      );
    }
  });

  it('are never sent with a placeholder of theirs', () => {
    const sent = [...placed.values()].flat().map(({ instruction }) => JSON.stringify(instruction.operation));
    for (const secret of ['your_production_key', 'your_webhook_secret', 'new_production_key', 'YOUR_KEY', '"new_key"']) {
      assert.ok(!sent.some((operation) => operation.includes(secret)), secret);
    }
  });

  it('never reset a database', () => {
    const kinds = [...placed.values()].flat().filter(({ instruction }) => instruction.text.includes('db reset'));
    assert.equal(kinds.length, 5);
    for (const { instruction } of kinds) {
      assert.ok(['migrations.rollback', 'restore'].includes(instruction.operation.kind));
      assert.match(instruction.remark ?? '', /Never run as written/);
    }
  });
});

async function readManuals(): Promise<ReadonlyMap<string, readonly Placed[]>> {
  const [markdown, shell] = await Promise.all([loadMarkdownGrammar(), loadShellGrammar()]);
  const context: InterpretContext = { shell, functionSlugs: new Set(['auth', 'mint-token']), tables: new Set(['security_events']), files: new Set() };
  const folder = path.join(shared, 'seeds');
  const manuals = new Map<string, readonly Placed[]>();
  for (const name of readdirSync(folder)) {
    const text = readFileSync(path.join(folder, name), 'utf8');
    const document = parseDocument(`file:///${name}`, text, markdown);
    const steps = document.sections.flatMap((section) => section.steps);
    const instructions = steps.flatMap((step) =>
      interpret(step, context).map((instruction): Placed => {
        const range = toDocumentRange(step, instruction.range);
        return { instruction, origin: step.origin, from: lineOf(text, range.start), to: lineOf(text, range.end) };
      }),
    );
    manuals.set(name.slice(0, 3), instructions);
  }
  return manuals;
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

function readRows(): Row[] {
  const [, ...lines] = readFileSync(path.join(shared, 'seed-steps.tsv'), 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const [seed = '', number = '', language = '', command = '', operation = '', risk = ''] = line.split('\t');
    return { seed, line: Number(number), language, command, operation, risk };
  });
}
