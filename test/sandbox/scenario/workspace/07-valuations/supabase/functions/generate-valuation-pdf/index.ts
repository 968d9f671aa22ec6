import { corsHeaders, json, preflight } from '../_shared/cors.ts';
import { log } from '../_shared/log.ts';
import { pdf } from '../_shared/pdf.ts';

interface Valuation {
  vin: string;
  amount: number;
  mileage: number;
}

function isValuation(value: unknown): value is Valuation {
  const { vin, amount, mileage } = (value ?? {}) as Partial<Valuation>;
  return typeof vin === 'string' && vin.length === 17 && Number.isFinite(amount) && Number.isFinite(mileage);
}

Deno.serve(async (request) => {
  const early = preflight(request);
  if (early) return early;
  const valuation: unknown = await request.json().catch(() => undefined);
  if (!isValuation(valuation)) {
    log('warn', 'valuation refused: VIN, amount or mileage missing');
    return json({ error: 'vin (17 characters), amount and mileage are needed' }, 422);
  }
  const report = pdf([
    'Vehicle valuation',
    `VIN ${valuation.vin}`,
    `Mileage ${valuation.mileage} km`,
    `Value ${valuation.amount.toFixed(2)} EUR`,
  ]);
  log('info', 'report written', { vin: valuation.vin, bytes: report.length });
  return new Response(new Uint8Array(report), { headers: { ...corsHeaders, 'Content-Type': 'application/pdf' } });
});
