import type { Role } from './directives.ts';
import type { PreparedRequest } from './prepare.ts';
import { secretName, type Signature } from './signature.ts';

export interface CurlRequest extends PreparedRequest {
  /** The project's own address, for a path. */
  readonly origin: string;
  readonly role: Role;
  readonly signature?: Signature;
  /** `{{secret name}}`s that stand in url, headers or body as {@link shellMark}s. */
  readonly secrets: readonly string[];
}

/** In the place of a secret while a request is made ready for a shell: it stays as it is in addresses, headers and JSON. */
export function shellMark(index: number): string {
  return `__opsbook_secret_${index}__`;
}

/**
 * The request for a POSIX shell. Credentials are environment variables (`$SUPABASE_SERVICE_ROLE_KEY`), never values, so that neither
 * the clipboard nor the shell's history holds one; a signature is computed by openssl as the command runs.
 */
export function toCurl(request: CurlRequest): string {
  const names = request.secrets.map(environmentName);
  const quote = (text: string) => quoteForShell(text, names);
  const { signature, body } = request;
  const address = request.url.startsWith('/') ? request.origin + request.url : request.url;
  const signed = signature !== undefined && signature.header !== '';
  const own = Object.entries(request.headers).filter(([name]) => !signed || name.toLowerCase() !== signature.header.toLowerCase());
  const options = [
    ...[...roleHeaders(request.role, new Set(own.map(([name]) => name.toLowerCase()))), ...own.map(([name, value]) => quote(`${name}: ${value}`))].map((header) => `-H ${header}`),
    ...(signed ? [`-H ${doubleQuoted(`${signature.header}: ${signature.format}`, names).replace(/<(?:hex|base64)>/, () => shellVariable('signature'))}`] : []),
    ...(body === undefined ? [] : [`--data-binary ${signed ? '"$body"' : quote(body)}`]),
  ];
  const command = [`curl -X ${request.method} ${quote(address)}`, ...options].join(' \\\n  ');
  return signed ? [`body=${quote(body ?? '')}`, signatureLine(signature, names), command].join('\n') : command;
}

/** The keys under the names that Supabase's own documentation gives them in an environment. */
function roleHeaders(role: Role, own: ReadonlySet<string>): string[] {
  const headers: Readonly<Record<Role, readonly (readonly [string, string])[]>> = {
    anon: [['apikey', '$SUPABASE_ANON_KEY'], ['Authorization', 'Bearer $SUPABASE_ANON_KEY']],
    publishable: [['apikey', '$SUPABASE_PUBLISHABLE_KEY']],
    service: [['apikey', '$SUPABASE_SERVICE_ROLE_KEY'], ['Authorization', 'Bearer $SUPABASE_SERVICE_ROLE_KEY']],
    user: [['apikey', '$SUPABASE_ANON_KEY'], ['Authorization', 'Bearer $USER_JWT']],
    none: [],
  };
  return headers[role].filter(([name]) => !own.has(name.toLowerCase())).map(([name, value]) => `"${name}: ${value}"`);
}

function signatureLine(signature: Signature, names: readonly string[]): string {
  const name = environmentName(secretName(signature));
  const bytes = `$(printf %s "${shellVariable(`${name}#whsec_`)}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \\n')`;
  const mac = signature.encoding === 'base64' ? `-mac HMAC -macopt "hexkey:${bytes}"` : `-hmac "${shellVariable(name)}"`;
  const payload = doubleQuoted(signature.payload, names).replace('<body>', () => shellVariable('body'));
  const output = signature.format.includes('<base64>') ? '-binary | openssl base64 -A' : "-r | cut -d ' ' -f 1";
  return `signature=$(printf %s ${payload} | openssl dgst -${signature.algorithm} ${mac} ${output})`;
}

/** `webhook secret` → `WEBHOOK_SECRET` */
function environmentName(name: string): string {
  return name.toUpperCase().replace(/\W+/g, '_').replace(/^(?=\d)/, '_');
}

const marked = /__opsbook_secret_(\d+)__/g;

/** Single quotes keep everything as it is; only a text with secrets in it is one that the shell must fill in. */
function quoteForShell(text: string, names: readonly string[]): string {
  return text.search(marked) === -1 ? `'${text.replaceAll("'", "'\\''")}'` : doubleQuoted(text, names);
}

function doubleQuoted(text: string, names: readonly string[]): string {
  const escaped = text.replace(/[\\"$`]/g, '\\$&');
  return `"${escaped.replace(marked, (_, index: string) => shellVariable(names[Number(index)] ?? ''))}"`;
}

function shellVariable(name: string): string {
  return `\${${name}}`;
}
