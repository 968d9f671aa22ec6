/** Answers as a service of tomorrow, or a very large customer's, would give them: bodies for the fault `change`. */

/** Every `status` and `name` that the contract lists values for gets one that nobody knows, and every object one more member. */
export function withUnknownMembers(body: unknown): unknown {
  if (Array.isArray(body)) {
    return body.map(withUnknownMembers);
  }
  if (typeof body !== 'object' || body === null) {
    return body;
  }
  const members = Object.entries(body).map(([name, value]): [string, unknown] => [
    name,
    name === 'status' && typeof value === 'string' ? 'HIBERNATING' : withUnknownMembers(value),
  ]);
  return { ...Object.fromEntries(members), member_of_tomorrow: { since: 2027 } };
}

/** Puts `null` where a service leaves out what is not there (SUPABASE.md §5). */
export function withNulls(...names: string[]): (body: unknown) => unknown {
  return (body) =>
    Array.isArray(body)
      ? body.map((item: unknown) => ({ ...(item as object), ...Object.fromEntries(names.map((name) => [name, null])) }))
      : body;
}

/** A functions list of so many, made after the first one. */
export function manyFunctions(count: number): (body: unknown) => unknown {
  return (body) => {
    const [first] = body as Record<string, unknown>[];
    return Array.from({ length: count }, (_, index) => {
      const number = String(index).padStart(12, '0');
      return { ...first, id: `99999999-9999-4999-8999-${number}`, slug: `function-${index}`, name: `function-${index}` };
    });
  };
}
