import type { CodeFinding } from './codeFinding.ts';
import type { FunctionSource } from './source.ts';

/** Imports that lead nowhere, where they stand. `fatal`: without it the function does not start. */
export function missingImports(source: Pick<FunctionSource, 'missing' | 'files'>): readonly (CodeFinding & { readonly fatal: boolean })[] {
  return source.missing.map(({ path, importedFrom, kind }) => {
    const text = new TextDecoder().decode(source.files.get(importedFrom)?.content);
    return { path: importedFrom === '' ? path : importedFrom, ...positionOf(text, path), message: path, fatal: kind === 'static' };
  });
}

/** Where a file is named in quotes; the first line when it is spelled another way, as an import map allows. */
function positionOf(text: string, path: string): { readonly line: number; readonly column: number } {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const at = text.search(new RegExp(`["'\`][^"'\`\\n]*${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}["'\`]`));
  const before = text.slice(0, Math.max(at, 0)).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
