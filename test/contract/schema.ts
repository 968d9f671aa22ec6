/** JSON Schema, as much of it as the published contract uses. */

export interface Schema {
  $ref?: string;
  type?: string;
  nullable?: boolean;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  pattern?: string;
  format?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  minItems?: number;
  maxItems?: number;
}

export interface Check {
  /** Resolves `$ref`. */
  definitions: Record<string, Schema>;
  /**
   * For what we say ourselves: a member that the schema does not name is a fault, and where the contract lists values "or
   * any", only the listed ones will do. What others say may have more.
   */
  strict: boolean;
}

/** Faults of a value, each `path: what is wrong`; none where it fits. */
export function faultsOf(schema: Schema, value: unknown, check: Check, path = '$'): string[] {
  if (schema.$ref !== undefined) {
    return faultsOf(definition(schema.$ref, check.definitions), value, check, path);
  }
  if (value === null && (schema.nullable === true || schema.type === 'null')) {
    return [];
  }
  return [
    ...typeFaults(schema, value, path),
    ...literalFaults(schema, value, path),
    ...textFaults(schema, value, path),
    ...numberFaults(schema, value, path),
    ...listFaults(schema, value, check, path),
    ...recordFaults(schema, value, check, path),
    ...choiceFaults(schema, value, check, path),
  ];
}

/** The schema that a `$ref` names. */
export function definition(reference: string, definitions: Record<string, Schema>): Schema {
  const found = definitions[reference.replace('#/components/schemas/', '')];
  if (found === undefined) {
    throw new Error(`the contract has no schema ${reference}`);
  }
  return found;
}

function typeFaults(schema: Schema, value: unknown, path: string): string[] {
  if (schema.type === undefined || isType(schema.type, value)) {
    return [];
  }
  return [`${path}: ${describe(value)} where ${schema.type} is due`];
}

function isType(type: string, value: unknown): boolean {
  switch (type) {
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'array':
      return Array.isArray(value);
    case 'null':
      return value === null;
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

function describe(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}

function literalFaults(schema: Schema, value: unknown, path: string): string[] {
  if (schema.enum !== undefined && !schema.enum.includes(value)) {
    return [`${path}: ${JSON.stringify(value)} is none of ${JSON.stringify(schema.enum)}`];
  }
  return schema.const !== undefined && schema.const !== value ? [`${path}: is not ${JSON.stringify(schema.const)}`] : [];
}

const formats: Record<string, RegExp> = {
  uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
  'date-time': /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/,
  email: /^[^@\s]+@[^@\s]+$/,
  uri: /^[a-z][a-z0-9+.-]*:/i,
};

function textFaults(schema: Schema, value: unknown, path: string): string[] {
  if (typeof value !== 'string') {
    return [];
  }
  const format = schema.format === undefined ? undefined : formats[schema.format];
  return [
    ...(schema.pattern !== undefined && !new RegExp(schema.pattern).test(value)
      ? [`${path}: does not match ${schema.pattern}`]
      : []),
    ...(format !== undefined && !format.test(value) ? [`${path}: is no ${schema.format}`] : []),
    ...bounds(value.length, 'length', schema.minLength, schema.maxLength, path),
  ];
}

function numberFaults(schema: Schema, value: unknown, path: string): string[] {
  if (typeof value !== 'number') {
    return [];
  }
  const tooSmall = schema.exclusiveMinimum !== undefined && value <= schema.exclusiveMinimum;
  return [
    ...bounds(value, 'value', schema.minimum, schema.maximum, path),
    ...(tooSmall ? [`${path}: is not over ${schema.exclusiveMinimum}`] : []),
  ];
}

function bounds(value: number, what: string, least: number | undefined, most: number | undefined, path: string): string[] {
  const fits = value >= (least ?? Number.NEGATIVE_INFINITY) && value <= (most ?? Number.POSITIVE_INFINITY);
  return fits ? [] : [`${path}: ${what} ${value} is out of ${least ?? ''}..${most ?? ''}`];
}

function listFaults(schema: Schema, value: unknown, check: Check, path: string): string[] {
  if (!Array.isArray(value)) {
    return [];
  }
  const { items } = schema;
  return [
    ...bounds(value.length, 'length', schema.minItems, schema.maxItems, path),
    ...(items === undefined ? [] : value.flatMap((item, index) => faultsOf(items, item, check, `${path}[${index}]`))),
  ];
}

function recordFaults(schema: Schema, value: unknown, check: Check, path: string): string[] {
  if (!isType('object', value)) {
    return [];
  }
  const record = value as Record<string, unknown>;
  const missing = (schema.required ?? []).filter((name) => record[name] === undefined);
  return [
    ...missing.map((name) => `${path}.${name}: is missing`),
    ...Object.entries(record).flatMap(([name, member]) => memberFaults(schema, name, member, check, path)),
  ];
}

function memberFaults(schema: Schema, name: string, member: unknown, check: Check, path: string): string[] {
  const known = schema.properties?.[name];
  const { additionalProperties: more } = schema;
  if (known !== undefined) {
    return faultsOf(known, member, check, `${path}.${name}`);
  }
  if (typeof more === 'object' && Object.keys(more).length > 0) {
    return faultsOf(more, member, check, `${path}.${name}`);
  }
  // An object type without named members (a free map) may hold anything.
  const closed = more === false || (check.strict && schema.properties !== undefined);
  return closed ? [`${path}.${name}: is not in the contract`] : [];
}

function choiceFaults(schema: Schema, value: unknown, check: Check, path: string): string[] {
  const faults = (schema.allOf ?? []).flatMap((part) => faultsOf(part, value, check, path));
  for (const choices of [schema.anyOf, schema.oneOf]) {
    if (choices === undefined) {
      continue;
    }
    const tried = strictChoices(choices, check).map((choice) => faultsOf(choice, value, check, path));
    if (tried.every((found) => found.length > 0)) {
      // The alternative that nearly fits says most.
      faults.push(...(tried.sort((a, b) => a.length - b.length)[0] ?? []));
    }
  }
  return faults;
}

/** "A listed value or any" means for our own answers: a listed value. */
function strictChoices(choices: Schema[], check: Check): Schema[] {
  const listed = choices.filter((choice) => Object.keys(choice).length > 0);
  return check.strict && listed.length > 0 ? listed : choices;
}
