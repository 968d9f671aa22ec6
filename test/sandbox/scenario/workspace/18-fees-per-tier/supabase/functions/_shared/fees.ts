/** What a mint costs, by the creator's plan. */
const fees: Record<string, { lamports: number }> = {
  starter: { lamports: 20_000_000 },
  studio: { lamports: 15_000_000 },
  enterprise: { lamports: 10_000_000 },
};

/** Lamports for one mint on a plan. */
export function feeFor(plan: string): number {
  return fees[plan].lamports;
}
