/** Modules and packages on other hosts that a function names: whether they are there, where no Deno can tell by loading them. */
import { isCancelled, isOpsError } from '../errors.ts';
import type { HttpClient } from '../ports.ts';
import { parseJsonc } from '../../util/jsonc.ts';
import { findPins, latestAddress } from './pins.ts';
import type { FunctionSource } from './source.ts';
import { scanSpecifiers } from './specifiers.ts';

export interface RemoteImport {
  /** As it is written, or `npm:zod` for a package of a registry. */
  readonly name: string;
  /** Where it can be asked for. */
  readonly url: string;
}

/** One that is not there. `status` absent: nobody answered. */
export interface UnansweredImport {
  readonly name: string;
  readonly status?: number;
}

/** What does not answer by then would keep the service's own bundler waiting too. */
const patienceMs = 5_000;
const atOnce = 6;
/** More are not asked for: a plan is waited for. */
const most = 60;

/** Each once. Imports of types alone are left out: nothing loads them. */
export function remoteImports({ files }: Pick<FunctionSource, 'files'>): readonly RemoteImport[] {
  const found = new Map<string, RemoteImport>();
  for (const { content, role } of files.values()) {
    if (role === 'module' || role === 'importMap') {
      const text = new TextDecoder().decode(content);
      const addresses = role === 'module' ? scanSpecifiers(text).flatMap((one) => (one.kind === 'type' ? [] : [one.text])) : mappedAddresses(text);
      addresses.filter((address) => /^https:\/\/[^/]+\/.*[^/]$/.test(address)).forEach((url) => found.set(url, { name: url, url }));
      for (const pin of findPins(text)) {
        const name = `${pin.registry}:${pin.name}`;
        if (pin.registry !== 'deno.land' && addresses.some((address) => address.replace(':/', ':').startsWith(`${name}@`))) {
          found.set(name, { name, url: latestAddress(pin).url });
        }
      }
    }
  }
  return [...found.values()];
}

function mappedAddresses(text: string): readonly string[] {
  try {
    const map = parseJsonc(text);
    const imports: unknown = typeof map === 'object' && map !== null && 'imports' in map ? map.imports : undefined;
    return typeof imports === 'object' && imports !== null ? Object.values(imports).filter((address): address is string => typeof address === 'string') : [];
  } catch {
    // Whoever collects the source says what is wrong with it.
    return [];
  }
}

/** Those that are not there, in their order. Throws `cancelled` alone. */
export async function unansweredImports(imports: readonly RemoteImport[], http: HttpClient, signal: AbortSignal): Promise<readonly UnansweredImport[]> {
  const answers = new Map<RemoteImport, UnansweredImport>();
  const waiting = imports.slice(0, most);
  const ask = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const status = await statusOf(next.url, http, signal);
      if (status === undefined || status >= 400) {
        answers.set(next, { name: next.name, ...(status === undefined ? {} : { status }) });
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, ask));
  return imports.flatMap((one) => answers.get(one) ?? []);
}

/** `undefined`: nobody answers. Some hosts do not know HEAD. */
async function statusOf(url: string, http: HttpClient, signal: AbortSignal): Promise<number | undefined> {
  try {
    const call = { signal, priority: 'user' } as const;
    const { status } = await http.request({ method: 'HEAD', url, headers: {}, timeoutMs: patienceMs }, call);
    return status === 405 || status === 501 || status === 403 ? (await http.request({ method: 'GET', url, headers: {}, timeoutMs: patienceMs }, call)).status : status;
  } catch (error) {
    if (isOpsError(error) && !isCancelled(error)) {
      return undefined;
    }
    throw error;
  }
}
