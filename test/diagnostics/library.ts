/** The diagnostics that ship, as the extension reads them. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { loadMarkdownGrammar } from '../../src/adapters/text/markdown.ts';
import { diagnosticsOf, explanationOf, type Diagnostic } from '../../src/core/diagnostics/diagnostic.ts';
import { repairsOf } from '../../src/core/diagnostics/repair.ts';
import type { Step } from '../../src/core/runbook/document.ts';
import { parseDocument } from '../../src/core/runbook/parseDocument.ts';

export interface Bundled extends Diagnostic {
  readonly repairs: readonly Step[];
  readonly prose: string;
}

const folder = path.resolve(import.meta.dirname, '../../runbooks/diagnostics');

export async function readDiagnostics(): Promise<Bundled[]> {
  const markdown = await loadMarkdownGrammar();
  const files = (await readdir(folder)).filter((file) => file.endsWith('.md')).sort();
  const documents = await Promise.all(files.map(async (file) => parseDocument(`file:///${file}`, await readFile(path.join(folder, file), 'utf8'), markdown)));
  return documents.flatMap((document) =>
    [...diagnosticsOf(document).values()].flat().map((diagnostic) => {
      const section = document.sections.find(({ steps }) => steps.includes(diagnostic.step));
      return { ...diagnostic, repairs: section ? repairsOf(section, diagnostic.step) : [], prose: section ? explanationOf(document, section, diagnostic.step) : '' };
    }),
  );
}
