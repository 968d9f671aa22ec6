import { argumentOf } from './meaning.ts';
import type { HttpTarget, Placeholder } from './operation.ts';
import { meansProject } from './placeholders.ts';

/**
 * Where a URL of a manual leads. A host of Supabase's, whatever project's ref or placeholder stands in it, is the selected project:
 * `https://<ref>.supabase.co/functions/v1/health`, `https://<ref>.functions.supabase.co/health`, `$SUPABASE_URL/rest/v1/`, and a
 * path without a host.
 */
export function httpTarget(url: string, placeholders: readonly Placeholder[]): HttpTarget {
  const { host, path } = splitUrl(url, placeholders);
  if (host?.endsWith('.functions.supabase.co') === true) {
    return functionTarget(path, placeholders) ?? { kind: 'project', path: '/functions/v1/' };
  }
  if (host === undefined || /^[^.]+\.supabase\.(?:co|red)$/.test(host)) {
    const functionPath = /^\/functions\/v1(\/.+)$/.exec(path)?.[1];
    const target = functionPath === undefined ? undefined : functionTarget(functionPath, placeholders);
    return target ?? { kind: 'project', path: path === '' ? '/' : path };
  }
  return { kind: 'url', url: argumentOf(url, placeholders) };
}

/** No host: the path is one of the selected project. */
function splitUrl(url: string, placeholders: readonly Placeholder[]): { readonly host?: string; readonly path: string } {
  if (url.startsWith('/')) {
    return { path: url };
  }
  const base = placeholders.find(({ text }) => url.startsWith(text));
  if (base !== undefined && isProjectUrl(base) && /^$|^[/?#]/.test(url.slice(base.text.length))) {
    return { path: url.slice(base.text.length) };
  }
  const [, host = '', path = ''] = /^https?:\/\/([^/?#]+)(.*)$/is.exec(url) ?? [];
  return { host: host === '' ? url : host.toLowerCase(), path };
}

/** `$SUPABASE_URL`, `<project-url>`, `YOUR_SUPABASE_URL` */
function isProjectUrl(placeholder: Placeholder): boolean {
  return /^(?:next public |vite |public |expo public )?(?:supabase|project|supabase project)(?: api)? url$/.test(placeholder.label) || meansProject(placeholder);
}

function functionTarget(path: string, placeholders: readonly Placeholder[]): HttpTarget | undefined {
  const [, slug = '', rest = ''] = /^\/([^/?#]+)(.*)$/s.exec(path) ?? [];
  return slug === '' ? undefined : { kind: 'function', slug: argumentOf(slug, placeholders), path: rest };
}
