/** A place in source that a log line names: `file:///…/source/supabase/functions/mint-token/index.ts:12:5`. */
export interface SourceLocation {
  /** Where it stands in the text. */
  readonly start: number;
  readonly end: number;
  /** As deployed, as far as the text tells: `supabase/functions/mint-token/index.ts`, or just `index.ts`. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly column?: number;
  /** Where the path tells whose file it is: the platform unpacks a function in `user_fn_<ref>_<function id>_<version>`. */
  readonly functionId?: string;
  readonly version?: string;
}

/** With the scheme before it, so that what lies on other hosts or in the runtime is passed over. */
const place = /(?:\b([a-z][a-z\d+.-]*):(?:\/\/)?)?((?:[A-Za-z]:)?[\w@.~+/\\-]{0,1024}\w\.(?:tsx?|jsx?|m[tj]s|c[tj]s)):(\d{1,6})(?::(\d{1,6}))?(?!\w|\.\d)/g;

const unpacked = /(?:^|\/)user_fn_[a-z\d]+_([\da-f-]{8,})_(\d+)\/(?:source\/)?(.+)$/i;

/** Paths of the local runtime and of one's own machine are cut down to what lies below `supabase/`. */
const belowSupabase = /(?:^|\/)(supabase\/functions\/.+)$/;
const belowFunctions = /(?:^|\/)functions\/(.+)$/;

export function findLocations(text: string): SourceLocation[] {
  return [...text.matchAll(place)].flatMap((match): SourceLocation[] => {
    const [whole, scheme, path = '', line, column] = match;
    if ((scheme !== undefined && scheme !== 'file') || Number(line) === 0) {
      return [];
    }
    return [{ start: match.index, end: match.index + whole.length, ...toDeployed(path.replaceAll('\\', '/')), line: Number(line), ...(column === undefined ? {} : { column: Number(column) }) }];
  });
}

function toDeployed(path: string): Pick<SourceLocation, 'path' | 'functionId' | 'version'> {
  const [, functionId, version, below] = unpacked.exec(path) ?? [];
  if (functionId !== undefined && version !== undefined && below !== undefined) {
    return { path: below, functionId, version };
  }
  const [, own] = belowSupabase.exec(path) ?? [];
  const [, under] = own === undefined ? (belowFunctions.exec(path) ?? []) : [];
  return { path: own ?? (under === undefined ? path.replace(/^(?:\.{0,2}\/)+/, '') : `supabase/functions/${under}`) };
}

/** The file of a deployed body that a location means: the same path, or the only one that ends in it. `undefined`: none, or several. */
export function matchLocation(path: string, files: Iterable<string>): string | undefined {
  const all = [...files];
  if (all.includes(path)) {
    return path;
  }
  const ending = all.filter((file) => file.endsWith(`/${path}`) || path.endsWith(`/${file}`));
  return ending.length === 1 ? ending[0] : undefined;
}
