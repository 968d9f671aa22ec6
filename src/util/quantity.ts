const byteUnits = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

/** In powers of 1024, as Postgres' `pg_size_pretty` counts: `812 bytes`, `9.3 MB`, `128 GB`. */
export function formatBytes(bytes: number): string {
  const power = Math.min(byteUnits.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)));
  return `${rounded(bytes / 1024 ** power)} ${byteUnits[power] ?? ''}`;
}

/** `0.4 s`, `12 s`, `5 min`, `3.5 h`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 120) {
    return `${rounded(seconds)} s`;
  }
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${rounded(seconds / 3600)} h`;
}

/** One decimal where it tells something. */
function rounded(value: number): number {
  return value < 10 ? Math.round(value * 10) / 10 : Math.round(value);
}
