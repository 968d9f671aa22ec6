import { parse } from '@babel/parser';
import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import path from 'node:path';

/** One import statement: who, what, and whether only types come in. */
interface Import {
  from: string;
  to: string;
  typeOnly: boolean;
  lazy: boolean;
}

const root = path.resolve(import.meta.dirname, '../..');

type Room = 'util' | 'core' | 'adapters' | 'host' | `features/${string}` | 'extension.ts' | 'cli.ts' | 'contributions.ts' | `media/${string}` | 'vscode' | 'outside';

const runtimePackages = ['pg', '@supabase/supabase-js', 'execa', '@lezer/markdown', '@lezer/common', 'unbash', 'libpg-query', 'lossless-json', 'smol-toml', '@remix-run/multipart-parser', 'hyparquet-writer'];

/** What a page holds in its own bundle. */
const pagePackages = ['@tanstack/virtual-core'];

function roomOf(file: string): Room {
  if (file === 'vscode') {
    return 'vscode';
  }
  if (!file.startsWith('src/') && !file.startsWith('media/')) {
    return 'outside';
  }
  const [top, second, third] = file.split('/');
  if (top === 'media') {
    return `media/${second ?? ''}`;
  }
  return (second === 'features' ? `features/${third ?? ''}` : (second ?? '')) as Room;
}

/** What a room may import besides itself, and where code belongs that wants more. `types`: only `import type`. */
interface Rule {
  rooms: readonly string[];
  modules?: readonly string[];
  types?: readonly string[];
  instead: string;
}

const feature: Rule = {
  rooms: ['util', 'core', 'host', 'vscode', 'contributions.ts'],
  instead: 'features reach each other by a service of core or host, or by a command; what touches the outside is an adapter behind a port, handed in by extension.ts',
};
const page: Rule = { rooms: ['util', 'core'], modules: pagePackages, instead: 'a page shares only its protocol and the pure functions of core with the extension' };

const rules: Readonly<Record<string, Rule>> = {
  util: { rooms: [], instead: 'util knows no other room; what needs a domain word belongs in core' },
  core: { rooms: ['util'], modules: ['node:path'], types: ['contributions.ts'], instead: 'core has no I/O and no editor: declare a port in core/ports.ts and implement it in adapters' },
  adapters: { rooms: ['util', 'core', 'outside'], types: ['contributions.ts'], instead: 'adapters know neither the editor nor the features' },
  host: { rooms: ['util', 'core', 'vscode', 'contributions.ts'], modules: ['node:crypto'], instead: 'host is VS Code made small: no I/O of its own' },
  'contributions.ts': { rooms: [], instead: 'contributions.ts imports nothing' },
  'cli.ts': { rooms: ['util', 'core', 'adapters', 'outside', 'contributions.ts'], instead: 'the headless runner knows no editor' },
};

/** `undefined` when the import is fine, else where the code belongs instead. */
function objection({ from, to, typeOnly, lazy }: Import): string | undefined {
  const here = roomOf(from);
  const there = roomOf(to);
  if (runtimePackages.includes(to) && !typeOnly && !lazy) {
    return 'heavy packages come with their first use: `await import(…)`';
  }
  if (here === there || here === 'extension.ts' || (here.startsWith('media/') && to.endsWith('/protocol.ts'))) {
    return undefined;
  }
  const rule = ruleOf(here);
  const allowed = [...rule.rooms, ...(typeOnly ? (rule.types ?? []) : [])].includes(there) || (rule.modules ?? []).includes(to);
  return allowed ? undefined : rule.instead;
}

function ruleOf(room: Room): Rule {
  if (room.startsWith('features/')) {
    return feature;
  }
  return room.startsWith('media/') ? page : (rules[room] ?? { rooms: [], instead: `there is no room ${room}` });
}

async function allImports(): Promise<Import[]> {
  const imports: Import[] = [];
  for await (const file of glob(['src/**/*.ts', 'media/**/*.ts'], { cwd: root })) {
    const tree = parse(await readFile(path.join(root, file), 'utf8'), { sourceType: 'module', plugins: ['typescript'], createImportExpressions: true });
    const found = (specifier: string, typeOnly: boolean, lazy = false) => {
      const to = specifier.startsWith('.') ? path.join(path.dirname(file), specifier) : specifier;
      imports.push({ from: file, to, typeOnly, lazy });
    };
    for (const statement of tree.program.body) {
      if (statement.type === 'ImportDeclaration') {
        found(statement.source.value, statement.importKind === 'type');
      } else if ((statement.type === 'ExportNamedDeclaration' || statement.type === 'ExportAllDeclaration') && statement.source) {
        found(statement.source.value, statement.exportKind === 'type');
      }
    }
    walk(tree.program, (node) => {
      if (node['type'] === 'ImportExpression') {
        const source = node['source'] as { type: string; value?: string };
        found(source.type === 'StringLiteral' ? (source.value ?? '') : '', false, true);
      }
    });
  }
  return imports;
}

function walk(node: unknown, visit: (node: Record<string, unknown>) => void): void {
  if (Array.isArray(node)) {
    node.forEach((child) => walk(child, visit));
  } else if (typeof node === 'object' && node !== null) {
    const record = node as Record<string, unknown>;
    if (typeof record['type'] === 'string') {
      visit(record);
    }
    for (const [key, child] of Object.entries(record)) {
      if (key !== 'loc' && key !== 'tokens') {
        walk(child, visit);
      }
    }
  }
}

/** Strongly connected groups of more than one file (Tarjan). */
function cycles(edges: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const groups: string[][] = [];
  const visit = (file: string): void => {
    order.set(file, order.size);
    low.set(file, order.get(file) ?? 0);
    stack.push(file);
    for (const next of edges.get(file) ?? []) {
      if (!order.has(next)) {
        visit(next);
        low.set(file, Math.min(low.get(file) ?? 0, low.get(next) ?? 0));
      } else if (stack.includes(next)) {
        low.set(file, Math.min(low.get(file) ?? 0, order.get(next) ?? 0));
      }
    }
    if (low.get(file) === order.get(file)) {
      const group = stack.splice(stack.indexOf(file));
      if (group.length > 1) {
        groups.push(group);
      }
    }
  };
  for (const file of edges.keys()) {
    if (!order.has(file)) {
      visit(file);
    }
  }
  return groups;
}

describe('architecture', () => {
  let imports: Import[] = [];
  before(async () => {
    imports = await allImports();
  });

  it('keeps the import table of src/README.md', () => {
    const offences = imports.map((each) => ({ ...each, why: objection(each) })).filter(({ why }) => why !== undefined);
    assert.deepEqual(offences.map(({ from, to, why }) => `${from} imports ${to}: ${why}`), []);
  });

  it('has no import cycle, not even of types', () => {
    const edges = new Map<string, Set<string>>();
    for (const { from, to } of imports) {
      edges.set(from, (edges.get(from) ?? new Set()).add(to));
    }
    assert.deepEqual(cycles(edges), []);
  });

  it('imports only what exists', () => {
    const unknown = imports.filter(({ to }) => !to.startsWith('src/') && !to.startsWith('media/') && to !== 'vscode' && !isBuiltin(to) && ![...runtimePackages, ...pagePackages].includes(to));
    assert.deepEqual(unknown, []);
  });

  it('objects to what the table forbids (the rules themselves)', () => {
    const forbidden: [string, string][] = [
      ['src/core/sql/split.ts', 'vscode'],
      ['src/core/sql/split.ts', 'node:fs'],
      ['src/core/sql/split.ts', 'src/adapters/git/runGit.ts'],
      ['src/util/event.ts', 'src/core/errors.ts'],
      ['src/features/secrets/index.ts', 'src/features/functions/index.ts'],
      ['src/features/secrets/index.ts', 'src/adapters/git/runGit.ts'],
      ['src/adapters/git/runGit.ts', 'vscode'],
      ['src/adapters/git/runGit.ts', 'execa'],
      ['media/results/main.ts', 'src/features/results/index.ts'],
    ];
    assert.deepEqual(forbidden.filter(([from, to]) => objection({ from, to, typeOnly: false, lazy: false }) === undefined), []);
  });
});
