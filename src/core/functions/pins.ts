/** A package that a function's code or import map names with a version. */
export interface Pin {
  readonly registry: 'npm' | 'jsr' | 'deno.land';
  /** `@supabase/supabase-js`; `std` or the module's name on deno.land. */
  readonly name: string;
  /** As it stands: `2.39.0`, `^2`, `v1.30.0`. */
  readonly version: string;
  /** Where the version stands in the text. */
  readonly offset: number;
}

const name = String.raw`(?:@[\w.-]+/)?[\w.-]+`;
const version = String.raw`[~^]?v?\d[\w.+-]*`;

/** Specifiers as code and import maps write them, in quotes; CDNs that serve npm count as npm. */
const forms: readonly (readonly [Pin['registry'], RegExp])[] = [
  ['npm', new RegExp(String.raw`["'\`]npm:/?(?<name>${name})@(?<version>${version})`, 'dg')],
  ['npm', new RegExp(String.raw`["'\`]https://(?:esm\.sh(?:/stable|/v\d+)?|cdn\.jsdelivr\.net/npm|unpkg\.com|cdn\.skypack\.dev)/(?<name>${name})@(?<version>${version})`, 'dg')],
  ['jsr', new RegExp(String.raw`["'\`]jsr:/?(?<name>@[\w.-]+/[\w.-]+)@(?<version>${version})`, 'dg')],
  ['deno.land', new RegExp(String.raw`["'\`]https://deno\.land/(?:x/)?(?<name>[\w.-]+)@(?<version>${version})`, 'dg')],
];

/** Every pin of a text, in the order in which they stand. */
export function findPins(text: string): readonly Pin[] {
  const found = forms.flatMap(([registry, form]) =>
    [...text.matchAll(form)].map((match): Pin => ({ registry, name: match.groups?.['name'] ?? '', version: match.groups?.['version'] ?? '', offset: match.indices?.groups?.['version']?.[0] ?? 0 })),
  );
  return found.sort((a, b) => a.offset - b.offset);
}

/** Where a package's newest version is told, and under which member of the JSON. */
export function latestAddress({ registry, name: wanted }: Pick<Pin, 'registry' | 'name'>): { readonly url: string; readonly member: 'version' | 'latest' } {
  switch (registry) {
    case 'npm':
      return { url: `https://registry.npmjs.org/${wanted.replace('/', '%2f')}/latest`, member: 'version' };
    case 'jsr':
      return { url: `https://jsr.io/${wanted}/meta.json`, member: 'latest' };
    case 'deno.land':
      return { url: `https://cdn.deno.land/${wanted}/meta/versions.json`, member: 'latest' };
    default:
      return registry satisfies never;
  }
}

/**
 * What a pin would say for the newest version, as exact as it is now: `^2` becomes `^3`, `2.39.0` becomes `2.119.0`. `undefined` when the
 * pin takes in the newest version already, is newer, or is not understood.
 */
export function renewed(pinned: string, latest: string): string | undefined {
  const [, range = '', letter = '', digits = ''] = /^([~^]?)(v?)(\d+(?:\.\d+){0,2})$/.exec(pinned) ?? [];
  const [, newest = ''] = /^v?(\d+\.\d+\.\d+)/.exec(latest) ?? [];
  if (digits === '' || newest === '') {
    return undefined;
  }
  const now = digits.split('.').map(Number);
  const then = newest.split('.').map(Number);
  const counted = Math.min(now.length, fixedParts(range, now));
  const differs = then.slice(0, counted).findIndex((part, index) => part !== now[index]);
  return differs >= 0 && (then[differs] ?? 0) > (now[differs] ?? 0) ? `${range}${letter}${then.slice(0, now.length).join('.')}` : undefined;
}

/** How many parts a range holds fast: `^1.2.3` the first, `^0.2.3` two, `~1.2.3` two. */
function fixedParts(range: string, [major, minor]: readonly number[]): number {
  if (range === '') {
    return 3;
  }
  return range === '~' ? 2 : major !== 0 ? 1 : minor !== 0 ? 2 : 3;
}

/** Whether people may have to change their code: the first part that is not 0 differs. */
export function isBreaking(pinned: string, renewedVersion: string): boolean {
  const parts = (text: string) => text.replace(/^[~^]?v?/, '').split('.');
  const [from, to] = [parts(pinned), parts(renewedVersion)];
  return from[0] !== to[0] || (from[0] === '0' && from[1] !== to[1]);
}

/** The text with these versions in the place of those at the pins' offsets. */
export function renew(text: string, changes: readonly { readonly pin: Pin; readonly version: string }[]): string {
  return changes.toSorted((a, b) => b.pin.offset - a.pin.offset).reduce((done, { pin, version: fresh }) => done.slice(0, pin.offset) + fresh + done.slice(pin.offset + pin.version.length), text);
}
