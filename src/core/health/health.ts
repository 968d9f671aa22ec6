/** One service of a project, as `GET /v1/projects/{ref}/health` or its gateway tells. */
export interface ServiceHealth {
  /** `auth`, `db`, `pooler`, `realtime`, `rest`, `storage`, …; unknown members are kept as they come. */
  readonly service: string;
  readonly state: HealthState;
  /** The service's own words when it is not healthy; outside text. */
  readonly error?: string;
}

/** `unknown` is never shown as good. */
export type HealthState = 'ok' | 'warn' | 'critical' | 'unknown';

/** What is not known is graver than what is good. */
export const gravestFirst: readonly HealthState[] = ['critical', 'warn', 'unknown', 'ok'];
