/** Decimal numbers of any length, exactly: what `numeric` and `bigint` print. */
export interface Decimal {
  /** The value is `digits` / 10^`scale`. */
  readonly digits: bigint;
  readonly scale: number;
}

/** `1e9999999` would be a number of ten million digits. */
const longestExponent = 1000;

/** `-12.50`, `1e6`, `.5`; `undefined` for anything else, `NaN` and `Infinity` among it. */
export function parseDecimal(text: string): Decimal | undefined {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,4}))?$/i.exec(text.trim()) ?? [];
  const digits = whole + fraction;
  if (digits === '' || Math.abs(Number(exponent)) > longestExponent) {
    return undefined;
  }
  return normalized(BigInt(`${digits}`) * (sign === '-' ? -1n : 1n), fraction.length - Number(exponent));
}

/** Negative, zero or positive, as `a` is less than, equal to or greater than `b`. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const scale = Math.max(a.scale, b.scale);
  const difference = atScale(a, scale) - atScale(b, scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export function multiply(a: Decimal, b: Decimal): Decimal {
  return { digits: a.digits * b.digits, scale: a.scale + b.scale };
}

export function add(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return { digits: atScale(a, scale) + atScale(b, scale), scale };
}

export function negate({ digits, scale }: Decimal): Decimal {
  return { digits: -digits, scale };
}

/** The nearest number; for words and charts, never for comparing. */
export function toNumber({ digits, scale }: Decimal): number {
  return Number(`${digits}e${-scale}`);
}

/** As it is written, without zeros at the end: `-12.5`. */
export function formatDecimal({ digits, scale }: Decimal): string {
  const magnitude = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0');
  const whole = magnitude.slice(0, magnitude.length - scale);
  const fraction = magnitude.slice(magnitude.length - scale).replace(/0+$/, '');
  return `${digits < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

export function fromInteger(value: number): Decimal {
  return { digits: BigInt(value), scale: 0 };
}

function normalized(digits: bigint, scale: number): Decimal {
  return scale < 0 ? { digits: digits * 10n ** BigInt(-scale), scale: 0 } : { digits, scale };
}

function atScale({ digits, scale }: Decimal, wanted: number): bigint {
  return digits * 10n ** BigInt(wanted - scale);
}
