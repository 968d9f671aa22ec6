import type { Memento, SecretStorage } from 'vscode';
import type { SecretStore, Storage } from '../core/ports.ts';

export function createStorage(memento: Memento): Storage {
  return {
    get: <T>(key: string) => memento.get<T>(key),
    set: async (key, value) => memento.update(key, value),
  };
}

export function createSecretStore(secrets: SecretStorage): SecretStore {
  return {
    get: async (key) => secrets.get(key),
    set: async (key, value) => secrets.store(key, value),
    delete: async (key) => secrets.delete(key),
  };
}
