/** Spoiled answers: what a sandbox that drifted from the contract would say. */
import type { Schema } from './schema.ts';

export interface Spoiled {
  /** Which member, and what was done to it. */
  name: string;
  body: unknown;
}

/** One copy of the body for each member that the schema demands, without it, and one for each typed member, of another type. */
export function spoiledBodies(schema: Schema, body: unknown, resolve: (reference: string) => Schema): Spoiled[] {
  return visit(schema, body, '$', (changed) => changed, resolve);
}

type Rebuild = (changed: unknown) => unknown;

function visit(schema: Schema, value: unknown, where: string, rebuild: Rebuild, resolve: (reference: string) => Schema): Spoiled[] {
  const known = schema.$ref === undefined ? schema : resolve(schema.$ref);
  const own = known.type === undefined ? [] : [{ name: `${where} of a wrong type`, body: rebuild(wrongType(value)) }];
  if (Array.isArray(value)) {
    const [first, ...rest] = value as unknown[];
    const items = known.items;
    return first === undefined || items === undefined
      ? own
      : [...own, ...visit(items, first, `${where}[0]`, (changed) => rebuild([changed, ...rest]), resolve)];
  }
  if (typeof value !== 'object' || value === null) {
    return own;
  }
  const record = value as Record<string, unknown>;
  const dropped = (known.required ?? []).map((name) => ({ name: `${where}.${name} dropped`, body: rebuild(without(record, name)) }));
  const members = Object.entries(known.properties ?? {})
    .filter(([name]) => record[name] !== undefined)
    .flatMap(([name, member]) =>
      visit(member, record[name], `${where}.${name}`, (changed) => rebuild({ ...record, [name]: changed }), resolve),
    );
  return [...own, ...dropped, ...members];
}

function without(record: Record<string, unknown>, name: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => key !== name));
}

/** No schema of the contract takes a list of `false` for anything but a list of booleans, which it has nowhere. */
function wrongType(value: unknown): unknown {
  return Array.isArray(value) ? { spoiled: true } : [false];
}
