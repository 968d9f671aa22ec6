/**
 * Runs in the extension host of a window: types into the middle of a long SQL file and tells how long it took until its marks were set.
 * The file that `OPSBOOK_BENCH_RESULTS` names gets what was seen, as JSON.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { watchTurns, type Stall } from './stall.ts';

export interface Seen {
  /** Milliseconds from each change until `DiagnosticCollection.set` was called with what is true of it. */
  readonly latencies: readonly number[];
  /** From the opened file to its first marks. */
  readonly firstMs: number;
  /** While it was typed. */
  readonly stall: Stall;
  /** The same edits, with the file open and Opsbook not active. */
  readonly stallWithout: Stall;
  /** The longest that one call of `set` took: the editor takes the marks over in it. */
  readonly setMs: number;
  readonly marks: number;
}

/** Edits with what they open, in the order in which they are tried; each is then taken back, which counts as well. */
const typed = ["'", '"', '$x$', '/*', 'x', ';', '\nselect * form t;\n', '(', ' -- ', "E'"];
const rounds = 6;

type Set = (uri: vscode.Uri, diagnostics: readonly vscode.Diagnostic[]) => void;

export async function run(): Promise<void> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(process.env['OPSBOOK_BENCH_FILE'] ?? ''));
  const editor = await vscode.window.showTextDocument(document);
  let heard: ((marks: readonly vscode.Diagnostic[], at: number) => unknown) | undefined;
  let setMs = 0;
  interceptSet((call, uri, diagnostics) => {
    const begun = performance.now();
    call();
    if (uri.toString() === document.uri.toString()) {
      setMs = Math.max(setMs, performance.now() - begun);
      heard?.(diagnostics, begun);
    }
  });
  let changedAt = 0;
  // Before Opsbook listens itself.
  vscode.workspace.onDidChangeTextDocument((event) => {
    changedAt = event.document === document ? performance.now() : changedAt;
  });
  const places = placesIn(document);
  await sleep(3000);

  const without = watchTurns();
  for (const edit of edits(places)) {
    await apply(editor, edit);
    await sleep(60);
  }
  const stallWithout = without.end();

  const begun = performance.now();
  // Before the folder is known to be a project's, nothing is marked.
  const first = new Promise<readonly vscode.Diagnostic[]>((resolve) => (heard = (found) => found.length > 0 && resolve(found)));
  const extension = vscode.extensions.getExtension('opsbook.opsbook');
  assert.ok(extension && !extension.isActive);
  await extension.activate();
  const marks = await first;
  const firstMs = performance.now() - begun;
  await sleep(3000);

  const latencies: number[] = [];
  const turns = watchTurns();
  for (const edit of edits(places)) {
    const marked = new Promise<{ marks: readonly vscode.Diagnostic[]; at: number }>((resolve) => (heard = (found, at) => resolve({ marks: found, at })));
    await apply(editor, edit);
    const seen = await Promise.race([marked, sleep(10_000).then(() => assert.fail(`no marks after ${JSON.stringify(edit.text)}`))]);
    latencies.push(seen.at - changedAt);
    check(edit, seen.marks, marks.length);
    await sleep(40);
  }
  const stall = turns.end();
  assert.equal(document.isDirty, true);
  await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  fs.writeFileSync(process.env['OPSBOOK_BENCH_RESULTS'] ?? '', JSON.stringify({ latencies, firstMs, stall, stallWithout, setMs, marks: marks.length } satisfies Seen));
}

interface TypedEdit {
  readonly text: string;
  readonly range: vscode.Range;
  readonly takesBack: boolean;
}

function* edits(places: readonly vscode.Position[]): Generator<TypedEdit> {
  for (let round = 0; round < rounds; round++) {
    for (const [index, text] of typed.entries()) {
      const at = places[(round * typed.length + index) % places.length];
      assert.ok(at);
      yield { text, range: new vscode.Range(at, at), takesBack: false };
      const lines = text.split('\n');
      const end = lines.length === 1 ? at.translate(0, text.length) : new vscode.Position(at.line + lines.length - 1, 0);
      yield { text: '', range: new vscode.Range(at, end), takesBack: true };
    }
  }
}

/** In the middle third, within the expression of a query: whatever is typed there breaks it. */
function placesIn(document: vscode.TextDocument): vscode.Position[] {
  const places: vscode.Position[] = [];
  for (let line = Math.floor(document.lineCount / 3); line < (document.lineCount * 2) / 3; line++) {
    const column = document.lineAt(line).text.indexOf('max(created_at)');
    if (column !== -1) {
      places.push(new vscode.Position(line, column + 'max('.length));
    }
  }
  assert.ok(places.length > typed.length, 'the file has no such query');
  return places.filter((_, index) => index % Math.floor(places.length / typed.length) === 0);
}

async function apply(editor: vscode.TextEditor, { range, text }: TypedEdit): Promise<void> {
  assert.ok(await editor.edit((builder) => builder.replace(range, text)));
}

function check({ text, takesBack }: TypedEdit, marks: readonly vscode.Diagnostic[], before: number): void {
  const errors = marks.filter(({ severity }) => severity === vscode.DiagnosticSeverity.Error);
  if (takesBack) {
    assert.deepEqual([errors.length, marks.length], [0, before], 'the marks are as before');
  } else if (text !== 'x') {
    assert.ok(errors.length > 0, `${JSON.stringify(text)} is marked`);
  }
}

/** Collections that Opsbook makes; this file lies within Opsbook and so has its `vscode`. */
function interceptSet(tell: (call: () => void, ...given: Parameters<Set>) => void): void {
  const languages = vscode.languages as { createDiagnosticCollection: typeof vscode.languages.createDiagnosticCollection };
  const create = languages.createDiagnosticCollection;
  languages.createDiagnosticCollection = (name) => {
    const collection = create(name);
    const set = collection.set.bind(collection) as Set;
    const told: Set = (uri, diagnostics) => tell(() => set(uri, diagnostics), uri, diagnostics);
    return new Proxy(collection, {
      get: (target, key) => {
        const value: unknown = key === 'set' ? told : Reflect.get(target, key, target);
        return typeof value === 'function' && key !== 'set' ? (value.bind(target) as unknown) : value;
      },
    });
  };
}
