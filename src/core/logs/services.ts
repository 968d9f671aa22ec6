import { l10n } from '../../util/l10n.ts';
import { logSources, type LogService } from './log.ts';

export const allServices = Object.keys(logSources) as LogService[];

/** What a function prints, and its calls. */
export const functionServices: readonly LogService[] = ['functions', 'invocations'];

export function serviceWords(service: LogService): string {
  switch (service) {
    case 'functions':
      return l10n.t('consoles of functions');
    case 'invocations':
      return l10n.t('calls of functions');
    case 'postgres':
      return 'Postgres';
    case 'auth':
      return 'Auth';
    case 'authAudit':
      return l10n.t('Auth audit');
    case 'api':
      return l10n.t('API gateway');
    case 'rest':
      return 'REST';
    case 'storage':
      return 'Storage';
    case 'realtime':
      return 'Realtime';
    case 'pooler':
      return l10n.t('Pooler');
    default:
      return service satisfies never;
  }
}

/** Rows of the Health view that have logs of their own. */
const ofHealthRow: Readonly<Record<string, readonly LogService[]>> = {
  database: ['postgres'],
  db: ['postgres'],
  auth: ['auth'],
  rest: ['rest'],
  storage: ['storage'],
  realtime: ['realtime'],
  pooler: ['pooler'],
  pg_bouncer: ['pooler'],
  functions: functionServices,
};

/** The name of their tail, see `TailKey`. */
export function serviceTailKey(services: readonly LogService[]): string {
  return `service ${isEverything(services) ? '*' : services.join(' ')}`;
}

export function isEverything(services: readonly LogService[]): boolean {
  return allServices.every((service) => services.includes(service));
}

/** Whether a row of the Health view shows a tail of this name. */
export function hasHealthRow(key: string): boolean {
  return Object.values(ofHealthRow).some((services) => serviceTailKey(services) === key);
}

/** `undefined` for a row without logs. */
export function servicesOfHealthRow(id: string): readonly LogService[] | undefined {
  return ofHealthRow[id];
}
