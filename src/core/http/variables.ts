import { maskSecrets } from '../secrets/mask.ts';

/**
 * `{{name}}` is asked for, with the value that was given last; `{{secret name}}` is a credential, asked for in a password box and kept
 * in secret storage alone; `{{$timestamp}}` (seconds), `{{$isoTimestamp}}`, `{{$uuid}}`, `{{$randomInt}}` are made for each request, with
 * one value throughout it.
 */
export interface Variable {
  readonly kind: 'value' | 'secret' | 'made';
  readonly name: string;
}

export const madeVariables = ['$timestamp', '$isoTimestamp', '$uuid', '$randomInt'] as const;

const pattern = /\{\{\s*(?:(secret)\s+)?(\$?[\w.-]+)\s*\}\}/g;

/** Each variable of the texts once, in order. `{{$unknown}}` and what is otherwise no variable stays text. */
export function variablesIn(texts: readonly string[]): Variable[] {
  const found = new Map<string, Variable>();
  for (const text of texts) {
    for (const [, secret, name = ''] of text.matchAll(pattern)) {
      const variable = variableOf(secret, name);
      if (variable !== undefined) {
        found.set(keyOf(variable), variable);
      }
    }
  }
  return [...found.values()];
}

function variableOf(secret: string | undefined, name: string): Variable | undefined {
  if (secret !== undefined) {
    return name.startsWith('$') ? undefined : { kind: 'secret', name };
  }
  if (name.startsWith('$')) {
    return madeVariables.some((known) => known === name) ? { kind: 'made', name } : undefined;
  }
  return { kind: 'value', name };
}

/** Under which a value stands in {@link Values}. */
export function keyOf({ kind, name }: Variable): string {
  return kind === 'secret' ? `secret ${name}` : name;
}

/** Values by {@link keyOf}. */
export type Values = ReadonlyMap<string, string>;

/** Puts values in; `write` makes them fit for the place at an offset of the text. A variable without a value stays as it is. */
export function substitute(text: string, values: Values, write: (value: string, at: number) => string = (value) => value): string {
  return text.replace(pattern, (whole, secret: string | undefined, name: string, at: number) => {
    const variable = variableOf(secret, name);
    const value = variable === undefined ? undefined : values.get(keyOf(variable));
    return value === undefined ? whole : write(value, at);
  });
}

/** `@base = /functions/v1` with `{{base}}/mint`: definitions are put in as they are written, also in each other. */
export function expand(text: string, definitions: Values): string {
  let expanded = text;
  // Definitions that refer to each other in a circle come to an end all the same.
  for (let round = 0; round < 5 && definitions.size > 0; round++) {
    const next = substitute(expanded, definitions);
    if (next === expanded) {
      break;
    }
    expanded = next;
  }
  return expanded;
}

export interface Chance {
  readonly now: number;
  readonly uuid: () => string;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/** What each request gets anew. */
export function makeValues({ now, uuid, random }: Chance): Map<string, string> {
  return new Map<(typeof madeVariables)[number], string>([
    ['$timestamp', String(Math.floor(now / 1000))],
    ['$isoTimestamp', new Date(now).toISOString()],
    ['$uuid', uuid()],
    ['$randomInt', String(Math.floor(random() * 1000))],
  ]);
}

/** Names that say that their value is a credential. */
const credentialName = /pass(?:wor[dt]|phrase)|secret|token|api[_-]?key|authorization|credential|private[_-]?key/i;

/** Whether a value must not be remembered: by its look, or by the name it goes under. */
export function isCredential(name: string, value: string): boolean {
  return credentialName.test(name) || maskSecrets(value) !== value;
}

/** Where credentials stand in a text, by their look. */
export function findCredentials(text: string): { readonly start: number; readonly end: number; readonly shown: string }[] {
  const found: { start: number; end: number; shown: string }[] = [];
  for (const match of text.matchAll(/[^\s"'<>(){},;]+/g)) {
    const shown = maskSecrets(match[0]);
    if (shown !== match[0]) {
      found.push({ start: match.index, end: match.index + match[0].length, shown });
    }
  }
  return found;
}

/** Members of a JSON body whose name says that their value is a credential get a `{{secret name}}` in its place. */
export function withoutCredentialMembers(text: string): string {
  return text.replace(/("([\w.-]+)"\s*:\s*)"((?:[^"\\]|\\.)*)"/g, (whole, head: string, name: string, value: string) =>
    credentialName.test(name) && value !== '' && !/^\{\{.*\}\}$/.test(value) ? `${head}"{{secret ${name}}}"` : whole,
  );
}
