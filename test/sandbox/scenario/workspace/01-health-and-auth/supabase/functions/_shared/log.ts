export function log(level: 'info' | 'warn' | 'error', message: string, facts: Record<string, unknown> = {}): void {
  console[level](message, JSON.stringify(facts));
}
