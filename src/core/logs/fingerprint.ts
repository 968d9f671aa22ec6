import { maskSecrets } from '../secrets/mask.ts';

/** What may differ between two occurrences of one error, in the order in which it is looked for at each place of the text. */
const variable: readonly { readonly pattern: RegExp; readonly stands: (found: string) => string }[] = [
  { pattern: /\b(?:https?|wss?):\/\/[^\s"'`)\]}]+/, stands: hostOf },
  { pattern: /\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?/, stands: () => '<time>' },
  { pattern: /\b[\da-fA-F]{8}-(?:[\da-fA-F]{4}-){3}[\da-fA-F]{12}\b/, stands: () => '<id>' },
  { pattern: /\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+\b/, stands: () => '<email>' },
  // The keys of JSON count, its values do not.
  { pattern: /"(?:[^"\\]|\\.)*"\s*:/, stands: (key) => key },
  { pattern: /"(?:[^"\\]|\\.)*"/, stands: () => '"…"' },
  // Not an apostrophe.
  { pattern: /(?<!\w)'(?:[^'\\]|\\.)*'(?!\w)/, stands: () => "'…'" },
  { pattern: /`(?:[^`\\]|\\.)*`/, stands: () => '`…`' },
  // Of a path the file's name counts, not the folder of the version nor the line.
  { pattern: /(?:file:\/\/)?(?:[A-Za-z]:)?(?:[\w@.~+-]{0,255}[\\/])+[\w@.~+-]{0,254}\w(?::\d+){0,2}/, stands: (path) => `…/${fileOf(path)}` },
  { pattern: /\b[\w-]{1,255}\.(?:ts|tsx|js|jsx|mjs|mts|json|sql)(?::\d+){1,2}/, stands: fileOf },
  { pattern: /\b\d{1,3}(?:\.\d{1,3}){3}\b/, stands: () => '<ip>' },
  { pattern: /\b0x[\da-fA-F]+\b/, stands: () => '<hex>' },
  { pattern: /\b(?=[a-fA-F]*\d)[\da-fA-F]{8,}\b/, stands: () => '<hex>' },
  { pattern: /\b(?=[A-Za-z]*\d)(?=\d*[A-Za-z])\w{20,}\b/, stands: () => '<id>' },
  { pattern: /(?<!\w)[-+]?\d[\d_]*(?:[.,]\d+)*(?:[eE][-+]?\d+)?/, stands: () => '<n>' },
];

const any = new RegExp(variable.map(({ pattern }) => `(${pattern.source})`).join('|'), 'g');

/** More of a row tells no more errors apart, and takes time. */
const longestRow = 1000;
const longestFingerprint = 300;

/**
 * What all occurrences of one error have in common: the message's first row with numbers, ids, times, addresses, quoted values and
 * places replaced. Holds no credential.
 */
export function fingerprint(message: string): string {
  const [first = ''] = message.trimStart().split(/[\n\r]/, 1);
  const common = maskSecrets(first.slice(0, longestRow)).replace(any, (found: string, ...groups: unknown[]) => {
    const kind = groups.findIndex((group) => group !== undefined);
    return variable[kind]?.stands(found) ?? found;
  });
  return common.replace(/\s+/g, ' ').slice(0, longestFingerprint).trim();
}

function hostOf(url: string): string {
  const [scheme = '', host = ''] = url.split('://');
  return `${scheme}://${host.split(/[/:?#]/, 1)[0] ?? ''}/…`;
}

function fileOf(path: string): string {
  return (path.split(/[\\/]/).at(-1) ?? '').replace(/(?::\d+)+$/, '');
}
