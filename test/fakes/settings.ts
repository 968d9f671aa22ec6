import { settings } from '../../src/contributions.ts';
import type { Settings, SettingsSource } from '../../src/host/settings.ts';
import { Emitter } from '../../src/util/event.ts';

/** The defaults, but for what a test says. */
export class FakeSettings implements SettingsSource {
  current: Settings;
  proxy = '';
  private readonly changed = new Emitter<{ readonly previous: Settings; readonly next: Settings }>();
  readonly onDidChange = this.changed.event;

  constructor(own: Partial<Settings> = {}) {
    const defaults = Object.fromEntries(Object.entries(settings).map(([key, setting]) => [key, setting.default]));
    this.current = { ...(defaults as unknown as Settings), ...own };
  }

  set(own: Partial<Settings>): void {
    const previous = this.current;
    this.current = { ...previous, ...own };
    this.changed.fire({ previous, next: this.current });
  }

  dispose(): void {
    this.changed.dispose();
  }
}
