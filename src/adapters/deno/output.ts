import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CodeFinding } from '../../core/functions/codeFinding.ts';

/**
 * Reads what `deno check` (tried: 2.9) says: blocks whose first line is the message (`TS2322 [ERROR]: …` or `error: …`) and whose last
 * names the place: `    at file:///tree/supabase/functions/a/index.ts:3:7`. Paths are given relative to `tree`; what lies elsewhere, such
 * as a package, is left out.
 */
export function readFindings(output: string, tree: string): readonly CodeFinding[] {
  const findings: CodeFinding[] = [];
  let block: string[] = [];
  for (const line of output.split(/\r?\n/)) {
    const place = /^\s+at (file:\/\/\S+):(\d+):(\d+)$/.exec(line);
    const file = place ? relativeTo(tree, place[1] ?? '') : undefined;
    if (place && file !== undefined) {
      findings.push({ path: file, line: Number(place[2]), column: Number(place[3]), ...messageOf(block) });
    }
    if (place || line.trim() === '') {
      block = [];
    } else {
      block.push(line);
    }
  }
  return findings;
}

function relativeTo(tree: string, url: string): string | undefined {
  try {
    const relative = path.relative(tree, fileURLToPath(url));
    return relative === '' || path.isAbsolute(relative) || relative.startsWith('..') ? undefined : relative.split(path.sep).join('/');
  } catch {
    return undefined;
  }
}

function messageOf(block: readonly string[]): Pick<CodeFinding, 'message' | 'code'> {
  const start = block.findLastIndex((line) => /^(TS\d+ \[\w+\]|error): /.test(line));
  const first = block[Math.max(start, 0)] ?? '';
  const [, code] = /^(TS\d+) \[/.exec(first) ?? [];
  return { message: first.replace(/^(TS\d+ \[\w+\]|error): /, ''), ...(code === undefined ? {} : { code }) };
}
