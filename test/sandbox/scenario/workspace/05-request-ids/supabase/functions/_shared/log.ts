/**
 * One line per event: the words first, the facts as JSON behind them.
 * `request` ties the lines of one request together.
 */
export function log(level: 'info' | 'warn' | 'error', message: string, facts: Record<string, unknown> = {}): void {
  const execution = Deno.env.get('SB_EXECUTION_ID');
  console[level](message, JSON.stringify(execution ? { ...facts, request: execution } : facts));
}
